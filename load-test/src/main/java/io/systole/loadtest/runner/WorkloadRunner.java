// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.protocol.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A runner of one workload, from the first connection to the report. */
public final class WorkloadRunner {
  /*
   *   connect -> register -> pause, read counter -> warm up -> measure -> drain
   *           -> pause, read counter -> cancel -> close -> report
   *
   * endEarly, from any thread, ends the warm-up and the measurement; the measurements so far are
   * reported.
   */

  /** Time between the end of the warm-up and a scheduled window; covers a pause of the machine. */
  private static final long START_LEAD_MS = 250;

  private final Workload workload;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;

  /**
   * Starts connecting to the target; {@link #run} closes the connections.
   *
   * @throws IllegalArgumentException if the workload is invalid
   */
  public WorkloadRunner(Workload workload, Progress progress) {
    this(workload, progress, Clock.SYSTEM);
  }

  WorkloadRunner(Workload workload, Progress progress, Clock clock) {
    this.workload = workload;
    this.session = new LoadSession(workload, progress, clock, LoadSession.STALL_MS_MAX);
  }

  /** Ends the warm-up or the measurement now. Thread-safe. */
  public void endEarly() {
    session.endEarly();
  }

  /** Returns the number of responses so far. Thread-safe. */
  long answered() {
    return session.answered();
  }

  /** Runs the workload; returns when everything is closed. */
  public Report run() throws LoadTestException, InterruptedException {
    Registrations registrations;
    WindowResult measured;
    Comparison comparison;
    try (session) {
      session.awaitConnection();
      registrations = session.register();
      if (workload.isCompared()) {
        session.beginRenewalCountCheck();
      }
      session.startHeartbeats();
      session.runFor("warming up", warmupMs());
      measured =
          session.measure(workload.durationMs(), session.hasEnded() ? null : workload.startAt());
      comparison = workload.isCompared() ? session.endRenewalCountCheck() : null;
      if (!workload.keep()) {
        session.cancel();
      }
    }
    return report(registrations, measured, comparison);
  }

  /** Returns the warm-up, extended until a scheduled window starts. */
  private long warmupMs() throws LoadTestException {
    Instant startAt = workload.startAt();
    if (startAt == null) {
      return workload.warmupMs();
    }
    long leftMs = Duration.between(Instant.now(), startAt).toMillis() - START_LEAD_MS;
    if (leftMs < workload.warmupMs()) {
      throw new LoadTestException("not ready for --start-at=" + startAt + ": after registering, "
          + Math.max(0, leftMs) + " ms were left for a warm-up of " + workload.warmupMs() + " ms");
    }
    return leftMs;
  }

  private Report report(
      Registrations registrations, WindowResult measured, @Nullable Comparison comparison) {
    return ReportBuilder.report(
        workload,
        startedAt,
        registrations,
        measured,
        comparison,
        session.timeline(measured.startNs()),
        session.events(measured.startNs()));
  }
}
