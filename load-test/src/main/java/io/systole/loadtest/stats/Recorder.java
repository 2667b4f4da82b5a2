// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of one event loop: in total, since the last read, and of the heartbeats due in
 * the measurement window.
 */
public final class Recorder implements HeartbeatListener {
  /*
   * The event loop is the only writer. Counters can be read at any time by any thread. The window's
   * stats are published by a volatile store; the latency recorder synchronizes by itself. lagMaxNs
   * is raised by the loop and reset by the sampler, both by atomic operations.
   *
   * Responses that are read together were mostly sent together, so many consecutive ones are equal.
   * They are recorded as one run: at the next response that differs, or at the end of the read
   * cycle. Until then the counters show them as outstanding.
   */
  private static final int INTERVAL_DIGITS = 2;
  private static final int UNAVAILABLE = 503;

  final SingleWriterCounter due = new SingleWriterCounter();
  final SingleWriterCounters statuses = new SingleWriterCounters(WindowStats.STATUSES);
  final SingleWriterCounters failures = new SingleWriterCounters(FailureReason.values().length);
  final SingleWriterCounter resent = new SingleWriterCounter();
  final SingleWriterCounter registered = new SingleWriterCounter();
  final SingleWriterCounters registrationsFailed =
      new SingleWriterCounters(FailureReason.values().length);
  final SingleWriterCounter connectionsOpened = new SingleWriterCounter();
  final SingleWriterCounter connectionsFailed = new SingleWriterCounter();
  final SingleWriterCounter bytesSent = new SingleWriterCounter();
  final SingleWriterCounter bytesReceived = new SingleWriterCounter();

  /** Refused registrations that are retried: the target is overloaded or full. */
  final RefusalCounts retriedRefusals = new RefusalCounts();

  /** Refused registrations that are defects of the test or the target. */
  final RefusalCounts refusals = new RefusalCounts();

  private final SingleWriterRecorder latencies =
      new SingleWriterRecorder(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, INTERVAL_DIGITS);
  private @Nullable Histogram spareLatencies;
  private final AtomicLong lagMaxNs = new AtomicLong();

  private int runStatus;
  private long runDueNs;
  private long runSentNs;
  private long runAnsweredNs;
  private int runLength;

  private volatile @Nullable WindowStats stats;
  private volatile @Nullable ThreadCpuTimer thread;

  /** Starts counting for {@code next}, or for no window if null. */
  void window(@Nullable WindowStats next) {
    stats = next;
  }

  @Override
  public void due(long dueNs) {
    due.add(1);
    WindowStats current = stats;
    if (current != null) {
      current.due(dueNs);
    }
  }

  @Override
  public void answered(int status, long dueNs, long sentNs, long answeredNs) {
    boolean isAlike = status == runStatus
        && dueNs == runDueNs
        && sentNs == runSentNs
        && answeredNs == runAnsweredNs;
    if (!isAlike) {
      recordRun();
      runStatus = status;
      runDueNs = dueNs;
      runSentNs = sentNs;
      runAnsweredNs = answeredNs;
    }
    runLength++;
  }

  private void recordRun() {
    int count = runLength;
    if (count == 0) {
      return;
    }
    runLength = 0;
    statuses.add(runStatus, count);
    latencies.recordValueWithCount(Latencies.within(runAnsweredNs - runDueNs), count);
    WindowStats current = stats;
    if (current != null) {
      current.answered(runStatus, runDueNs, runSentNs, runAnsweredNs, count);
    }
  }

  @Override
  public void failed(FailureReason reason, long dueNs) {
    failures.add(reason.ordinal(), 1);
    WindowStats current = stats;
    if (current != null) {
      current.failed(reason, dueNs);
    }
  }

  @Override
  public void resent(long dueNs) {
    resent.add(1);
  }

  @Override
  public void registered(int status, long sentNs, long answeredNs) {
    registered.add(1);
  }

  @Override
  public void registrationRefused(int status, String text) {
    (status == UNAVAILABLE ? retriedRefusals : refusals).add(status, text);
  }

  @Override
  public void registrationFailed(FailureReason reason) {
    registrationsFailed.add(reason.ordinal(), 1);
  }

  @Override
  public void loopWokeUp(long dueNs, long nowNs) {
    lagMaxNs.accumulateAndGet(nowNs - dueNs, Math::max);
    WindowStats current = stats;
    if (current != null) {
      current.loopWokeUp(dueNs, nowNs);
    }
    if (thread == null) {
      thread = ThreadCpuTimer.current();
    }
  }

  @Override
  public void connectionOpened() {
    connectionsOpened.add(1);
  }

  @Override
  public void connectionFailed() {
    connectionsFailed.add(1);
  }

  @Override
  public void bytesTransferred(int sent, int received) {
    bytesSent.add(sent);
    bytesReceived.add(received);
    recordRun();
  }

  /** Returns the counters. Thread-safe. */
  StatsSnapshot snapshot() {
    // Completions are read before due counts, so that no heartbeat appears completed but not due.
    long failed = failures.total();
    long renewed = 0;
    long answered = 0;
    for (int status = 0; status < WindowStats.STATUSES; status++) {
      long count = statuses.value(status);
      renewed = status == WindowStats.RENEWED ? count : renewed;
      answered += count;
    }
    return new StatsSnapshot(
        due.value(),
        answered,
        renewed,
        failed,
        resent.value(),
        registered.value(),
        connectionsOpened.value(),
        connectionsFailed.value(),
        bytesSent.value(),
        bytesReceived.value());
  }

  /** Returns an empty histogram for {@link #takeLatenciesInto}. */
  static Histogram intervalSum() {
    return new Histogram(Latencies.LOWEST_NS, Latencies.HIGHEST_NS, INTERVAL_DIGITS);
  }

  /** Adds the latencies from the due time since the last call to {@code sum}; one thread. */
  void takeLatenciesInto(Histogram sum) {
    Histogram taken = latencies.getIntervalHistogram(spareLatencies);
    sum.add(taken);
    spareLatencies = taken;
  }

  /** Returns the maximum wake-up lag since the last call; one thread. */
  long takeLagMaxNs() {
    return lagMaxNs.getAndSet(0);
  }

  /** Returns the times of the loop's thread; {@link ThreadTimes#NONE} before its first wake-up. */
  ThreadTimes times() {
    ThreadCpuTimer current = thread;
    return current == null ? ThreadTimes.NONE : current.times();
  }
}
