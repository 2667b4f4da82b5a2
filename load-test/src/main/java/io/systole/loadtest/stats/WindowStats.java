// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** The outcomes of the heartbeats due in one window, on one event loop. */
final class WindowStats {
  /*
   * The event loop is the only writer. Counters can be read at any time by any thread; histograms
   * only after a task on the loop has run that follows the recorder's last write here.
   *
   * A heartbeat belongs to the window in which it was due, not to that of its response: otherwise a
   * server that stops responding near the end of the window would not be counted. Every heartbeat
   * counted in due is counted once in statuses or in failures; the rest is unanswered. Only
   * renewedWithin goes by the time of the response: it is the target's throughput.
   *
   * A heartbeat without a response has no latency, only a lower bound. lostAfterNs records its due
   * time, because the bound depends on the end of the window, which may still move.
   *
   * The end only moves to an earlier time in the future, so no heartbeat due after the new end has
   * been counted.
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
    if (contains(dueNs)) {
      due.add(1);
    }
  }

  /** Counts {@code count} equal responses. */
  void answered(int status, long dueNs, long sentNs, long answeredNs, int count) {
    if (status == RENEWED && contains(answeredNs)) {
      renewedWithin.add(count);
    }
    if (contains(dueNs)) {
      // Equal responses after the first leave no gap.
      responseGaps.record(sentNs, answeredNs);
      statuses.add(status, count);
      fromDue.record(answeredNs - dueNs, count);
      fromSent.record(answeredNs - sentNs, count);
    }
  }

  void failed(FailureReason reason, long dueNs) {
    if (contains(dueNs)) {
      failures.add(reason.ordinal(), 1);
      if (reason != FailureReason.TIMED_OUT) {
        lostAfterNs.recordValue(Latencies.within(dueNs - startNs));
      }
    }
  }

  void loopWokeUp(long dueNs, long nowNs) {
    if (contains(dueNs)) {
      lag.record(dueNs, nowNs);
    }
  }

  long ended() {
    return statuses.total() + failures.total();
  }

  /**
   * Adds the latencies. Heartbeats without a response enter at their lower bound: the response
   * timeout if they timed out or are unanswered, otherwise the time from due to the end of the
   * window, capped at the timeout. From sent, only timed-out heartbeats have a bound.
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

  /**
   * Adds a value if its count is positive; a zero count would still raise the histogram's maximum.
   */
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

  private boolean contains(long dueNs) {
    return dueNs - startNs >= 0 && dueNs - endNs < 0;
  }
}
