// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.loadtest.drive.CapacitySearch.Outcome;
import io.systole.loadtest.drive.CapacitySearch.Stage;
import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Registrations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Tries rates with one fleet until a search is over. */
public final class CapacityDriver {
  /*
   *   register once -> { re-pace -> warm up -> measure -> tell the search -> [failed: rest] } -> cancel
   *
   * After a trial that failed, the queue it has left is let run dry, or the next would be charged for
   * it.
   */
  private final Workload workload;
  private final Slo slo;
  private final CapacitySearch search;
  private final Instant startedAt = Instant.now();
  private final Drive drive;
  private final List<Trial> trials = new ArrayList<>();

  /**
   * Begins to connect to the target; {@link #drive} ends what begins here.
   *
   * @param workload open model; its warm-up and duration are those of each trial
   * @throws IllegalArgumentException when the workload has something that cannot be driven
   */
  public CapacityDriver(Workload workload, Slo slo, CapacitySearch search, Progress progress) {
    this.workload = workload;
    this.slo = slo;
    this.search = search;
    this.drive = new Drive(workload, progress);
  }

  /** Ends the search after the current trial, which counts no more; any thread. */
  public void endEarly() {
    drive.endEarly();
  }

  /** Searches; returns when all is over, with nothing left open. */
  public Capacity drive() throws LoadFailed, InterruptedException {
    Registrations registrations;
    Comparison comparison;
    try (drive) {
      drive.reach();
      registrations = drive.register();
      if (workload.isCompared()) {
        drive.beginComparison();
      }
      while (search.stage() != Stage.OVER && !drive.hasEnded()) {
        tryNext();
      }
      comparison = workload.isCompared() ? drive.endComparison() : null;
      if (!workload.keep()) {
        drive.cancel();
      }
    }
    return capacity(registrations, comparison);
  }

  private void tryNext() throws InterruptedException {
    Stage stage = search.stage();
    int intervalMs = Rate.intervalMs(search.rate(), workload.instances());
    double perSec = Rate.perSec(intervalMs, workload.instances());
    drive.intervalMs(intervalMs);
    drive.beat();
    drive.pass(
        String.format(Locale.ROOT, "%s: %,.0f/s, warming up", name(stage), perSec),
        workload.warmupMs());
    Measured measured = drive.measure(workload.durationMs());
    if (drive.hasEnded()) {
      return;
    }
    Outcome outcome = slo.outcome(measured);
    trials.add(trial(stage, perSec, measured, outcome));
    if (outcome != Outcome.HELD) {
      drive.rest();
    }
    search.tell(outcome);
  }

  private Trial trial(Stage stage, double perSec, Measured measured, Outcome outcome) {
    OptionalDouble cores = Slo.cores(measured);
    String faults = String.join(", ", slo.faults(measured));
    String why = outcome == Outcome.GENERATOR
        ? faults + "; the generator: " + measured.generator().why()
        : faults;
    return new Trial(
        perSec,
        name(stage),
        measured.window(),
        cores.isPresent() ? cores.getAsDouble() : null,
        measured.generator(),
        outcome.name(),
        why);
  }

  private static String name(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  private Capacity capacity(Registrations registrations, @Nullable Comparison comparison) {
    OptionalDouble held = search.held();
    OptionalDouble failed = search.failed();
    return new Capacity(
        ReportMaker.conditions(workload, startedAt),
        slo.text(),
        registrations,
        List.copyOf(trials),
        held.isPresent() ? held.getAsDouble() : null,
        failed.isPresent() ? failed.getAsDouble() : null,
        search.isGeneratorLimited(),
        search.isConfirmed(),
        comparison,
        search.isConfirmed() && !drive.hasEnded(),
        verdict());
  }

  private String verdict() {
    if (drive.hasEnded()) {
      return "ended early";
    }
    if (search.held().isEmpty()) {
      return search.isGeneratorLimited()
          ? "no answer: the load generator could not keep up itself"
          : String.format(Locale.ROOT, "not even %,.0f/s held", search.failed().orElse(0));
    }
    double held = search.held().getAsDouble();
    if (search.isGeneratorLimited()) {
      return String.format(Locale.ROOT, "at least %,.0f/s; the generator is the limit", held);
    }
    return search.failed().isEmpty()
        ? String.format(Locale.ROOT, "at least %,.0f/s; nothing higher was tried", held)
        : String.format(
            Locale.ROOT, "%,.0f/s held, %,.0f/s did not", held, search.failed().getAsDouble());
  }
}
