// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.RegistryHttpClient.Answer;
import io.systole.client.net.Backoff;
import io.systole.client.time.Clock;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Applications;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the copy current. Everything here runs on the mirror's thread. */
final class MirrorLoop {
  /*
   * A round ends with a good answer, or with every server asked once. One request is under way at a
   * time, beside the stream.
   *
   *     rest --timer--> full ----------------> rest, and from there the stream, where there is one
   *              \----> delta --unequal hash--> full
   *                          \--410, refused--> full
   *     full, delta --failure--> full at the next server; after the last: rest, backing off
   *     full --lacks too much--> joined to the copy, full at the next server
   *     stream --over--> rest, soon
   *
   * With versions nothing can be missed and nothing goes backwards: a delta tells all after the
   * copy's version, the stream goes on from there, and what is no newer than the copy is passed
   * over. Without them a delta is only asked for while the server surely still tells all that was
   * missed; else, and from any other server, everything is fetched.
   */

  private static final Logger log = LoggerFactory.getLogger(MirrorLoop.class);

  /** Servers forget what is older than three minutes, if they are left as they come (spec §4.3). */
  private static final long DELTA_AGE_MS_MAX = 150_000;

  /** After a refusal of deltas, so many fulls pass before the next is asked for. */
  private static final int FULLS_PER_REFUSAL = 10;

  /** Longest wait between two fulls because of unequal hash codes. */
  private static final long SEND_MODE_MS_MAX = 600_000;

  private final MirrorServerSelector servers;
  private final MirrorConfig config;
  private final Clock clock;
  private final SnapshotHolder snapshotHolder;
  private final MirrorCounters counters;
  private final ScheduledExecutorService thread;
  private final RegistryHttpClient wire;
  private final MassLossGuard losses;
  private final MirrorReadiness ready;
  private final SplittableRandom random = new SplittableRandom();
  private final StreamController streaming;
  private final Backoff retries;
  private final Backoff reconciles;
  private final JsonCodec codec = new JsonCodec();

  private List<CompletableFuture<Void>> waiters = new ArrayList<>();
  private @Nullable ScheduledFuture<?> timer;
  private boolean isBusy;
  private boolean isFailing;
  private String lastFailure = "";
  private boolean isRequestedAgain;
  private boolean isDoubtedThisRound;

  /** Answers of this round that no registry gives, at most one of each server. */
  private final List<String> foreign = new ArrayList<>();

  private boolean isUnequal;
  private int fullsToGo;

  /** The copy that a full answer made, and that answer's tag: while it lies there, 304 is right. */
  private @Nullable RegistrySnapshot fullSnapshot;

  private @Nullable String fullTag;
  private @Nullable String deltaTag;
  private long reconcileNotBeforeNs;

  /** When a server last told everything up to then. */
  private long followedNs;

  MirrorLoop(
      MirrorServerSelector servers,
      MirrorConfig config,
      Clock clock,
      SnapshotHolder snapshotHolder,
      MirrorCounters counters,
      ScheduledExecutorService thread,
      RegistryHttpClient wire,
      MirrorReadiness ready) {
    this.servers = servers;
    this.config = config;
    this.clock = clock;
    this.snapshotHolder = snapshotHolder;
    this.counters = counters;
    this.thread = thread;
    this.wire = wire;
    this.ready = ready;
    this.losses = new MassLossGuard(
        config.lossShareMax(),
        config.lossCountMax(),
        config.lossHoldMs(),
        Math.max(config.lossHoldMs(), 10L * config.intervalMs()),
        clock);
    this.retries = new Backoff(config.retryMinMs(), config.retryMaxMs(), random);
    this.streaming = new StreamController(
        config, clock, snapshotHolder, counters, wire, random, this::streamLost);
    this.reconciles =
        new Backoff(Math.min(config.intervalMs(), SEND_MODE_MS_MAX), SEND_MODE_MS_MAX, random);
    this.reconcileNotBeforeNs = clock.monotonicNs();
  }

  // ---------------------------------------------------------------- rounds

  /** Asks the servers now; the future completes when the round that then begins is over. */
  void refresh(CompletableFuture<Void> over) {
    waiters.add(over);
    if (isBusy) {
      // Which may be past what the caller wants to see: another round follows.
      isRequestedAgain = true;
    } else {
      beginRound();
    }
  }

  private void beginRound() {
    if (timer != null) {
      timer.cancel(false);
    }
    isBusy = true;
    isDoubtedThisRound = false;
    foreign.clear();
    wire.renew();
    servers.beginRound();
    ask();
  }

