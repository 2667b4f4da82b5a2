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

/** A runner of a capacity search: tries rates with one fleet until the search is over. */
public final class CapacityRunner {
  /*
   *   register -> { set rate -> warm up -> measure -> report to the search -> [failed: pause] }
   *            -> cancel
   *
   * The pause after a failed trial drains its queue, which would otherwise add to the next trial's
   * latency.
   */
  private static final double DEFAULT_INTERVAL_SECS = 30;
  private static final double MS_PER_SEC = 1e3;
  private static final double PERCENT = 100;

  private final Workload workload;
  private final Slo slo;
  private final CapacitySearch search;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;
  private final List<Trial> trials = new ArrayList<>();

  /**
   * Starts connecting to the target; {@link #run} closes the connections.
   *
   * @param workload open model; its warm-up and duration are those of each trial
   * @throws IllegalArgumentException if the workload is invalid
   */
  public CapacityRunner(Workload workload, Slo slo, CapacitySearch search, Progress progress) {
    this.workload = workload;
    this.slo = slo;
    this.search = search;
    this.session = new LoadSession(workload, progress);
  }

  /** Ends the search after the current trial, which is discarded. Thread-safe. */
  public void endEarly() {
    session.endEarly();
  }

  /** Runs the search; returns when everything is closed. */
  public Capacity run() throws LoadTestException, InterruptedException {
    Registrations registrations;
    Comparison comparison;
    try (session) {
      session.awaitConnection();
      registrations = session.register();
      if (workload.isCompared()) {
        session.beginRenewalCountCheck();
      }
      while (search.stage() != Stage.OVER && !session.hasEnded()) {
        runTrial();
      }
      comparison = workload.isCompared() ? session.endRenewalCountCheck() : null;
      if (!workload.keep()) {
        session.cancel();
      }
    }
    return capacity(registrations, comparison);
  }

  private void runTrial() throws InterruptedException {
    Stage stage = search.stage();
    int intervalMs = Rate.intervalMs(search.rate(), workload.instances());
    double perSec = Rate.perSec(intervalMs, workload.instances());
    session.intervalMs(intervalMs);
    session.startHeartbeats();
    session.runFor(
        String.format(Locale.ROOT, "%s: %,.0f/s, warming up", name(stage), perSec),
        workload.warmupMs());
    WindowResult measured = session.measure(workload.durationMs());
    if (session.hasEnded()) {
      return;
    }
    Outcome outcome = slo.outcome(measured, workload.responseTimeoutMs());
    trials.add(trial(stage, perSec, measured, outcome));
    if (outcome != Outcome.HELD) {
      session.pauseHeartbeats();
    }
    search.report(outcome);
  }

  private Trial trial(Stage stage, double perSec, WindowResult measured, Outcome outcome) {
    OptionalDouble cores = Slo.cores(measured);
    String faults = String.join(", ", slo.faults(measured));
    String reason = switch (outcome) {
      case GENERATOR_LIMITED ->
        faults + "; the generator: " + measured.generator().reason();
      case WINDOW_LIMITED -> faults + windowDetail(measured);
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
        reason);
  }

  private static String windowDetail(WindowResult measured) {
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
        boxed(search.inconclusive()),
        ownLimit.equals(Optional.of(Outcome.GENERATOR_LIMITED)),
        ownLimit.equals(Optional.of(Outcome.WINDOW_LIMITED)),
        search.isConfirmed(),
        comparison,
        search.hasResult() && !session.hasEnded(),
        outcome());
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** Returns the number of instances that send this rate at the default interval. */
  private static long instances(double perSec) {
    return (long) (perSec * DEFAULT_INTERVAL_SECS);
  }

  private String outcome() {
    if (session.hasEnded()) {
      return "ended early";
    }
    Optional<Outcome> ownLimit = search.ownLimit();
    if (search.held().isEmpty()) {
      return ownLimit.isPresent()
          ? "no result: " + ownLimit(ownLimit.get())
          : String.format(Locale.ROOT, "not even %,.0f/s held", search.failed().orElse(0));
    }
    double held = search.held().getAsDouble();
    String rate = String.format(
        Locale.ROOT,
        "%,.0f/s (%,d instances at 30 s)%s",
        held,
        instances(held),
        search.isConfirmed() ? "" : ", not confirmed");
    if (ownLimit.isPresent()) {
      return "at least " + rate + "; " + ownLimit(ownLimit.get());
    }
    return search.failed().isEmpty()
        ? "at least " + rate + "; nothing higher was tried"
        : String.format(
            Locale.ROOT, "%s held, %,.0f/s did not", rate, search.failed().getAsDouble());
  }

  private String ownLimit(Outcome limit) {
    double inconclusive = search.inconclusive().orElse(0);
    if (limit == Outcome.GENERATOR_LIMITED) {
      return String.format(
          Locale.ROOT, "the generator is the limit, it could not keep up at %,.0f/s", inconclusive);
    }
    // Little's law: the requests in flight if each takes as long as the objective allows.
    long inFlight =
        (long) Math.ceil(inconclusive * slo.p99Ms() / MS_PER_SEC / workload.connections());
    return String.format(
        Locale.ROOT,
        "the in-flight window of %d x %d is the limit, not the target:"
            + " use --in-flight=%d for %,.0f/s",
        workload.connections(),
        workload.inFlight(),
        Math.max(inFlight, workload.inFlight() + 1),
        inconclusive);
  }
}
