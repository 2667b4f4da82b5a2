// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.RegistryHttpClient.RegistryResponse;
import io.systole.client.net.Backoff;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop that keeps the snapshot current. Confined to the mirror's thread. */
final class MirrorLoop {
  /*
   * A round ends with a valid response, or after every server was tried once. One request is in
   * flight at a time, in addition to the stream.
   *
   *     idle --timer--> full ----------------> idle, then the stream, if there is one
   *              \----> delta --unequal hash--> full
   *                          \--410, refused--> full
   *     full, delta --failure--> full at the next server; after the last: idle, backing off
   *     full --mass loss--> merged into the snapshot, full at the next server
   *     stream --ended--> idle, briefly
   *
   * With versions no change is missed and the snapshot never goes back: a delta contains all
   * changes after the snapshot's version, the stream continues from there, and older changes are
   * ignored. Without versions a delta is requested only while the server is certain to retain all
   * changes since the last one; otherwise, and from any other server, the full registry is fetched.
   */

  private static final Logger log = LoggerFactory.getLogger(MirrorLoop.class);

  private final MirrorServerSelector servers;
  private final MirrorConfig config;
  private final Clock clock;
  private final SnapshotHolder snapshotHolder;
  private final MirrorCounters counters;
  private final ScheduledExecutorService thread;
  private final RegistryHttpClient http;
  private final MassLossGuard massLossGuard;
  private final MirrorReadiness ready;
  private final SplittableRandom random = new SplittableRandom();
  private final StreamController stream;
  private final Backoff retries;
  private final FullFetchPolicy fullFetches;
  private final MirrorRounds rounds;
  private final MemberRefresh members;
  private final JsonCodec codec = new JsonCodec();

  private boolean isFailing;
  private String lastFailure = "";
  private boolean hasMassLoss;

  /** Responses of this round that cannot come from a registry, at most one per server. */
  private final List<String> nonRegistryResponses = new ArrayList<>();

  /**
   * The snapshot of the last full response and its entity tag; 304 is valid while it is current.
   */
  private @Nullable RegistrySnapshot fullSnapshot;

  private @Nullable String fullTag;
  private @Nullable String deltaTag;

  MirrorLoop(
      MirrorServerSelector servers,
      MirrorConfig config,
      Clock clock,
      SnapshotHolder snapshotHolder,
      MirrorCounters counters,
      ScheduledExecutorService thread,
      RegistryHttpClient http,
      MirrorReadiness ready) {
    this.servers = servers;
    this.config = config;
    this.clock = clock;
    this.snapshotHolder = snapshotHolder;
    this.counters = counters;
    this.thread = thread;
    this.http = http;
    this.ready = ready;
    this.massLossGuard = new MassLossGuard(
        config.lossShareMax(),
        config.lossCountMax(),
        config.lossAcceptDelayMs(),
        Math.max(config.lossAcceptDelayMs(), 10L * config.intervalMs()),
        clock);
    this.retries = new Backoff(config.retryMinMs(), config.retryMaxMs(), random);
    this.stream = new StreamController(
        config, clock, snapshotHolder, counters, http, random, this::streamLost);
    this.fullFetches = new FullFetchPolicy(config.intervalMs(), clock, random);
    this.rounds = new MirrorRounds(thread, this::beginRound);
    this.members = new MemberRefresh(config, snapshotHolder, servers, thread, http, random);
  }

  // Rounds.

  /** Starts a round; the future completes when it has ended. */
  void refresh(CompletableFuture<Void> done) {
    rounds.refresh(done);
  }

  private void beginRound() {
    hasMassLoss = false;
    nonRegistryResponses.clear();
    http.renew();
    servers.beginRound();
    tryNextServer();
  }

  private void tryNextServer() {
    if (!servers.findAvailable()) {
      fail();
    } else if (isFullDue()) {
      fetchFull();
    } else {
      fetchDelta();
    }
  }

  private void fail() {
    if (hasMassLoss) {
      rounds.end(intervalMs());
      return;
    }
    if (!isFailing) {
      isFailing = true;
      log.warn(
          "no server available, keeping the last snapshot ageMs={} last={}",
          snapshotHolder.ageMs(),
          lastFailure);
    }
    if (nonRegistryResponses.size() == servers.count()) {
      ready.fail(
          new IOException("no server is a registry: " + String.join("; ", nonRegistryResponses)));
    }
    rounds.end(Math.max(retries.nextMs(), servers.waitMs()));
  }

  private void succeed() {
    if (isFailing) {
      isFailing = false;
      log.info("mirror is current again server={}", servers.current());
    }
    retries.reset();
    members.succeeded();
    rounds.end(
        stream.open() ? config.streamCheckMs() : Math.min(intervalMs(), stream.untilOpenMs()));
  }

  /** Schedules a delta for the missed changes, after which the stream is reopened. */
  private void streamLost(long waitMs) {
    rounds.scheduleIfIdle(Math.min(waitMs, intervalMs()));
  }

  /** Returns the interval less up to a fifth, so that mirrors started together drift apart. */
  private long intervalMs() {
    return config.intervalMs() - random.nextLong(config.intervalMs() / 5 + 1);
  }

  // Full registry.

  private boolean isFullDue() {
    boolean isVersioned = snapshotHolder.snapshot().version() != RegistrySnapshot.NO_VERSION;
    return !servers.current().equals(snapshotHolder.source()) || fullFetches.isFullDue(isVersioned);
  }

