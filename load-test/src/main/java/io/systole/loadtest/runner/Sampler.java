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

/** A thread that samples all counters once a second and probes the event loops more often. */
final class Sampler implements AutoCloseable {
  /*
   * All state but `latest` is guarded by this object's monitor: the sampling thread holds it
   * briefly every few milliseconds, the session's thread when a window starts or ends.
   */
  private static final int SAMPLES_MAX = 7_200;
  private static final int EVENTS_MAX = 1_000;
  private static final long SAMPLE_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PROBE_MS = 10;
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_SEC = 1e9;

  /** Cumulative values at one time. */
  private record Reading(
      long atNs, StatsSnapshot counted, OptionalLong targetCpuNs, long ownCpuNs) {}

  private final Recorders recorders;
  private final @Nullable ProcessMeter target;
  private final TargetMetrics metrics;
  private final EventLoopLagProbe probe;
  private final ProcessMeter own = ProcessMeter.ofThisProcess();
  private final Thread thread = new Thread(this::run, "sampler");
  private final Timeline timeline = new Timeline(SAMPLES_MAX);
  private final List<Event> events = new ArrayList<>();
  private final long startNs = System.nanoTime();

  private Reading last;
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
    this.last = read();
    this.nextNs = startNs + SAMPLE_NS;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Ends the current sample, starts the next, and discards the lag so far. */
  synchronized void restart() {
    sample(System.nanoTime());
    probe.take(System.nanoTime());
  }

  /**
   * Ends the current sample and starts the next; returns the probe's measurements since the last
   * restart.
   */
  synchronized EventLoopLagProbe.Result takeLagAndRestart() {
    sample(System.nanoTime());
    return probe.take(System.nanoTime());
  }

  /** Adds an event; events beyond the limit are dropped. */
  synchronized void recordEvent(String text) {
    if (events.size() < EVENTS_MAX) {
      events.add(new Event((System.nanoTime() - startNs) / NS_PER_SEC, text));
    }
  }

  /** Returns the last complete sample, its time counted from the first; null if there is none. */
  @Nullable
  Sample latest() {
    return latest;
  }

  /** Returns the number of detected restarts of the target. */
  synchronized int targetRestarts() {
    return targetRestarts;
  }

  /** Returns all samples in order, with times relative to {@code zeroNs}. */
  synchronized List<Sample> timeline(long zeroNs) {
    return timeline.samples((zeroNs - startNs) / NS_PER_SEC);
  }

  /** Returns all events in order, with times relative to {@code zeroNs}. */
  synchronized List<Event> events(long zeroNs) {
    double zeroSecs = (zeroNs - startNs) / NS_PER_SEC;
    return events.stream()
        .map(event -> new Event(event.atSecs() - zeroSecs, event.text()))
        .toList();
  }

  @Override
  public void close() {
    thread.interrupt();
    restart();
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(PROBE_MS);
        poll(System.nanoTime());
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private synchronized void poll(long nowNs) {
    probe.poll(nowNs);
    if (nowNs - nextNs >= 0) {
      sample(nowNs);
    }
  }

  private void sample(long nowNs) {
    Reading from = last;
    Reading to = read();
    last = to;
    nextNs = nowNs + SAMPLE_NS;
    Histogram latencies = recorders.takeLatencies();
    boolean isEmpty = latencies.getTotalCount() == 0;
    double secs = (to.atNs - from.atNs) / NS_PER_SEC;
    StatsSnapshot before = from.counted;
    StatsSnapshot after = to.counted;
    TargetMetrics.Sample published = metrics.poll();
    published.renewals().ifPresent(this::detectRestart);
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
        boxed(published.heapBytes()),
        target == null ? null : boxed(target.residentBytes()),
        (to.ownCpuNs - from.ownCpuNs) / NS_PER_SEC / secs,
        Math.max(recorders.takeLagMaxNs(), probe.takeLagMaxNs()) / NS_PER_MS);
    timeline.add(sample);
    latest = sample;
  }

  /** Detects a restart of the target: a cumulative count has become smaller. */
  private void detectRestart(long renewals) {
    if (renewals < targetRenewals) {
      targetRestarts++;
      recordEvent("the target's count of renewals fell from " + targetRenewals + " to " + renewals
          + ": it was restarted");
    }
    targetRenewals = renewals;
  }

  private Reading read() {
    return new Reading(
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
