// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.client.HeartbeatClient;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Conditions;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.ToolVersion;
import io.systole.loadtest.report.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts together what a drive has come to. */
public final class ReportMaker {
  private static final double MS_PER_SEC = 1e3;

  private ReportMaker() {}

  /** Returns the report of a drive without expectations. */
  public static Report report(
      Workload workload,
      Instant startedAt,
      Registrations registrations,
      Measured measured,
      @Nullable Comparison comparison,
      List<Sample> timeline,
      List<Event> events) {
    Conditions conditions = conditions(workload, startedAt);
    String verdict = Verdict.of(measured.window(), comparison, measured.generator());
    return new Report(
        conditions.mode() + " " + conditions.target(),
        conditions,
        registrations,
        measured.window(),
        measured.cost(),
        measured.generator(),
        comparison,
        timeline,
        events,
        measured.percentiles(),
        List.of(),
        verdict.equals(Verdict.PASSED),
        verdict);
  }

  /** Returns under which conditions a workload is driven from here. */
  public static Conditions conditions(Workload workload, Instant startedAt) {
    boolean isPeak = workload.mode() == Workload.Mode.PEAK;
    return new Conditions(
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
