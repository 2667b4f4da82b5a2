// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.HeartbeatClient;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.stats.StatsSnapshot;
import io.systole.loadtest.target.ProcessMeter;
import io.systole.loadtest.target.TargetMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A thread that samples everything once a second, and the event loops more often. */
final class Sampler implements AutoCloseable {
  /*
   * All state but `latest` is guarded by this object's monitor: the sampling thread holds it for
   * moments every few milliseconds, the driving thread when a window begins or ends.
   */
  private static final int SAMPLES_MAX = 7_200;
  private static final int EVENTS_MAX = 1_000;
  private static final long SAMPLE_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PROBE_MS = 10;
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_SEC = 1e9;

  /** What has gone by at one moment. */
  private record Mark(long atNs, StatsSnapshot counted, OptionalLong targetCpuNs, long ownCpuNs) {}

  private final Recorders recorders;
  private final @Nullable ProcessMeter target;
  private final TargetMetrics metrics;
  private final EventLoopLagProbe probe;
  private final ProcessMeter own = ProcessMeter.ofThisProcess();
  private final Thread thread = new Thread(this::watch, "sampler");
  private final Timeline timeline = new Timeline(SAMPLES_MAX);
  private final List<Event> events = new ArrayList<>();
  private final long startNs = System.nanoTime();

  private Mark last;
  private long nextNs;
  private long targetRenewals = -1;
  private int targetRestarts;
  private volatile @Nullable Sample latest;

  Sampler(
      HeartbeatClient client,
      Recorders recorders,
      @Nullable ProcessMeter target,
      TargetMetrics metrics) {
    this.recorders = recorders;
    this.target = target;
    this.metrics = metrics;
    this.probe = new EventLoopLagProbe(client, startNs);
    this.last = mark();
    this.nextNs = startNs + SAMPLE_NS;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends the current sample here and begins another; forgets how late the loops were till now. */
  synchronized void cut() {
    sample(System.nanoTime());
    probe.take(System.nanoTime());
  }

  /** Ends the current sample here; returns what the loops were seen to do since the last cut. */
  synchronized EventLoopLagProbe.Probed cutProbed() {
    sample(System.nanoTime());
    return probe.take(System.nanoTime());
  }

  /** Notes that something was done, or was seen once; beyond a bound nothing is noted. */
  synchronized void note(String what) {
    if (events.size() < EVENTS_MAX) {
      events.add(new Event((System.nanoTime() - startNs) / NS_PER_SEC, what));
    }
  }

  /** Returns the last whole sample, its time counted from the first; null before there is one. */
  @Nullable
  Sample latest() {
    return latest;
  }

  /** Returns how often the target was seen to have started anew. */
  synchronized int targetRestarts() {
    return targetRestarts;
  }

  /** Returns all samples, in order, with times from a moment on. */
  synchronized List<Sample> timeline(long zeroNs) {
    return timeline.samples((zeroNs - startNs) / NS_PER_SEC);
  }

  /** Returns all that was noted, in order, with times from a moment on. */
  synchronized List<Event> events(long zeroNs) {
    double zeroSecs = (zeroNs - startNs) / NS_PER_SEC;
    return events.stream()
        .map(event -> new Event(event.atSecs() - zeroSecs, event.what()))
        .toList();
  }

  @Override
  public void close() {
    thread.interrupt();
    cut();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(PROBE_MS);
        turn(System.nanoTime());
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized void turn(long nowNs) {
    probe.turn(nowNs);
    if (nowNs - nextNs >= 0) {
      sample(nowNs);
    }
  }

  private void sample(long nowNs) {
    Mark from = last;
    Mark to = mark();
    last = to;
    nextNs = nowNs + SAMPLE_NS;
    Histogram latencies = recorders.takeLatencies();
    boolean isEmpty = latencies.getTotalCount() == 0;
    double secs = (to.atNs - from.atNs) / NS_PER_SEC;
    StatsSnapshot before = from.counted;
    StatsSnapshot after = to.counted;
    TargetMetrics.Sample said = metrics.poll();
    said.renewals().ifPresent(this::targetCounted);
    Sample sample = new Sample(
        (to.atNs - startNs) / NS_PER_SEC,
        secs,
        after.due() - before.due(),
        after.answered() - before.answered(),
        after.answered() - before.answered() - (after.renewed() - before.renewed()),
        after.failed() - before.failed(),
        after.registered() - before.registered(),
        after.due() - after.answered() - after.failed(),
        isEmpty ? null : latencies.getValueAtPercentile(50) / NS_PER_MS,
        isEmpty ? null : latencies.getValueAtPercentile(90) / NS_PER_MS,
        isEmpty ? null : latencies.getValueAtPercentile(99) / NS_PER_MS,
        isEmpty ? null : latencies.getValueAtPercentile(99.9) / NS_PER_MS,
        isEmpty ? null : latencies.getMaxValue() / NS_PER_MS,
        cores(from.targetCpuNs, to.targetCpuNs, secs),
        boxed(said.heapBytes()),
        target == null ? null : boxed(target.residentBytes()),
        (to.ownCpuNs - from.ownCpuNs) / NS_PER_SEC / secs,
        Math.max(recorders.takeLagMaxNs(), probe.takeLagMaxNs()) / NS_PER_MS);
    timeline.add(sample);
    latest = sample;
  }

  /** A count since the start that has become smaller is that of another start. */
  private void targetCounted(long renewals) {
    if (renewals < targetRenewals) {
      targetRestarts++;
      note("the target's count of renewals fell from " + targetRenewals + " to " + renewals
          + ": it was restarted");
    }
    targetRenewals = renewals;
  }

  private Mark mark() {
    return new Mark(
        System.nanoTime(),
        recorders.snapshot(),
        target == null ? OptionalLong.empty() : target.cpuNs(),
        own.cpuNs().orElse(0));
  }

  private static @Nullable Double cores(OptionalLong fromNs, OptionalLong toNs, double secs) {
    return fromNs.isPresent() && toNs.isPresent()
        ? (toNs.getAsLong() - fromNs.getAsLong()) / NS_PER_SEC / secs
        : null;
  }

  private static @Nullable Long boxed(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
