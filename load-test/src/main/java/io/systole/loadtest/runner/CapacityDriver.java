// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.runner.CapacitySearch.Outcome;
import io.systole.loadtest.runner.CapacitySearch.Stage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
  private static final double USUAL_INTERVAL_SECS = 30;
  private static final double MS_PER_SEC = 1e3;
  private static final double PERCENT = 100;

  private final Workload workload;
  private final Slo slo;
  private final CapacitySearch search;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;
  private final List<Trial> trials = new ArrayList<>();

  /**
   * Begins to connect to the target; {@link #session} ends what begins here.
   *
   * @param workload open model; its warm-up and duration are those of each trial
   * @throws IllegalArgumentException when the workload has something that cannot be driven
   */
  public CapacityDriver(Workload workload, Slo slo, CapacitySearch search, Progress progress) {
    this.workload = workload;
    this.slo = slo;
    this.search = search;
    this.session = new LoadSession(workload, progress);
  }

  /** Ends the search after the current trial, which counts no more; any thread. */
  public void endEarly() {
    session.endEarly();
  }

  /** Searches; returns when all is over, with nothing left open. */
  public Capacity drive() throws LoadTestException, InterruptedException {
    Registrations registrations;
    Comparison comparison;
    try (session) {
      session.reach();
      registrations = session.register();
      if (workload.isCompared()) {
        session.beginComparison();
      }
      while (search.stage() != Stage.OVER && !session.hasEnded()) {
        tryNext();
      }
      comparison = workload.isCompared() ? session.endComparison() : null;
      if (!workload.keep()) {
        session.cancel();
      }
    }
    return capacity(registrations, comparison);
  }

  private void tryNext() throws InterruptedException {
    Stage stage = search.stage();
    int intervalMs = Rate.intervalMs(search.rate(), workload.instances());
    double perSec = Rate.perSec(intervalMs, workload.instances());
    session.intervalMs(intervalMs);
    session.beat();
    session.pass(
        String.format(Locale.ROOT, "%s: %,.0f/s, warming up", name(stage), perSec),
        workload.warmupMs());
    WindowResult measured = session.measure(workload.durationMs());
    if (session.hasEnded()) {
      return;
    }
    Outcome outcome = slo.outcome(measured, workload.responseTimeoutMs());
    trials.add(trial(stage, perSec, measured, outcome));
    if (outcome != Outcome.HELD) {
      session.rest();
    }
    search.report(outcome);
  }

  private Trial trial(Stage stage, double perSec, WindowResult measured, Outcome outcome) {
    OptionalDouble cores = Slo.cores(measured);
    String faults = String.join(", ", slo.faults(measured));
    String why = switch (outcome) {
      case GENERATOR -> faults + "; the generator: " + measured.generator().why();
      case WINDOW -> faults + windowNote(measured);
      case HELD, FAILED -> faults;
    };
    return new Trial(
        perSec,
        name(stage),
        measured.window(),
        cores.isPresent() ? cores.getAsDouble() : null,
        measured.reads(),
        measured.generator(),
        outcome.name(),
        why);
  }

  private static String windowNote(WindowResult measured) {
    return String.format(
        Locale.ROOT,
        "; the in-flight window was full %.0f %% of the time, the target's own p99 was %.1f ms",
        measured.generator().windowFullShare() * PERCENT,
        Slo.targetP99Ms(measured));
  }

  private static String name(Stage stage) {
    return stage.name().toLowerCase(Locale.ROOT);
  }

  private Capacity capacity(Registrations registrations, @Nullable Comparison comparison) {
    Double held = boxed(search.held());
    Optional<Outcome> ownLimit = search.ownLimit();
    return new Capacity(
        ReportBuilder.conditions(workload, startedAt),
        slo.text(),
        registrations,
        List.copyOf(trials),
        held,
        held == null ? null : instances(held),
        boxed(search.failed()),
        boxed(search.undriven()),
        ownLimit.equals(Optional.of(Outcome.GENERATOR)),
        ownLimit.equals(Optional.of(Outcome.WINDOW)),
        search.isConfirmed(),
        comparison,
        search.isConfirmed() && !session.hasEnded(),
        outcome());
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Returns how many instances send that many heartbeats at the usual interval. */
  private static long instances(double perSec) {
    return (long) (perSec * USUAL_INTERVAL_SECS);
  }

  private String outcome() {
    if (session.hasEnded()) {
      return "ended early";
    }
    Optional<Outcome> ownLimit = search.ownLimit();
    if (search.held().isEmpty()) {
      return ownLimit.isPresent()
          ? "no answer: " + ownLimit(ownLimit.get())
          : String.format(Locale.ROOT, "not even %,.0f/s held", search.failed().orElse(0));
    }
    double held = search.held().getAsDouble();
    String response =
        String.format(Locale.ROOT, "%,.0f/s (%,d instances at 30 s)", held, instances(held));
    if (ownLimit.isPresent()) {
      return "at least " + response + "; " + ownLimit(ownLimit.get());
    }
    return search.failed().isEmpty()
        ? "at least " + response + "; nothing higher was tried"
        : String.format(
            Locale.ROOT, "%s held, %,.0f/s did not", response, search.failed().getAsDouble());
  }

  private String ownLimit(Outcome limit) {
    double undriven = search.undriven().orElse(0);
    if (limit == Outcome.GENERATOR) {
      return String.format(
          Locale.ROOT, "the generator is the limit, it could not keep up at %,.0f/s", undriven);
    }
    // Little's law: that many requests are in flight when each takes as long as it may.
    long inFlight = (long) Math.ceil(undriven * slo.p99Ms() / MS_PER_SEC / workload.connections());
    return String.format(
        Locale.ROOT,
        "the in-flight window of %d x %d is the limit, not the target:"
            + " use --in-flight=%d for %,.0f/s",
        workload.connections(),
        workload.inFlight(),
        Math.max(inFlight, workload.inFlight() + 1),
        undriven);
  }
}
