// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Histograms;
import io.systole.loadtest.report.PercentilePoint;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Loop;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.stats.Latencies;
import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.stats.StatsSnapshot;
import io.systole.loadtest.stats.ThreadTimes;
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

/** The measurement of one window. Not thread-safe. */
final class MeasurementWindow {
  private static final long LEAD_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double NS_PER_SEC = 1e9;
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_US = 1e3;

  /** Cumulative values at one time. */
  private record Reading(
      long atNs,
      StatsSnapshot counted,
      OptionalLong targetCpuNs,
      long ownCpuNs,
      List<ThreadTimes> loops,
      long gcMs) {}

  private final Recorders recorders;
  private final Sampler sampler;
  private final @Nullable ProcessMeter target;
  private final ProcessMeter own = ProcessMeter.ofThisProcess();
  private final Workload workload;
  private final Instant startAt;
  private final long plannedEndNs;
  private final WindowStatsSet allStats;
  private final Reading start;

  /**
   * Schedules the window and returns when it has started. The lead time lets all loops see the
   * window first, so that no heartbeat counts as due without its response, or the other way round.
   *
   * @param requestedStart null, or a time within the lead time, starts the window as soon as
   *     possible
   */
  MeasurementWindow(
      Recorders recorders,
      Sampler sampler,
      @Nullable ProcessMeter target,
      Workload workload,
      long durationMs,
      @Nullable Instant requestedStart)
      throws InterruptedException {
    this.recorders = recorders;
    this.sampler = sampler;
    this.target = target;
    this.workload = workload;
    Instant soonest = Instant.now().plusNanos(LEAD_NS);
    long soonestNs = System.nanoTime() + LEAD_NS;
    Instant attempt =
        requestedStart != null && requestedStart.isAfter(soonest) ? requestedStart : soonest;
    long attemptNs = soonestNs + Duration.between(soonest, attempt).toNanos();
    long durationNs = TimeUnit.MILLISECONDS.toNanos(durationMs);
    allStats = recorders.openAhead(attemptNs, durationNs, LEAD_NS, System::nanoTime);
    startAt = attempt.plusNanos(allStats.startNs() - attemptNs);
    plannedEndNs = allStats.startNs() + durationNs;
    sleepUntil(allStats.startNs());
    sampler.restart();
    start = read();
  }

  /** Returns the number of heartbeats of the window that have neither a response nor failed. */
  long open() {
    return allStats.open();
  }

  /**
   * Ends the window at its planned end, or after the lead time if that is earlier.
   *
   * @param drain waits for outstanding responses, then for a cycle of every loop
   * @param evaluation checks the generator's measurements
   */
  WindowResult end(DrainCondition drain, Function<GeneratorMonitor.Sample, Generator> evaluation)
      throws InterruptedException {
    long endNs = Math.min(plannedEndNs, System.nanoTime() + LEAD_NS);
    allStats.end(endNs);
    sleepUntil(endNs);
    EventLoopLagProbe.Result probed = sampler.takeLagAndRestart();
    Reading end = read();
    drain.await();
    recordResent(end);
    long lengthNs = endNs - allStats.startNs();
    double secs = lengthNs / NS_PER_SEC;
    Histogram fromDue = Latencies.sum();
    Histogram fromSent = Latencies.sum();
    allStats.addLatenciesTo(
        fromDue, fromSent, TimeUnit.MILLISECONDS.toNanos(workload.responseTimeoutMs()));
    Histogram gaps = allStats.responseGaps();
    var sample = new GeneratorMonitor.Sample(
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
        evaluation.apply(sample),
        connections(end, secs),
        null,
        new Part(
            workload.firstInstance(),
            startAt.toString(),
            Histograms.text(fromDue),
            Histograms.text(fromSent),
            Histograms.text(gaps)),
        PercentilePoint.curve(fromDue));
  }

  /** Records the heartbeats that were sent again; each is due and counted once. */
  private void recordResent(Reading end) {
    long resent = end.counted.resent() - start.counted.resent();
    if (resent > 0) {
      sampler.recordEvent(resent + " heartbeats were sent again within the window, because the"
          + " target closed their connections without processing them");
    }
  }

  private Connections connections(Reading end, double secs) {
    long opened = end.counted.connectionsOpened() - start.counted.connectionsOpened();
    long failed = end.counted.connectionsFailed() - start.counted.connectionsFailed();
    return new Connections(opened, opened / secs, failed);
  }

  /** A wait for the window's counts to become final. */
  interface DrainCondition {
    void await() throws InterruptedException;
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

  private Cost cost(Reading end) {
    StatsSnapshot before = start.counted;
    StatsSnapshot after = end.counted;
    double responses = after.answered() - before.answered();
    if (responses == 0) {
      return Cost.UNKNOWN;
    }
    Double targetCpuNs = targetCpuNs(end);
    return new Cost(
        targetCpuNs == null ? null : Double.valueOf(targetCpuNs / NS_PER_US / responses),
        (end.ownCpuNs - start.ownCpuNs) / NS_PER_US / responses,
        (after.bytesSent() - before.bytesSent()) / responses,
        (after.bytesReceived() - before.bytesReceived()) / responses);
  }

  private @Nullable Double targetCores(Reading end) {
    Double targetCpuNs = targetCpuNs(end);
    return targetCpuNs == null ? null : Double.valueOf(targetCpuNs / (end.atNs - start.atNs));
  }

  private @Nullable Double targetCpuNs(Reading end) {
    return start.targetCpuNs.isPresent() && end.targetCpuNs.isPresent()
        ? Double.valueOf((double) (end.targetCpuNs.getAsLong() - start.targetCpuNs.getAsLong()))
        : null;
  }

  private List<Loop> loops(Reading end) {
    double ns = end.atNs - start.atNs;
    List<Loop> loops = new ArrayList<>();
    for (int index = 0; index < end.loops.size(); index++) {
      ThreadTimes times = end.loops.get(index).since(start.loops.get(index));
      boolean isWaitKnown = times.waitedNs() != ThreadTimes.UNKNOWN;
      loops.add(new Loop(times.ranNs() / ns, isWaitKnown ? times.waitedNs() / ns : null));
    }
    return loops;
  }

  private Reading read() {
    return new Reading(
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