  private void fetchFull() {
    stream.close();
    deltaTag = null;
    fullFetches.fullRequested();
    boolean isHeld = fullSnapshot == snapshotHolder.snapshot()
        && servers.current().equals(snapshotHolder.source());
    handle(http.get(servers.current(), "/apps", isHeld ? fullTag : null), response -> {
      if (response.isNotModified() && isHeld) {
        counters.unchanged.incrementAndGet();
        confirm();
      } else if (response.isOk()) {
        handleFull(response);
      } else {
        refused(response);
      }
    });
  }

  private void handleFull(RegistryResponse response) throws MalformedDocumentException {
    RegistrySnapshot next = SnapshotBuilder.of(document(response), response.version());
    RegistrySnapshot known = snapshotHolder.snapshot();
    counters.fulls.incrementAndGet();
    if (!massLossGuard.isAccepted(known.size(), SnapshotBuilder.lost(known, next))) {
      keepMissing(known, next);
      return;
    }
    if (snapshotHolder.isDoubted()) {
      log.info(
          "full response accepted after repeated loss server={} instances={}",
          servers.current(),
          next.size());
    }
    snapshotHolder.replace(next, servers.current());
    fullSnapshot = next;
    fullTag = response.tag();
    fullFetches.fullAccepted();
    ready.complete();
    succeed();
  }

  private void keepMissing(RegistrySnapshot known, RegistrySnapshot next) {
    counters.massLosses.incrementAndGet();
    if (!snapshotHolder.isDoubted()) {
      log.warn(
          "full response lacks many instances, keeping them server={} instances={} known={}"
              + " lossShareMax={} lossAcceptDelayMs={}",
          servers.current(),
          next.size(),
          known.size(),
          config.lossShareMax(),
          config.lossAcceptDelayMs());
    }
    snapshotHolder.merge(next);
    hasMassLoss = true;
    servers.skip();
    tryNextServer();
  }

  // Deltas.

  private void fetchDelta() {
    long version = snapshotHolder.snapshot().version();
    boolean isVersioned = version != RegistrySnapshot.NO_VERSION;
    String path = isVersioned ? "/apps/delta?since=" + version : "/apps/delta";
    String tag = isVersioned ? null : deltaTag;
    handle(http.get(servers.current(), path, tag), response -> {
      if (response.isNotModified() && tag != null) {
        counters.unchanged.incrementAndGet();
        confirm();
        return;
      }
      switch (response.status()) {
        case 200 -> handleDelta(response);
        // The server no longer retains the changes since that version.
        case 410 -> fetchFull();
        case 403, 404, 405, 501 -> {
          fullFetches.deltaRefused();
          fetchFull();
        }
        default -> refused(response);
      }
    });
  }

  private void handleDelta(RegistryResponse response) throws MalformedDocumentException {
    Applications delta = document(response);
    counters.deltas.incrementAndGet();
    RegistrySnapshot known = snapshotHolder.snapshot();
    boolean isVersioned = response.version() != RegistrySnapshot.NO_VERSION;
    if (isVersioned && response.version() < known.version()) {
      // The stream has already delivered newer changes.
      succeed();
      return;
    }
    if (!isVersioned || response.version() > known.version()) {
      SnapshotHolder.SnapshotUpdate update = snapshotHolder.update();
      update.builder().applyAll(delta);
      update.publish(response.version());
    }
    fullFetches.deltaApplied();
    if (snapshotHolder.snapshot().appsHashCode().equals(delta.appsHashCode())) {
      deltaTag = response.tag();
      confirm();
    } else {
      reconcile(delta.appsHashCode());
    }
  }

  private void confirm() {
    fullFetches.confirmed();
    snapshotHolder.confirm();
    succeed();
  }

  private void reconcile(String theirs) {
    counters.mismatches.incrementAndGet();
    log.debug(
        "unequal hash codes mirror={} server={}", snapshotHolder.snapshot().appsHashCode(), theirs);
    deltaTag = null;
    if (fullFetches.differs()) {
      fetchFull();
    } else {
      succeed();
    }
  }

  // Responses.

  private interface ResponseHandler {
    void handle(RegistryResponse response) throws MalformedDocumentException;
  }

  private void handle(CompletableFuture<RegistryResponse> requested, ResponseHandler handler) {
    requested.whenCompleteAsync(
        (response, failure) -> {
          if (failure != null) {
            failed(http.reason(failure));
            return;
          }
          try {
            handler.handle(response);
          } catch (MalformedDocumentException broken) {
            nonRegistryResponses.add(servers.current() + "/apps: " + broken.getMessage());
            failed(broken.toString());
          } catch (RuntimeException | Error defect) {
            // Includes OutOfMemoryError for a large document; the round must end.
            log.error(
                "unexpected failure in a response handler status={}", response.status(), defect);
            failed(defect.toString());
          }
        },
        thread);
  }

  private Applications document(RegistryResponse response) throws MalformedDocumentException {
    return codec.decodeApplications(response.body(), 0, response.body().length, clock.wallMs());
  }

  private void refused(RegistryResponse response) {
    if (response.retryAfterMs() > 0) {
      servers.avoid(response.retryAfterMs());
    } else if (response.isNotFromRegistry()) {
      nonRegistryResponses.add(servers.current() + "/apps: status " + response.status());
    }
    failed("status " + response.status());
  }

  private void failed(String reason) {
    counters.failures.incrementAndGet();
    lastFailure = servers.current() + ": " + reason;
    log.debug("request failed server={} reason={}", servers.current(), reason);
    fullFetches.failed();
    servers.skip();
    tryNextServer();
  }

  // Close.

  /** Closes everything and fails all pending futures. */
  void close() {
    stream.close();
    members.close();
    http.close();
    CancellationException closed = new CancellationException("the mirror is closed");
    ready.close(closed);
    rounds.close(closed);
  }
}
