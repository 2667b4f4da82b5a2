// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Durations since they were last taken, to two digits. One thread records, one other takes; neither
 * waits for the other while recording.
 */
final class IntervalHistogram {
  private static final int DIGITS = 2;

  private final SingleWriterRecorder recorder =
      new SingleWriterRecorder(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  private @Nullable Histogram spare;

  void record(long durationNs, long count) {
    recorder.recordValueWithCount(Latencies.within(durationNs), count);
  }

  /** Adds what was recorded since the last call to a sum; for the taking thread. */
  void takeInto(Histogram sum) {
    Histogram taken = recorder.getIntervalHistogram(spare);
    sum.add(taken);
    spare = taken;
  }

  static Histogram sum() {
    return new Histogram(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  }
}
