// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.client.HeartbeatClient;
import io.systole.loadtest.record.Latencies;
import io.systole.loadtest.record.Recorders;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Conditions;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.report.ToolVersion;
import io.systole.loadtest.report.Verdict;
import io.systole.loadtest.target.CpuMeter;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Gathers what a report needs while the workload goes on. For one thread. */
final class ReportMaker {
  private static final long NOTICE_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final double NS_PER_SEC = 1e9;
  private static final double MS_PER_SEC = 1e3;
  private static final double NS_PER_US = 1e3;

  /** What has gone by at one moment. */
  private record Mark(
      long atNs, long answers, long sent, long received, OptionalLong targetCpuNs, long ownCpuNs) {}

  private final Workload workload;
  private final Recorders recorders;
  private final Instant startedAt;
  private final @Nullable CpuMeter targetCpu;
  private final CpuMeter ownCpu = CpuMeter.ofThisProcess();

  private Registrations registrations = new Registrations(0, 0, 0, 0);
  private long windowStartNs;
  private long windowEndNs;
  private @Nullable Mark start;
  private @Nullable Mark end;
  private @Nullable Comparison comparison;

  ReportMaker(Workload workload, Recorders recorders, Instant startedAt) {
    this.workload = workload;
    this.recorders = recorders;
    this.startedAt = startedAt;
    this.targetCpu = workload.pid().isPresent() ? CpuMeter.of(workload.pid().getAsLong()) : null;
  }

  /** Returns the target without the credentials that its URL may hold. */
  String target() {
    URI target = workload.target();
    String userInfo = target.getRawUserInfo();
    return userInfo == null ? target.toString() : target.toString().replace(userInfo + "@", "");
  }

  void registered(long tookNs) {
    double secs = tookNs / NS_PER_SEC;
    registrations = new Registrations(
        workload.instances(), secs, workload.instances() / secs, recorders.registrationsFailed());
  }

  /**
   * The window begins a moment from now; it may be ended before its time is over. The moment lets
   * all loops know of it: no beat can then be counted as due without its answer, or the other way
   * round.
   */
  void begin() throws InterruptedException {
    long startNs = System.nanoTime() + NOTICE_NS;
    recorders.window(startNs, startNs + plannedNs());
    sleepUntil(startNs);
    start = mark();
    windowStartNs = startNs;
  }

  /** The window ends when it was to end, or a moment from now. */
  void end() throws InterruptedException {
    long endNs = Math.min(windowStartNs + plannedNs(), System.nanoTime() + NOTICE_NS);
    recorders.window(windowStartNs, endNs);
    sleepUntil(endNs);
    end = mark();
    windowEndNs = endNs;
  }

  private long plannedNs() {
    return TimeUnit.MILLISECONDS.toNanos(workload.durationMs());
  }

  private static void sleepUntil(long ns) throws InterruptedException {
    long leftNs = ns - System.nanoTime();
    while (leftNs > 0) {
      TimeUnit.NANOSECONDS.sleep(leftNs);
      leftNs = ns - System.nanoTime();
    }
  }

  void compared(Comparison counts) {
    comparison = counts;
  }

  private Mark mark() {
    return new Mark(
        System.nanoTime(),
        recorders.answered(),
        recorders.bytesSent(),
        recorders.bytesReceived(),
        targetCpu == null ? OptionalLong.empty() : targetCpu.cpuNs(),
        ownCpu.cpuNs().orElse(0));
  }

  /** Makes the report; after the client was closed. */
  Report make() {
    Mark from = requireMark(start);
    Mark to = requireMark(end);
    Window window = window();
    String verdict = Verdict.of(window, comparison);
    return new Report(
        workload.mode().name().toLowerCase(Locale.ROOT) + " " + target(),
        conditions(),
        registrations,
        window,
        cost(from, to),
        generator(from, to),
        comparison,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        verdict.equals(Verdict.PASSED),
        verdict);
  }

  private Window window() {
    Histogram fromDue = Latencies.sum();
    Histogram fromSent = Latencies.sum();
    recorders.addLatenciesTo(fromDue, fromSent);
    double secs = (windowEndNs - windowStartNs) / NS_PER_SEC;
    Map<String, Long> statuses = recorders.windowStatuses();
    long renewals = statuses.getOrDefault(Integer.toString(Report.RENEWED), 0L);
    return new Window(
        secs,
        recorders.windowDue(),
        renewals,
        renewals / secs,
        statuses,
        recorders.windowFailures(),
        recorders.windowOpen(),
        Percentiles.of(fromDue),
        Percentiles.of(fromSent));
  }

  private static Cost cost(Mark from, Mark to) {
    double answers = Math.max(1, to.answers - from.answers);
    Double targetCpuUs = from.targetCpuNs.isPresent() && to.targetCpuNs.isPresent()
        ? (to.targetCpuNs.getAsLong() - from.targetCpuNs.getAsLong()) / NS_PER_US / answers
        : null;
    return new Cost(
        targetCpuUs,
        (to.ownCpuNs - from.ownCpuNs) / NS_PER_US / answers,
        (to.sent - from.sent) / answers,
        (to.received - from.received) / answers);
  }

  private static Generator generator(Mark from, Mark to) {
    double secs = (to.atNs - from.atNs) / NS_PER_SEC;
    Runtime runtime = Runtime.getRuntime();
    return new Generator(
        (to.ownCpuNs - from.ownCpuNs) / NS_PER_SEC / secs,
        0,
        0,
        0,
        runtime.totalMemory() - runtime.freeMemory(),
        true,
        "");
  }

  private Conditions conditions() {
    boolean isPeak = workload.mode() == Workload.Mode.PEAK;
    return new Conditions(
        isPeak ? "peak" : "run",
        target(),
        workload.instances(),
        workload.applications(),
        isPeak ? 0 : workload.intervalMs() / MS_PER_SEC,
        workload.connections(),
        workload.inFlight(),
        workload.loops(),
        workload.warmupMs() / MS_PER_SEC,
        workload.durationMs() / MS_PER_SEC,
        startedAt.toString(),
        ToolVersion.version(),
        HeartbeatClient.transport(),
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors());
  }

  private static Mark requireMark(@Nullable Mark mark) {
    if (mark == null) {
      throw new IllegalStateException("the window was not measured");
    }
    return mark;
  }
}
