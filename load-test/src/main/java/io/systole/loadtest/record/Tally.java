// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import io.systole.client.beat.Failure;
import org.HdrHistogram.Histogram;

/** What became of the beats that were due within one window, on one event loop. */
final class Tally {
  /*
   * Written by its event loop. Counts may be read at any time by any thread; latencies and lateness
   * only after a task of the loop has seen that the recorder writes no longer here, and has ended.
   *
   * A beat belongs to the window in which it was due, not to that in which it was answered: else a
   * server that stops answering near the end of the window would have none of that counted. So
   * every beat counted in due must show up once in statuses or in failures; what does not is
   * unanswered.
   *
   * The end only moves to an earlier time that is still to come, so no beat due after it has been
   * counted when it moves.
   */
  static final int STATUSES = 600;

  private final long startNs;
  private volatile long endNs;

  final Counter due = new Counter();
  final Counts statuses = new Counts(STATUSES);
  final Counts failures = new Counts(Failure.values().length);
  private final Latencies fromDue = new Latencies();
  private final Latencies fromSent = new Latencies();
  private final Lateness lateness = new Lateness();

  Tally(long startNs, long endNs) {
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

  void answered(int status, long dueNs, long sentNs, long answeredNs) {
    if (holds(dueNs)) {
      statuses.add(status, 1);
      fromDue.record(answeredNs - dueNs);
      fromSent.record(answeredNs - sentNs);
    }
  }

  void failed(Failure reason, long dueNs) {
    if (holds(dueNs)) {
      failures.add(reason.ordinal(), 1);
    }
  }

  void woke(long dueNs, long nowNs) {
    if (holds(dueNs)) {
      lateness.record(dueNs, nowNs);
    }
  }

  long ended() {
    return statuses.total() + failures.total();
  }

  void addLatenciesTo(Histogram dueSum, Histogram sentSum) {
    fromDue.addTo(dueSum);
    fromSent.addTo(sentSum);
  }

  void addLatenessTo(Histogram sum) {
    lateness.addTo(sum);
  }

  private boolean holds(long dueNs) {
    return dueNs - startNs >= 0 && dueNs - endNs < 0;
  }
}
