// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import io.systole.client.beat.BeatObserver;
import io.systole.client.beat.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;

/**
 * What one event loop of the load generator saw: in all, and of the beats that were due within the
 * measured window.
 */
public final class Recorder implements BeatObserver {
  /*
   * Written by its event loop. Counters may be read at any time by any thread; latencies only after
   * the client was closed, whose end happens before the reading.
   *
   * A beat belongs to the window in which it was due, not to that in which it was answered: else a
   * server that stops answering near the end of the window would have none of that counted. So
   * every beat counted in windowDue must show up once in windowStatuses or in windowFailures; what
   * does not is unanswered.
   */
  static final int STATUSES = 600;

  private static final int REFUSALS_KEPT_MAX = 16;
  private static final String OTHER_REFUSALS = "(other refusals)";

  final Counter[] statuses = counters(STATUSES);
  final Counter[] failures = counters(Failure.values().length);
  final Counter registered = new Counter();
  final Counter registrationsFailed = new Counter();
  final Counter bytesSent = new Counter();
  final Counter bytesReceived = new Counter();

  final Counter windowDue = new Counter();
  final Counter[] windowStatuses = counters(STATUSES);
  final Counter[] windowFailures = counters(Failure.values().length);

  private final Map<String, Long> refusals = new ConcurrentHashMap<>();
  private final Latencies fromDue = new Latencies();
  private final Latencies fromSent = new Latencies();

  private volatile long windowStartNs = Long.MAX_VALUE;
  private volatile long windowEndNs = Long.MAX_VALUE;

  /** Sets the window; beats due from its start on, and before its end, belong to it. */
  void window(long startNs, long endNs) {
    windowEndNs = endNs;
    windowStartNs = startNs;
  }

  @Override
  public void due(long dueNs) {
    if (isInWindow(dueNs)) {
      windowDue.add(1);
    }
  }

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    statuses[status].add(1);
    if (isInWindow(dueNs)) {
      windowStatuses[status].add(1);
      fromDue.record(answeredNs - dueNs);
      fromSent.record(answeredNs - sentNs);
    }
  }

  @Override
  public void failed(Failure reason, long dueNs) {
    failures[reason.ordinal()].add(1);
    if (isInWindow(dueNs)) {
      windowFailures[reason.ordinal()].add(1);
    }
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    registered.add(1);
  }

  @Override
  public void registrationRefused(int status, String text) {
    String refusal = status + (text.isEmpty() ? "" : " " + text);
    boolean isKept = refusals.containsKey(refusal) || refusals.size() < REFUSALS_KEPT_MAX;
    refusals.merge(isKept ? refusal : OTHER_REFUSALS, 1L, Long::sum);
  }

  @Override
  public void registrationFailed(Failure reason) {
    registrationsFailed.add(1);
  }

  @Override
  public void moved(int sent, int received) {
    bytesSent.add(sent);
    bytesReceived.add(received);
  }

  /** Returns what registrations were refused with, and how often. */
  Map<String, Long> refusals() {
    return refusals;
  }

  /** Adds the latencies of the window to sums; only after the client was closed. */
  void addLatenciesTo(Histogram dueSum, Histogram sentSum) {
    fromDue.addTo(dueSum);
    fromSent.addTo(sentSum);
  }

  private boolean isInWindow(long dueNs) {
    long startNs = windowStartNs;
    return startNs != Long.MAX_VALUE && dueNs - startNs >= 0 && dueNs - windowEndNs < 0;
  }

  private static Counter[] counters(int count) {
    Counter[] counters = new Counter[count];
    for (int index = 0; index < count; index++) {
      counters[index] = new Counter();
    }
    return counters;
  }
}
