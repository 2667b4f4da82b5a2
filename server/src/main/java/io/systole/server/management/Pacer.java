// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * A time limit for long work that pauses the work as it is queried, so that it takes a fifth of one
 * core at most: a thread's priority alone means nothing to the kernel of most machines. For one
 * thread.
 */
final class Pacer implements BooleanSupplier {
  /** Work between two pauses, at least. */
  static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How many times as long as the work before it a pause is. */
  static final int PAUSE_FACTOR = 4;

  private final Clock clock;
  private final LongConsumer pauseNs;
  private final long untilNs;
  private long sliceBeganNs;

  /**
   * @param timeMaxMs from now on, pauses included
   * @param pauseNs waits for so long
   */
  Pacer(Clock clock, long timeMaxMs, LongConsumer pauseNs) {
    this.clock = clock;
    this.pauseNs = pauseNs;
    this.sliceBeganNs = clock.monotonicNs();
    this.untilNs = sliceBeganNs + TimeUnit.MILLISECONDS.toNanos(timeMaxMs);
  }

  /** Pauses if that is due; returns whether the time is up. */
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
