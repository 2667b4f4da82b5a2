// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * A histogram of durations since the last read, with two significant digits. One thread records,
 * one other thread reads; recording never blocks.
 */
final class IntervalHistogram {
  private static final int DIGITS = 2;

  private final SingleWriterRecorder recorder =
      new SingleWriterRecorder(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  private @Nullable Histogram spare;

  void record(long durationNs, long count) {
    recorder.recordValueWithCount(Latencies.within(durationNs), count);
  }

  /** Adds the durations recorded since the last call to {@code sum}; reading thread only. */
  void takeInto(Histogram sum) {
    Histogram taken = recorder.getIntervalHistogram(spare);
    sum.add(taken);
    spare = taken;
  }

  static Histogram sum() {
    return new Histogram(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  }
}
