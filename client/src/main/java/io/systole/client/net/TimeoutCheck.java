// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.protocol.time.Clock;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The periodic check that ends connections with overdue responses. A late check means that the
 * event loop could not read either, so it is skipped once to read pending bytes first. Confined to
 * one event loop.
 */
final class TimeoutCheck {
  /** Number of checks within one response timeout. */
  private static final int CHECKS_PER_TIMEOUT = 8;

  private final EventLoop loop;
  private final Clock clock;
  private final ConnectionPool pool;
  private final LoopStalls stalls;
  private final long periodNs;

  private @Nullable Future<?> timer;
  private long dueNs;

  /** True if the last check was late and therefore skipped. */
  private boolean wasLate;

  TimeoutCheck(ConnectionContext context, ConnectionPool pool) {
    this.loop = context.loop();
    this.clock = context.clock();
    this.pool = pool;
    this.stalls = context.stalls();
    this.periodNs = TimeUnit.MILLISECONDS.toNanos(
        Math.max(1, context.settings().responseTimeoutMs() / CHECKS_PER_TIMEOUT));
  }

  void start() {
    dueNs = clock.monotonicNs() + periodNs;
    timer = loop.scheduleWithFixedDelay(this::check, periodNs, periodNs, TimeUnit.NANOSECONDS);
  }

  void stop() {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private void check() {
    long nowNs = clock.monotonicNs();
    long lateNs = nowNs - dueNs;
    boolean isLate = lateNs > periodNs;
    if (isLate) {
      stalls.record(nowNs, lateNs);
    }
    if (!isLate || wasLate) {
      pool.expire(nowNs);
    }
    wasLate = isLate && !wasLate;
    dueNs = clock.monotonicNs() + periodNs;
  }
}
