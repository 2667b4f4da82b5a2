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
  private static final long PACE_MS_MAX = 600_000;

  private final MirrorServerSelector servers;
  private final MirrorConfig config;
  private final Clock clock;
  private final SnapshotHolder shelf;
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
  private boolean isAskedAgain;
  private boolean isDoubtedThisRound;

  /** Answers of this round that no registry gives, at most one of each server. */
  private final List<String> foreign = new ArrayList<>();

  private boolean isUnequal;
  private int fullsToGo;

  /** The copy that a full answer made, and that answer's tag: while it lies there, 304 is right. */
  private @Nullable RegistrySnapshot fullCopy;

  private @Nullable String fullTag;
  private @Nullable String deltaTag;
  private long reconcileNotBeforeNs;

  /** When a server last told everything up to then. */
  private long followedNs;

  MirrorLoop(
      MirrorServerSelector servers,
      MirrorConfig config,
      Clock clock,
      SnapshotHolder shelf,
      MirrorCounters counters,
      ScheduledExecutorService thread,
      RegistryHttpClient wire,
      MirrorReadiness ready) {
    this.servers = servers;
    this.config = config;
    this.clock = clock;
    this.shelf = shelf;
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
    this.streaming =
        new StreamController(config, clock, shelf, counters, wire, random, this::streamLost);
    this.reconciles = new Backoff(Math.min(config.intervalMs(), PACE_MS_MAX), PACE_MS_MAX, random);
    this.reconcileNotBeforeNs = clock.monotonicNs();
  }

  // ---------------------------------------------------------------- rounds

  /** Asks the servers now; the future completes when the round that then begins is over. */
  void refresh(CompletableFuture<Void> over) {
    waiters.add(over);
    if (isBusy) {
      // Which may be past what the caller wants to see: another round follows.
      isAskedAgain = true;
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
          shelf.ageMs(),
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
    if (isAskedAgain) {
      isAskedAgain = false;
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
    if (!servers.current().equals(shelf.source()) || fullsToGo > 0) {
      return true;
    }
    if (isUnequal && mayReconcile()) {
      return true;
    }
    boolean isVersioned = shelf.copy().version() != RegistrySnapshot.NO_VERSION;
    long ageMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - followedNs);
    return !isVersioned && ageMs > DELTA_AGE_MS_MAX;
  }

  private void fetchFull() {
    streaming.close();
    deltaTag = null;
    if (fullsToGo > 0) {
      fullsToGo--;
    }
    boolean isHeld = fullCopy == shelf.copy() && servers.current().equals(shelf.source());
    take(wire.get(servers.current(), "/apps", isHeld ? fullTag : null), answer -> {
      if (answer.isNotModified() && isHeld) {
        counters.unchanged.incrementAndGet();
        confirm();
      } else if (answer.isOk()) {
        takeFull(answer);
      } else {
        refused(answer);
      }
    });
  }

  private void takeFull(Answer answer) throws MalformedDocumentException {
    RegistrySnapshot next = SnapshotBuilder.of(document(answer), answer.version());
    RegistrySnapshot held = shelf.copy();
    counters.fulls.incrementAndGet();
    if (!losses.isBelieved(held.size(), SnapshotBuilder.lost(held, next))) {
      doubt(held, next);
      return;
    }
    if (shelf.isDoubted()) {
      log.info("full answer is believed server={} instances={}", servers.current(), next.size());
    }
    shelf.replace(next, servers.current());
    fullCopy = next;
    fullTag = answer.tag();
    followedNs = clock.monotonicNs();
    isUnequal = false;
    ready.complete();
    succeed();
  }

  private void doubt(RegistrySnapshot held, RegistrySnapshot next) {
    counters.doubts.incrementAndGet();
    if (!shelf.isDoubted()) {
      log.warn(
          "full answer is doubted, what it lacks is kept server={} instances={} held={}"
              + " lossShareMax={} lossHoldMs={}",
          servers.current(),
          next.size(),
          held.size(),
          config.lossShareMax(),
          config.lossHoldMs());
    }
    shelf.join(next);
    isDoubtedThisRound = true;
    servers.skip();
    ask();
  }

  // ---------------------------------------------------------------- deltas

  private void fetchDelta() {
    long version = shelf.copy().version();
    boolean isVersioned = version != RegistrySnapshot.NO_VERSION;
    String path = isVersioned ? "/apps/delta?since=" + version : "/apps/delta";
    String tag = isVersioned ? null : deltaTag;
    take(wire.get(servers.current(), path, tag), answer -> {
      if (answer.isNotModified() && tag != null) {
        counters.unchanged.incrementAndGet();
        confirm();
        return;
      }
      switch (answer.status()) {
        case 200 -> takeDelta(answer);
        // It can't tell any more what followed the copy's version.
        case 410 -> fetchFull();
        case 403, 404, 405, 501 -> {
          fullsToGo = FULLS_PER_REFUSAL;
          fetchFull();
        }
        default -> refused(answer);
      }
    });
  }

  private void takeDelta(Answer answer) throws MalformedDocumentException {
    Applications delta = document(answer);
    counters.deltas.incrementAndGet();
    RegistrySnapshot held = shelf.copy();
    boolean isVersioned = answer.version() != RegistrySnapshot.NO_VERSION;
    if (isVersioned && answer.version() < held.version()) {
      // The stream has brought more meanwhile; this would lead back.
      succeed();
      return;
    }
    if (!isVersioned || answer.version() > held.version()) {
      SnapshotHolder.SnapshotUpdate draft = shelf.draft();
      draft.changes().applyAll(delta);
      draft.publish(answer.version());
    }
    followedNs = clock.monotonicNs();
    if (shelf.copy().appsHashCode().equals(delta.appsHashCode())) {
      deltaTag = answer.tag();
      confirm();
    } else {
      reconcile(delta.appsHashCode());
    }
  }

  private void confirm() {
    isUnequal = false;
    reconciles.reset();
    followedNs = clock.monotonicNs();
    shelf.confirm();
    succeed();
  }

  private void reconcile(String theirs) {
    counters.mismatches.incrementAndGet();
    log.debug("unequal hash codes, ours={} theirs={}", shelf.copy().appsHashCode(), theirs);
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
    void take(Answer answer) throws MalformedDocumentException;
  }

  private void take(CompletableFuture<Answer> asked, ResponseHandler taker) {
    asked.whenCompleteAsync(
        (answer, failure) -> {
          if (failure != null) {
            failed(wire.reason(failure));
            return;
          }
          try {
            taker.take(answer);
          } catch (MalformedDocumentException broken) {
            foreign.add(servers.current() + "/apps: " + broken.getMessage());
            failed(broken.toString());
          } catch (RuntimeException | Error defect) {
            // An error too, lest the round never ends: it may be a document too large for the heap.
            log.error("defect while taking an answer status={}", answer.status(), defect);
            failed(defect.toString());
          }
        },
        thread);
  }

  private Applications document(Answer answer) throws MalformedDocumentException {
    return codec.decodeApplications(answer.body(), 0, answer.body().length, clock.wallMs());
  }

  private void refused(Answer answer) {
    if (answer.retryAfterMs() > 0) {
      servers.avoid(answer.retryAfterMs());
    } else if (answer.isOfNoRegistry()) {
      foreign.add(servers.current() + "/apps: status " + answer.status());
    }
    failed("status " + answer.status());
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
