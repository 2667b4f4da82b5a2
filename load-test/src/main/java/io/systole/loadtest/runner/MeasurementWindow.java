// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Histograms;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Loop;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.stats.Latencies;
import io.systole.loadtest.stats.LoopTimes;
import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.stats.StatsSnapshot;
import io.systole.loadtest.stats.WindowStatsSet;
import io.systole.loadtest.target.ProcessMeter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Measures one window, from its beginning to its end. For one thread. */
final class MeasurementWindow {
  private static final long NOTICE_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double NS_PER_SEC = 1e9;
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_US = 1e3;

  /** What has gone by at one moment. */
  private record Mark(
      long atNs,
      StatsSnapshot counted,
      OptionalLong targetCpuNs,
      long ownCpuNs,
      List<LoopTimes> loops,
      long gcMs) {}

  private final Recorders recorders;
  private final Sampler sampler;
  private final @Nullable ProcessMeter target;
  private final ProcessMeter own = ProcessMeter.ofThisProcess();
  private final Workload workload;
  private final Instant startAt;
  private final long plannedEndNs;
  private final WindowStatsSet allStats;
  private final Mark start;

  /**
   * Begins to measure, a moment from now, and returns when it has begun. The moment lets all loops
   * know of the window: no beat can then be counted as due without its answer, or the other way
   * round.
   *
   * @param wantedStart when the window is to begin; null, or one within that moment, is now
   */
  MeasurementWindow(
      Recorders recorders,
      Sampler sampler,
      @Nullable ProcessMeter target,
      Workload workload,
      long durationMs,
      @Nullable Instant wantedStart)
      throws InterruptedException {
    this.recorders = recorders;
    this.sampler = sampler;
    this.target = target;
    this.workload = workload;
    Instant soonest = Instant.now().plusNanos(NOTICE_NS);
    long startNs = System.nanoTime() + NOTICE_NS;
    if (wantedStart != null && wantedStart.isAfter(soonest)) {
      startAt = wantedStart;
      startNs += Duration.between(soonest, wantedStart).toNanos();
    } else {
      startAt = soonest;
    }
    plannedEndNs = startNs + TimeUnit.MILLISECONDS.toNanos(durationMs);
    allStats = recorders.open(startNs, plannedEndNs);
    sleepUntil(startNs);
    sampler.cut();
    start = mark();
  }

  /** Returns how many beats of the window have neither been answered nor failed. */
  long open() {
    return allStats.open();
  }

  /**
   * Ends the window when it was to end, or a moment from now.
   *
   * @param settle waits until no more is to be waited for, and then for a turn of every loop
   * @param judge what the generator is to be held to
   */
  WindowResult end(DrainCondition settle, Function<GeneratorMonitor.Sample, Generator> judge)
      throws InterruptedException {
    long endNs = Math.min(plannedEndNs, System.nanoTime() + NOTICE_NS);
    allStats.end(endNs);
    sleepUntil(endNs);
    EventLoopLagProbe.Probed probed = sampler.cutProbed();
    Mark end = mark();
    settle.settle();
    long lengthNs = endNs - allStats.startNs();
    double secs = lengthNs / NS_PER_SEC;
    Histogram fromDue = Latencies.sum();
    Histogram fromSent = Latencies.sum();
    allStats.addLatenciesTo(
        fromDue, fromSent, TimeUnit.MILLISECONDS.toNanos(workload.responseTimeoutMs()));
    Histogram gaps = allStats.responseGaps();
    var seen = new GeneratorMonitor.Sample(
        (end.ownCpuNs - start.ownCpuNs) / NS_PER_SEC / secs,
        allStats.lag(),
        probed.lag().over(lengthNs),
        Math.min(1, (double) probed.fullNs() / lengthNs),
        loops(end),
        end.gcMs - start.gcMs);
    return new WindowResult(
        allStats.startNs(),
        window(secs, fromDue, fromSent, gaps),
        cost(end),
        targetCores(end),
        judge.apply(seen),
        connections(end, secs),
        null,
        new Part(
            workload.firstInstance(),
            startAt.toString(),
            Histograms.text(fromDue),
            Histograms.text(fromSent),
            Histograms.text(gaps)),
        Histograms.points(fromDue));
  }

  private Connections connections(Mark end, double secs) {
    long opened = end.counted.connectionsOpened() - start.counted.connectionsOpened();
    long failed = end.counted.connectionsFailed() - start.counted.connectionsFailed();
    return new Connections(opened, opened / secs, failed);
  }

  /** What must have happened before what was counted is final. */
  interface DrainCondition {
    void settle() throws InterruptedException;
  }

  private Window window(double secs, Histogram fromDue, Histogram fromSent, Histogram gaps) {
    Map<String, Long> statuses = allStats.statuses();
    long renewals = statuses.getOrDefault(Integer.toString(Report.RENEWED), 0L);
    return new Window(
        secs,
        allStats.due(),
        renewals,
        allStats.renewedWithin(),
        allStats.renewedWithin() / secs,
        statuses,
        allStats.failures(),
        allStats.open(),
        Percentiles.of(fromDue),
        Percentiles.of(fromSent),
        gaps.getValueAtPercentile(99) / NS_PER_MS);
  }

  private Cost cost(Mark end) {
    StatsSnapshot before = start.counted;
    StatsSnapshot after = end.counted;
    double responses = Math.max(1, after.answered() - before.answered());
    Double targetCpuNs = targetCpuNs(end);
    return new Cost(
        targetCpuNs == null ? null : Double.valueOf(targetCpuNs / NS_PER_US / responses),
        (end.ownCpuNs - start.ownCpuNs) / NS_PER_US / responses,
        (after.bytesSent() - before.bytesSent()) / responses,
        (after.bytesReceived() - before.bytesReceived()) / responses);
  }

  private @Nullable Double targetCores(Mark end) {
    Double targetCpuNs = targetCpuNs(end);
    return targetCpuNs == null ? null : Double.valueOf(targetCpuNs / (end.atNs - start.atNs));
  }

  private @Nullable Double targetCpuNs(Mark end) {
    return start.targetCpuNs.isPresent() && end.targetCpuNs.isPresent()
        ? Double.valueOf((double) (end.targetCpuNs.getAsLong() - start.targetCpuNs.getAsLong()))
        : null;
  }

  private List<Loop> loops(Mark end) {
    double ns = end.atNs - start.atNs;
    List<Loop> loops = new ArrayList<>();
    for (int index = 0; index < end.loops.size(); index++) {
      LoopTimes times = end.loops.get(index).since(start.loops.get(index));
      boolean isWaitKnown = times.waitedNs() != LoopTimes.UNKNOWN;
      loops.add(new Loop(times.ranNs() / ns, isWaitKnown ? times.waitedNs() / ns : null));
    }
    return loops;
  }

  private Mark mark() {
    return new Mark(
        System.nanoTime(),
        recorders.snapshot(),
        target == null ? OptionalLong.empty() : target.cpuNs(),
        own.cpuNs().orElse(0),
        recorders.times(),
        GeneratorMonitor.gcMs());
  }

  private static void sleepUntil(long ns) throws InterruptedException {
    long leftNs = ns - System.nanoTime();
    while (leftNs > 0) {
      TimeUnit.NANOSECONDS.sleep(leftNs);
      leftNs = ns - System.nanoTime();
    }
  }
}
