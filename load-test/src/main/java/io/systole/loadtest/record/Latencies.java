// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Durations from 1 µs to an hour, to three digits. For one thread. Answers that were read together
 * and sent together took equally long, so equal values in a row are counted before they are
 * recorded.
 */
public final class Latencies {
  private static final long LOWEST_NS = 1_000;
  private static final long HIGHEST_NS = TimeUnit.HOURS.toNanos(1);
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
  private long lastNs;
  private long lastCount;

  void record(long durationNs) {
    if (durationNs != lastNs) {
      flush();
      lastNs = durationNs;
    }
    lastCount++;
  }

  /** Adds all that was recorded to a sum. */
  void addTo(Histogram sum) {
    flush();
    sum.add(histogram);
  }

  public static Histogram sum() {
    return new Histogram(LOWEST_NS, HIGHEST_NS, DIGITS);
  }

  private void flush() {
    if (lastCount > 0) {
      histogram.recordValueWithCount(Math.max(0, Math.min(lastNs, HIGHEST_NS)), lastCount);
      lastCount = 0;
    }
  }
}
