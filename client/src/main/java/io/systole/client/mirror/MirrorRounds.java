// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rounds of a mirror: one at a time, each begun by a timer or on request. Confined to the
 * mirror's thread.
 */
final class MirrorRounds {
  private static final Logger log = LoggerFactory.getLogger(MirrorRounds.class);

  private final ScheduledExecutorService thread;
  private final Runnable round;

  private List<CompletableFuture<Void>> waiters = new ArrayList<>();
  private @Nullable ScheduledFuture<?> timer;
  private boolean isRunning;
  private boolean isRefreshPending;

  /** @param round begins a round, which calls {@link #end} once */
  MirrorRounds(ScheduledExecutorService thread, Runnable round) {
    this.thread = thread;
    this.round = round;
  }

  /** Begins a round now, or after the current one; the future completes when it has ended. */
  void refresh(CompletableFuture<Void> done) {
    waiters.add(done);
    if (isRunning) {
      // The current round may have missed recent changes.
      isRefreshPending = true;
    } else {
      begin();
    }
  }

  private void begin() {
    stopTimer();
    isRunning = true;
    round.run();
  }

  /** Ends the current round; the next begins after the delay, or at once if one was requested. */
  void end(long waitMs) {
    isRunning = false;
    if (isRefreshPending) {
      isRefreshPending = false;
      begin();
      return;
    }
    schedule(waitMs);
    List<CompletableFuture<Void>> done = waiters;
    waiters = new ArrayList<>();
    done.forEach(waiter -> waiter.complete(null));
  }

  /** Begins the next round after this delay, unless one is running. */
  void scheduleIfIdle(long waitMs) {
    if (!isRunning) {
      schedule(waitMs);
    }
  }

  private void schedule(long waitMs) {
    stopTimer();
    timer = thread.schedule(this::beginScheduled, waitMs, TimeUnit.MILLISECONDS);
  }

  private void beginScheduled() {
    try {
      begin();
    } catch (RuntimeException defect) {
      // The scheduler would discard the exception.
      log.error("unexpected failure in the mirror", defect);
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** Begins no further round and fails all pending futures. */
  void close(Throwable cause) {
    stopTimer();
    waiters.forEach(waiter -> waiter.completeExceptionally(cause));
  }
}
