// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Durations from 1 µs to an hour, to three digits. For one thread. */
public final class Latencies {
  static final long LOWEST_NS = 1_000;
  static final long HIGHEST_NS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);

  void record(long durationNs, long count) {
    histogram.recordValueWithCount(within(durationNs), count);
  }

  /** Adds all that was recorded to a sum. */
  void addTo(Histogram sum) {
    sum.add(histogram);
  }

  /** Returns a histogram that can hold any sum. */
  public static Histogram sum() {
    return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
  }

  static long within(long durationNs) {
    return Math.max(0, Math.min(durationNs, HIGHEST_NS));
  }
}
