// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** What became of the beats that were due within one window, on one event loop. */
final class WindowStats {
  /*
   * Written by its event loop. Counts may be read at any time by any thread; latencies and lateness
   * only after a task of the loop has seen that the recorder writes no longer here, and has ended.
   *
   * A beat belongs to the window in which it was due, not to that in which it was answered: else a
   * server that stops answering near the end of the window would have none of that counted. So
   * every beat counted in due must show up once in statuses or in failures; what does not is
   * unanswered. Only renewedWithin goes by the time of the answer: it is the target's throughput.
   *
   * A beat without an answer has no latency, only a lower bound of it. lostAfterNs keeps when it
   * was due, because the bound depends on the end of the window, which may still move.
   *
   * The end only moves to an earlier time that is still to come, so no beat due after it has been
   * counted when it moves.
   */
  static final int STATUSES = 600;
  static final int RENEWED = 200;

  private final long startNs;
  private volatile long endNs;

  final SingleWriterCounter due = new SingleWriterCounter();
  final SingleWriterCounters statuses = new SingleWriterCounters(STATUSES);
  final SingleWriterCounters failures = new SingleWriterCounters(FailureReason.values().length);
  final SingleWriterCounter renewedWithin = new SingleWriterCounter();
  private final Latencies fromDue = new Latencies();
  private final Latencies fromSent = new Latencies();
  private final Histogram lostAfterNs = Latencies.sum();
  private final GeneratorLag lag = new GeneratorLag();
  private final GeneratorLag responseGaps = GeneratorLag.ofWholeSteps();

  WindowStats(long startNs, long endNs) {
    this.startNs = startNs;
    this.endNs = endNs;
  }

  void end(long ns) {
    endNs = ns;
  }

  void due(long dueNs) {
    if (holds(dueNs)) {
      due.add(1);
    }
  }

  /** Counts responses that are alike. */
  void answered(int status, long dueNs, long sentNs, long answeredNs, int count) {
    if (status == RENEWED && holds(answeredNs)) {
      renewedWithin.add(count);
    }
    if (holds(dueNs)) {
      // The others leave no gap behind the first.
      responseGaps.record(sentNs, answeredNs);
      statuses.add(status, count);
      fromDue.record(answeredNs - dueNs, count);
      fromSent.record(answeredNs - sentNs, count);
    }
  }

  void failed(FailureReason reason, long dueNs) {
    if (holds(dueNs)) {
      failures.add(reason.ordinal(), 1);
      if (reason != FailureReason.TIMED_OUT) {
        lostAfterNs.recordValue(Latencies.within(dueNs - startNs));
      }
    }
  }

  void woke(long dueNs, long nowNs) {
    if (holds(dueNs)) {
      lag.record(dueNs, nowNs);
    }
  }

  long ended() {
    return statuses.total() + failures.total();
  }

  /**
   * Adds the latencies. Beats without an answer enter at their lower bound: the time-out for those
   * that timed out or are still unanswered, else the time from due to the end of the window, at
   * most the time-out. From sent only those that timed out can be bounded.
   */
  void addLatenciesTo(Histogram dueSum, Histogram sentSum, long timeoutNs) {
    fromDue.addTo(dueSum);
    fromSent.addTo(sentSum);
    long timedOut = failures.value(FailureReason.TIMED_OUT.ordinal());
    add(dueSum, timeoutNs, timedOut + due.value() - ended());
    add(sentSum, timeoutNs, timedOut);
    for (HistogramIterationValue lost : lostAfterNs.recordedValues()) {
      long leftNs = endNs - startNs - lost.getValueIteratedTo();
      add(dueSum, Math.min(leftNs, timeoutNs), lost.getCountAddedInThisIterationStep());
    }
  }

  /** A value recorded no times would still become the maximum. */
  private static void add(Histogram sum, long ns, long count) {
    if (count > 0) {
      sum.recordValueWithCount(Latencies.within(ns), count);
    }
  }

  void addResponseGapsTo(Histogram sum) {
    responseGaps.addTo(sum);
  }

  void addLagTo(Histogram sum) {
    lag.addTo(sum);
  }

  private boolean holds(long dueNs) {
    return dueNs - startNs >= 0 && dueNs - endNs < 0;
  }
}