  private void ask() {
    if (!servers.seek()) {
      fail();
    } else if (isFullDue()) {
      fetchFull();
    } else {
      fetchDelta();
    }
  }

  private void fail() {
    if (isDoubtedThisRound) {
      rest(intervalMs());
      return;
    }
    if (!isFailing) {
      isFailing = true;
      log.warn(
          "no server answers as it should, the mirror keeps what it has ageMs={} last={}",
          snapshotHolder.ageMs(),
          lastFailure);
    }
    if (foreign.size() == servers.count()) {
      ready.fail(new IOException("no server is a registry: " + String.join("; ", foreign)));
    }
    rest(Math.max(retries.nextMs(), servers.waitMs()));
  }

  private void succeed() {
    if (isFailing) {
      isFailing = false;
      log.info("mirror is current again server={}", servers.current());
    }
    retries.reset();
    rest(
        streaming.open()
            ? config.streamCheckMs()
            : Math.min(intervalMs(), streaming.untilOpenMs()));
  }

  /** Whatever was missed is asked for soon, and then the stream is opened again. */
  private void streamLost(long waitMs) {
    if (!isBusy) {
      schedule(Math.min(waitMs, intervalMs()));
    }
  }

  private void rest(long waitMs) {
    isBusy = false;
    if (isRequestedAgain) {
      isRequestedAgain = false;
      beginRound();
      return;
    }
    schedule(waitMs);
    List<CompletableFuture<Void>> over = waiters;
    waiters = new ArrayList<>();
    over.forEach(waiter -> waiter.complete(null));
  }

  private void schedule(long waitMs) {
    if (timer != null) {
      timer.cancel(false);
    }
    timer = thread.schedule(guarded(this::beginRound), waitMs, TimeUnit.MILLISECONDS);
  }

  /** Up to a fifth less, so that mirrors which were started together part. */
  private long intervalMs() {
    return config.intervalMs() - random.nextLong(config.intervalMs() / 5 + 1);
  }

  // ---------------------------------------------------------------- fulls

