// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** A histogram of durations from 1 µs to 1 h, with three significant digits. Not thread-safe. */
public final class Latencies {
  static final long LOWEST_NS = 1_000;
  static final long HIGHEST_NS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);

  void record(long durationNs, long count) {
    histogram.recordValueWithCount(within(durationNs), count);
  }

  /** Adds all recorded durations to {@code sum}. */
  void addTo(Histogram sum) {
    sum.add(histogram);
  }

  /** Returns an empty histogram of the same range. */
  public static Histogram sum() {
    return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
  }

  static long within(long durationNs) {
    return Math.max(0, Math.min(durationNs, HIGHEST_NS));
  }
}
