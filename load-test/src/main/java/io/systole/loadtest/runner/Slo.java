// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.api.FailureReason;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.runner.CapacitySearch.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The objective of a capacity search.
 *
 * @param p99Ms maximum p99 latency from due, above 0
 * @param errorsMax maximum heartbeats without status 200
 * @param coresMax maximum CPU seconds of the target per second; empty for no limit
 */
public record Slo(double p99Ms, long errorsMax, OptionalDouble coresMax) {

  /** @throws IllegalArgumentException naming the option that is out of range */
  public Slo {
    if (!(p99Ms > 0)) {
      throw new IllegalArgumentException("--p99 must be above 0 ms, got " + p99Ms);
    }
    if (errorsMax < 0) {
      throw new IllegalArgumentException("--errors must not be negative, got " + errorsMax);
    }
  }

  /**
   * Returns the outcome of a trial. An objective that is met counts even if the generator was late,
   * since its lag is part of the target's latency. An objective that is missed is the target's
   * failure if only the target can have caused it. Otherwise the cause is a generator that fell
   * behind, or else a full in-flight window: by Little's law a target that responds in time may
   * need more requests in flight for the rate than the window allows.
   *
   * @param responseTimeoutMs the generator's response timeout
   */
  Outcome outcome(WindowResult measured, int responseTimeoutMs) {
    if (faults(measured).isEmpty()) {
      return Outcome.HELD;
    }
    if (targetErrors(measured, responseTimeoutMs) > errorsMax || usesTooMuch(measured)) {
      return Outcome.FAILED;
    }
    if (!measured.generator().isValid()) {
      return Outcome.GENERATOR_LIMITED;
    }
    if (hasFailedReads(measured)) {
      return Outcome.FAILED;
    }
    boolean isWindowFull = measured.generator().windowFullShare() > GeneratorMonitor.FULL_SHARE_MAX;
    return isWindowFull && targetP99Ms(measured) <= p99Ms ? Outcome.WINDOW_LIMITED : Outcome.FAILED;
  }

  /**
   * Returns the failed heartbeats that the generator cannot have caused: other statuses, lost
   * connections, and timeouts unless the generator was late by as much.
   */
  private static long targetErrors(WindowResult measured, int responseTimeoutMs) {
    Window window = measured.window();
    long errors =
        window.statuses().values().stream().mapToLong(count -> count).sum() - window.renewals();
    for (FailureReason reason : FailureReason.values()) {
      boolean isTargetFault = switch (reason) {
        case CONNECTION_LOST, MALFORMED_RESPONSE -> true;
        case TIMED_OUT -> measured.generator().lagMaxMs() < responseTimeoutMs;
        case NOT_SENT -> false;
      };
      errors += isTargetFault ? window.failures().getOrDefault(reason.name(), 0L) : 0;
    }
    return errors;
  }

  /** Returns the p99 latency without waits for the in-flight limit. */
  static double targetP99Ms(WindowResult measured) {
    Window window = measured.window();
    return Math.max(window.fromSent().p99Ms(), window.responseGapP99Ms());
  }

  private boolean usesTooMuch(WindowResult measured) {
    OptionalDouble cores = cores(measured);
    return coresMax.isPresent()
        && cores.isPresent()
        && cores.getAsDouble() > coresMax.getAsDouble();
  }

  private static boolean hasFailedReads(WindowResult measured) {
    return measured.reads() != null && measured.reads().unsuccessful() > 0;
  }

  /** Returns the limits that were missed, with their values. */
  List<String> faults(WindowResult measured) {
    Window window = measured.window();
    List<String> faults = new ArrayList<>();
    if (window.due() == 0) {
      faults.add("no heartbeat was due");
    }
    if (!window.hasLatencyAt(99)) {
      faults.add(String.format(
          Locale.ROOT,
          "p99 unknown, %,d of %,d unanswered",
          window.withoutLatency(),
          window.due()));
    } else if (window.fromDue().p99Ms() > p99Ms) {
      faults.add(String.format(Locale.ROOT, "p99 %.1f ms", window.fromDue().p99Ms()));
    }
    long errors = window.due() - window.renewals();
    if (errors > errorsMax) {
      faults.add(errors + " errors");
    }
    if (usesTooMuch(measured)) {
      faults.add(String.format(Locale.ROOT, "%.2f cores", cores(measured).orElse(0)));
    }
    if (measured.reads() != null && measured.reads().unsuccessful() > 0) {
      faults.add(measured.reads().failureText());
    }
    return faults;
  }

  /** Returns CPU seconds of the target per second; empty if unknown. */
  static OptionalDouble cores(WindowResult measured) {
    Double cores = measured.targetCores();
    return cores == null ? OptionalDouble.empty() : OptionalDouble.of(cores);
  }

  /** Returns the objective as text. */
  String text() {
    String cores = coresMax.isPresent()
        ? String.format(Locale.ROOT, ", cores <= %.2f", coresMax.getAsDouble())
        : "";
    return String.format(
        Locale.ROOT, "p99 from due <= %s ms, errors <= %d%s", p99Ms, errorsMax, cores);
  }
}