  private boolean isFullDue() {
    if (!servers.current().equals(snapshotHolder.source()) || fullsToGo > 0) {
      return true;
    }
    if (isUnequal && mayReconcile()) {
      return true;
    }
    boolean isVersioned = snapshotHolder.snapshot().version() != RegistrySnapshot.NO_VERSION;
    long ageMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - followedNs);
    return !isVersioned && ageMs > DELTA_AGE_MS_MAX;
  }

  private void fetchFull() {
    streaming.close();
    deltaTag = null;
    if (fullsToGo > 0) {
      fullsToGo--;
    }
    boolean isHeld = fullSnapshot == snapshotHolder.snapshot()
        && servers.current().equals(snapshotHolder.source());
    take(wire.get(servers.current(), "/apps", isHeld ? fullTag : null), response -> {
      if (response.isNotModified() && isHeld) {
        counters.unchanged.incrementAndGet();
        confirm();
      } else if (response.isOk()) {
        takeFull(response);
      } else {
        refused(response);
      }
    });
  }

  private void takeFull(Answer response) throws MalformedDocumentException {
    RegistrySnapshot next = SnapshotBuilder.of(document(response), response.version());
    RegistrySnapshot held = snapshotHolder.snapshot();
    counters.fulls.incrementAndGet();
    if (!losses.isBelieved(held.size(), SnapshotBuilder.lost(held, next))) {
      doubt(held, next);
      return;
    }
    if (snapshotHolder.isDoubted()) {
      log.info("full answer is believed server={} instances={}", servers.current(), next.size());
    }
    snapshotHolder.replace(next, servers.current());
    fullSnapshot = next;
    fullTag = response.tag();
    followedNs = clock.monotonicNs();
    isUnequal = false;
    ready.complete();
    succeed();
  }

  private void doubt(RegistrySnapshot held, RegistrySnapshot next) {
    counters.doubts.incrementAndGet();
    if (!snapshotHolder.isDoubted()) {
      log.warn(
          "full answer is doubted, what it lacks is kept server={} instances={} held={}"
              + " lossShareMax={} lossHoldMs={}",
          servers.current(),
          next.size(),
          held.size(),
          config.lossShareMax(),
          config.lossHoldMs());
    }
    snapshotHolder.join(next);
    isDoubtedThisRound = true;
    servers.skip();
    ask();
  }

  // ---------------------------------------------------------------- deltas

  private void fetchDelta() {
    long version = snapshotHolder.snapshot().version();
    boolean isVersioned = version != RegistrySnapshot.NO_VERSION;
    String path = isVersioned ? "/apps/delta?since=" + version : "/apps/delta";
    String tag = isVersioned ? null : deltaTag;
    take(wire.get(servers.current(), path, tag), response -> {
      if (response.isNotModified() && tag != null) {
        counters.unchanged.incrementAndGet();
        confirm();
        return;
      }
      switch (response.status()) {
        case 200 -> takeDelta(response);
        // It can't tell any more what followed the copy's version.
        case 410 -> fetchFull();
        case 403, 404, 405, 501 -> {
          fullsToGo = FULLS_PER_REFUSAL;
          fetchFull();
        }
        default -> refused(response);
      }
    });
  }

  private void takeDelta(Answer response) throws MalformedDocumentException {
    Applications delta = document(response);
    counters.deltas.incrementAndGet();
    RegistrySnapshot held = snapshotHolder.snapshot();
    boolean isVersioned = response.version() != RegistrySnapshot.NO_VERSION;
    if (isVersioned && response.version() < held.version()) {
      // The stream has brought more meanwhile; this would lead back.
      succeed();
      return;
    }
    if (!isVersioned || response.version() > held.version()) {
      SnapshotHolder.SnapshotUpdate draft = snapshotHolder.draft();
      draft.changes().applyAll(delta);
      draft.publish(response.version());
    }
    followedNs = clock.monotonicNs();
    if (snapshotHolder.snapshot().appsHashCode().equals(delta.appsHashCode())) {
      deltaTag = response.tag();
      confirm();
    } else {
      reconcile(delta.appsHashCode());
    }
  }

  private void confirm() {
    isUnequal = false;
    reconciles.reset();
    followedNs = clock.monotonicNs();
    snapshotHolder.confirm();
    succeed();
  }

  private void reconcile(String theirs) {
    counters.mismatches.incrementAndGet();
    log.debug(
        "unequal hash codes, ours={} theirs={}", snapshotHolder.snapshot().appsHashCode(), theirs);
    deltaTag = null;
    isUnequal = true;
    if (mayReconcile()) {
      fetchFull();
    } else {
      succeed();
    }
  }

  /** A server that counts otherwise than it tells must not be asked for everything each time. */
  private boolean mayReconcile() {
    long nowNs = clock.monotonicNs();
    if (nowNs - reconcileNotBeforeNs < 0) {
      return false;
    }
    reconcileNotBeforeNs = nowNs + TimeUnit.MILLISECONDS.toNanos(reconciles.nextMs());
    return true;
  }

  // ---------------------------------------------------------------- answers

  private interface ResponseHandler {
    void take(Answer response) throws MalformedDocumentException;
  }

  private void take(CompletableFuture<Answer> requested, ResponseHandler callback) {
    requested.whenCompleteAsync(
        (response, failure) -> {
          if (failure != null) {
            failed(wire.reason(failure));
            return;
          }
          try {
            callback.take(response);
          } catch (MalformedDocumentException broken) {
            foreign.add(servers.current() + "/apps: " + broken.getMessage());
            failed(broken.toString());
          } catch (RuntimeException | Error defect) {
            // An error too, lest the round never ends: it may be a document too large for the heap.
            log.error("defect while taking an answer status={}", response.status(), defect);
            failed(defect.toString());
          }
        },
        thread);
  }

  private Applications document(Answer response) throws MalformedDocumentException {
    return codec.decodeApplications(response.body(), 0, response.body().length, clock.wallMs());
  }

  private void refused(Answer response) {
    if (response.retryAfterMs() > 0) {
      servers.avoid(response.retryAfterMs());
    } else if (response.isOfNoRegistry()) {
      foreign.add(servers.current() + "/apps: status " + response.status());
    }
    failed("status " + response.status());
  }

  private void failed(String reason) {
    counters.failures.incrementAndGet();
    lastFailure = servers.current() + ": " + reason;
    log.debug("no answer from server={} reason={}", servers.current(), reason);
    fullsToGo = 0;
    servers.skip();
    ask();
  }

  // ---------------------------------------------------------------- the end

  /** Ends all; whoever waits is told so. */
  void close() {
    streaming.close();
    wire.close();
    if (timer != null) {
      timer.cancel(false);
    }
    CancellationException closed = new CancellationException("the mirror is closed");
    ready.close(closed);
    waiters.forEach(waiter -> waiter.completeExceptionally(closed));
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException defect) {
        log.error("defect in the mirror", defect);
      }
    };
  }
}
