// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * A time limit for a long task. Each poll may pause the task, so that it uses at most a fifth of
 * one core. Thread priorities alone have no effect on most systems. Not thread-safe.
 */
final class Pacer implements BooleanSupplier {
  /** The minimum time of work between two pauses. */
  static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** The ratio of a pause to the work before it. */
  static final int PAUSE_FACTOR = 4;

  private final Clock clock;
  private final LongConsumer pauseNs;
  private final long untilNs;
  private long sliceBeganNs;

  /**
   * @param timeMaxMs the time limit from now on, pauses included
   * @param pauseNs pauses the thread for a number of ns
   */
  Pacer(Clock clock, long timeMaxMs, LongConsumer pauseNs) {
    this.clock = clock;
    this.pauseNs = pauseNs;
    this.sliceBeganNs = clock.monotonicNs();
    this.untilNs = sliceBeganNs + TimeUnit.MILLISECONDS.toNanos(timeMaxMs);
  }

  /** Pauses if a pause is due; returns whether the time limit is exceeded. */
  @Override
  public boolean getAsBoolean() {
    long nowNs = clock.monotonicNs();
    long workedNs = nowNs - sliceBeganNs;
    long leftNs = untilNs - nowNs;
    if (workedNs >= SLICE_NS && leftNs > 0) {
      pauseNs.accept(Math.min(leftNs, PAUSE_FACTOR * workedNs));
      sliceBeganNs = clock.monotonicNs();
      leftNs = untilNs - sliceBeganNs;
    }
    return leftNs < 0;
  }
}
