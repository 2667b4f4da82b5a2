// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.HeartbeatClient;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.RunOutcome;
import io.systole.loadtest.report.ToolVersion;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds reports from the results of a load session. */
public final class ReportBuilder {
  private static final double MS_PER_SEC = 1e3;

  private ReportBuilder() {}

  /** Returns the report of a run without expectations. */
  public static Report report(
      Workload workload,
      Instant startedAt,
      Registrations registrations,
      WindowResult measured,
      @Nullable Comparison comparison,
      List<Sample> timeline,
      List<Event> events) {
    ReportConditions conditions = conditions(workload, startedAt);
    RunOutcome outcome = RunOutcome.of(
        conditions.durationSecs(),
        measured.window(),
        comparison,
        measured.generator(),
        measured.reads());
    return new Report(
        conditions.mode() + " " + conditions.target(),
        conditions,
        registrations,
        measured.window(),
        measured.cost(),
        measured.generator(),
        measured.connections(),
        measured.reads(),
        comparison,
        measured.part(),
        timeline,
        events,
        measured.percentiles(),
        List.of(),
        outcome.isPassed(),
        outcome.reason());
  }

  /** Returns the conditions of a workload on this machine. */
  public static ReportConditions conditions(Workload workload, Instant startedAt) {
    boolean isPeak = workload.mode() == Workload.Mode.PEAK;
    return new ReportConditions(
        isPeak ? "peak" : "run",
        workload.address(),
        workload.instances(),
        workload.applications(),
        isPeak ? 0 : workload.intervalMs() / MS_PER_SEC,
        workload.connections(),
        workload.inFlight(),
        workload.loops(),
        workload.warmupMs() / MS_PER_SEC,
        workload.durationMs() / MS_PER_SEC,
        workload.traffic().text(),
        startedAt.toString(),
        ToolVersion.version(),
        HeartbeatClient.transport(),
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors());
  }
}
