// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How late the generator itself was, weighed by time. For one thread. */
public final class GeneratorLag {
  /*
   *   due 0     due 1 .......... woke                      due 1 came 4 ms late. Whoever was due in the
   *     |---------|----|----|----|----->  ms               meantime was late by 3, 2, 1 ms: so 4, 3, 2
   *               4    3    2    1                         and 1 are recorded, not 4 alone.
   *
   * One wake-up that is a second late is one of a thousand that might have been, were they counted;
   * weighed by time it is the whole second (Tene's correction for coordinated omission). Stretches
   * that overlap are recorded once. What is not recorded was punctual; over() adds it.
   */
  private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int DIGITS = 2;

  private final Histogram late = sum();
  private final long leastNs;
  private boolean isBegun;
  private long coveredNs;

  public GeneratorLag() {
    this(1);
  }

  private GeneratorLag(long leastNs) {
    this.leastNs = leastNs;
  }

  /**
   * Returns one for which less than a millisecond is punctual. Where there is more than one record
   * in a millisecond, each would otherwise weigh a whole one.
   */
  static GeneratorLag ofWholeSteps() {
    return new GeneratorLag(STEP_NS);
  }

  /** Notes that what was due at one moment happened at another. */
  public void record(long dueNs, long nowNs) {
    long fromNs = isBegun && coveredNs - dueNs > 0 ? coveredNs : dueNs;
    for (long leftNs = nowNs - fromNs; leftNs >= leastNs; leftNs -= STEP_NS) {
      late.recordValue(Latencies.within(leftNs));
    }
    if (!isBegun || nowNs - coveredNs > 0) {
      coveredNs = nowNs;
      isBegun = true;
    }
  }

  void addTo(Histogram sum) {
    sum.add(late);
  }

  static Histogram sum() {
    return new Histogram(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, DIGITS);
  }

  /** Returns ns late for each millisecond of a stretch of time, the punctual ones among them. */
  public Histogram over(long lengthNs) {
    Histogram all = sum();
    all.add(late);
    return over(all, lengthNs);
  }

  /**
   * Fills lateness up with the punctual milliseconds.
   *
   * @param lengthNs the time over which it was watched, of all watchers together
   */
  static Histogram over(Histogram late, long lengthNs) {
    long punctual = lengthNs / STEP_NS - late.getTotalCount();
    if (punctual > 0) {
      late.recordValueWithCount(0, punctual);
    }
    return late;
  }
}
