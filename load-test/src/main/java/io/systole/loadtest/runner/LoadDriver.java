// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.protocol.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Drives one workload from the first connection to the report. */
public final class LoadDriver {
  /*
   *   connect -> register -> rest, read counter -> warm up -> measure -> drain -> rest, read counter
   *           -> cancel -> close -> report
   *
   * endEarly, from any thread, cuts the waits of warming up and measuring short; what was measured
   * until then is reported.
   */

  /** From the end of the warm-up to a window that begins at a time: enough for a pause. */
  private static final long START_LEAD_MS = 250;

  private final Workload workload;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;

  /**
   * Begins to connect to the target; {@link #session} ends what begins here.
   *
   * @throws IllegalArgumentException when the workload has something that cannot be driven
   */
  public LoadDriver(Workload workload, Progress progress) {
    this(workload, progress, Clock.SYSTEM);
  }

  LoadDriver(Workload workload, Progress progress, Clock clock) {
    this.workload = workload;
    this.session = new LoadSession(workload, progress, clock, LoadSession.STALL_MS_MAX);
  }

  /** Ends warming up or measuring now; any thread. */
  public void endEarly() {
    session.endEarly();
  }

  /** Returns how many heartbeats were answered so far; any thread. */
  long answered() {
    return session.answered();
  }

  /** Drives the workload; returns when all is over, with nothing left open. */
  public Report drive() throws LoadTestException, InterruptedException {
    Registrations registrations;
    WindowResult measured;
    Comparison comparison;
    try (session) {
      session.reach();
      registrations = session.register();
      if (workload.isCompared()) {
        session.beginComparison();
      }
      session.beat();
      session.pass("warming up", warmupMs());
      measured =
          session.measure(workload.durationMs(), session.hasEnded() ? null : workload.startAt());
      comparison = workload.isCompared() ? session.endComparison() : null;
      if (!workload.keep()) {
        session.cancel();
      }
    }
    return report(registrations, measured, comparison);
  }

  /** Returns how long to warm up, which is longer when the window waits for its time. */
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
