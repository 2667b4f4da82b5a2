// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timer of one event loop, which also measures the loop's lag. Confined to the loop, except
 * {@link #start} and {@link #lagNs}.
 */
final class LoopTimer {
  /*
   *     every TICK_MS --no input in the interval, nothing due--> every IDLE_TICK_MS
   *     every TICK_MS <--input, or something due before the next tick-- every IDLE_TICK_MS
   *
   * So an idle loop hardly wakes up. The lag is that of the timer against the time at which it is
   * due, at either interval.
   */

  private static final Logger LOG = LoggerFactory.getLogger(LoopTimer.class);

  static final long TICK_MS = 100;

  /** The interval while the loop is idle: the period of {@link #lagNs}. */
  static final long IDLE_TICK_MS = 1_000;

  private static final long LAG_PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(IDLE_TICK_MS);

  private final EventLoop loop;
  private final Clock clock;
  private final LongConsumer task;
  private final LongPredicate isNothingDueBefore;

  /** True from the first input after a tick until the next tick. */
  private boolean hasInput;

  private boolean isIdle;

  /** The next tick; null before the first. */
  private @Nullable ScheduledFuture<?> next;

  /** Monotonic. */
  private long lagPeriodBeganNs;

  // Written by the loop, read by any thread.
  private volatile long dueNs;
  private volatile long lagThisPeriodNs;
  private volatile long lagNs;

  /**
   * @param task called at each tick with its time, monotonic ns
   * @param isNothingDueBefore tests whether nothing but input needs a tick before this time,
   *     monotonic ns; called after the task
   */
  LoopTimer(EventLoop loop, Clock clock, LongConsumer task, LongPredicate isNothingDueBefore) {
    this.loop = loop;
    this.clock = clock;
    this.task = task;
    this.isNothingDueBefore = isNothingDueBefore;
    this.dueNs = clock.monotonicNs();
  }

  /** Starts the timer. Called once, from any thread. */
  void start() {
    long nowNs = clock.monotonicNs();
    lagPeriodBeganNs = nowNs;
    dueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
    var unused = loop.schedule(this::tick, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    isIdle = false;
    long nowNs = clock.monotonicNs();
    recordLag(nowNs);
    try {
      task.accept(nowNs);
    } catch (RuntimeException | Error failure) {
      // It would end the timer, and with it every timeout, and the node would take the loop for
      // stalled and evict nothing. Exhausted buffers are an error.
      LOG.error("timer task of the event loop failed", failure);
    }
    long idleUntilNs = nowNs + TimeUnit.MILLISECONDS.toNanos(IDLE_TICK_MS);
    isIdle = !hasInput && isNothingDueBefore.test(idleUntilNs);
    hasInput = false;
    schedule(nowNs, isIdle ? IDLE_TICK_MS : TICK_MS);
  }

  private void schedule(long nowNs, long delayMs) {
    dueNs = nowNs + TimeUnit.MILLISECONDS.toNanos(delayMs);
    next = loop.schedule(this::tick, delayMs, TimeUnit.MILLISECONDS);
  }

  private void recordLag(long nowNs) {
    lagThisPeriodNs = Math.max(lagThisPeriodNs, nowNs - dueNs);
    if (nowNs - lagPeriodBeganNs >= LAG_PERIOD_NS) {
      lagPeriodBeganNs = nowNs;
      lagNs = lagThisPeriodNs;
      lagThisPeriodNs = 0;
    }
  }

  /**
   * Records input of a connection. Allocates only if the loop was idle.
   *
   * @return whether the loop was idle, so that its last tick may be long ago
   */
  boolean inputReceived() {
    hasInput = true;
    boolean wasIdle = isIdle;
    if (wasIdle) {
      leaveIdle();
    }
    return wasIdle;
  }

  /** Returns to the short interval if the next tick would come after this time, monotonic ns. */
  void ensureTickFor(long timeNs) {
    if (isIdle && timeNs < dueNs) {
      leaveIdle();
    }
  }

  private void leaveIdle() {
    isIdle = false;
    long nowNs = clock.monotonicNs();
    // The tick may be overdue: after a stall, the loop reads before it runs its timers.
    recordLag(nowNs);
    ScheduledFuture<?> replaced = next;
    if (replaced != null) {
      replaced.cancel(false);
    }
    schedule(nowNs, TICK_MS);
  }

  /**
   * Returns the greatest delay of a tick within the last second, including that of a tick that is
   * overdue. Any thread may call it; the value is undefined before {@link #start}.
   */
  long lagNs() {
    long overdueNs = clock.monotonicNs() - dueNs;
    return Math.max(overdueNs, Math.max(lagThisPeriodNs, lagNs));
  }
}
