// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The lag of the generator itself, weighted by time. Not thread-safe. */
public final class GeneratorLag {
  /*
   *   due 0     due 1 .......... woke       due 1 was processed 4 ms late. Anything due in between
   *     |---------|----|----|----|-----> ms  would have been 3, 2 or 1 ms late, so 4, 3, 2 and 1
   *               4    3    2    1          are recorded, not 4 alone.
   *
   * Without this correction for coordinated omission (Tene), a wake-up that is a second late would
   * count as one of a thousand. Overlapping intervals are recorded once. Punctual milliseconds are
   * not recorded; over() adds them.
   */
  private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int DIGITS = 2;

  private final Histogram late = sum();
  private final long recordedMinNs;
  private boolean hasRecorded;
  private long coveredNs;

  public GeneratorLag() {
    this(1);
  }

  private GeneratorLag(long recordedMinNs) {
    this.recordedMinNs = recordedMinNs;
  }

  /**
   * Returns a recorder that ignores delays below a millisecond. With several records per
   * millisecond, each of them would otherwise count as a whole one.
   */
  static GeneratorLag ofWholeSteps() {
    return new GeneratorLag(STEP_NS);
  }

  /** Records that an event due at {@code dueNs} happened at {@code nowNs}. */
  public void record(long dueNs, long nowNs) {
    long fromNs = hasRecorded && coveredNs - dueNs > 0 ? coveredNs : dueNs;
    for (long leftNs = nowNs - fromNs; leftNs >= recordedMinNs; leftNs -= STEP_NS) {
      late.recordValue(Latencies.within(leftNs));
    }
    if (!hasRecorded || nowNs - coveredNs > 0) {
      coveredNs = nowNs;
      hasRecorded = true;
    }
  }

  void addTo(Histogram sum) {
    sum.add(late);
  }

  static Histogram sum() {
    return new Histogram(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  }

  /** Returns the lag of each millisecond in {@code lengthNs}, ns, punctual ones included. */
  public Histogram over(long lengthNs) {
    Histogram all = sum();
    all.add(late);
    return over(all, lengthNs);
  }

  /**
   * Adds the punctual milliseconds to a histogram of lag.
   *
   * @param lengthNs the observed time, summed over all observers
   */
  static Histogram over(Histogram late, long lengthNs) {
    long punctual = lengthNs / STEP_NS - late.getTotalCount();
    if (punctual > 0) {
      late.recordValueWithCount(0, punctual);
    }
    return late;
  }
}
