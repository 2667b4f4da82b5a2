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
 * What a rate has to meet.
 *
 * @param p99Ms latency from due at most, above 0
 * @param errorsMax beats that were not answered 200, at most
 * @param coresMax CPU seconds of the target per second at most; empty for any
 */
public record Slo(double p99Ms, long errorsMax, OptionalDouble coresMax) {

  /** Throws {@link IllegalArgumentException}, naming the option that is out of its range. */
  public Slo {
    if (!(p99Ms > 0)) {
      throw new IllegalArgumentException("--p99 must be above 0 ms, got " + p99Ms);
    }
    if (errorsMax < 0) {
      throw new IllegalArgumentException("--errors must not be negative, got " + errorsMax);
    }
  }

  /**
   * Returns the outcome of a trial. What was met was met even by a generator that was late itself,
   * for its lateness counts as the target's latency. What was not met is the target's when nothing
   * but the target can have caused it. Otherwise a generator that fell behind is blamed, and then
   * its bound of requests in flight, if that was reached: by Little's law a target that answers
   * each in time may still need more requests in flight than that for the rate.
   *
   * @param responseTimeoutMs after which the generator gave requests up
   */
  Outcome outcome(WindowResult measured, int responseTimeoutMs) {
    if (faults(measured).isEmpty()) {
      return Outcome.HELD;
    }
    if (targetErrors(measured, responseTimeoutMs) > errorsMax || usesTooMuch(measured)) {
      return Outcome.FAILED;
    }
    if (!measured.generator().isValid()) {
      return Outcome.GENERATOR;
    }
    if (hasBadReads(measured)) {
      return Outcome.FAILED;
    }
    boolean isWindowFull = measured.generator().windowFullShare() > GeneratorMonitor.FULL_SHARE_MAX;
    return isWindowFull && targetP99Ms(measured) <= p99Ms ? Outcome.WINDOW : Outcome.FAILED;
  }

  /**
   * Returns the beats whose fate no generator can cause: other answers, lost connections, and
   * time-outs unless the generator was itself late by as much as that.
   */
  private static long targetErrors(WindowResult measured, int responseTimeoutMs) {
    Window window = measured.window();
    long errors =
        window.statuses().values().stream().mapToLong(count -> count).sum() - window.renewals();
    for (FailureReason reason : FailureReason.values()) {
      boolean isTargets = switch (reason) {
        case CONNECTION_LOST, MALFORMED_RESPONSE -> true;
        case TIMED_OUT -> measured.generator().lagMaxMs() < responseTimeoutMs;
        case NOT_SENT -> false;
      };
      errors += isTargets ? window.failures().getOrDefault(reason.name(), 0L) : 0;
    }
    return errors;
  }

  /** Returns the latency that does not include waiting for a place in flight. */
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

  private static boolean hasBadReads(WindowResult measured) {
    return measured.reads() != null && measured.reads().bad() > 0;
  }

  /** Returns what was not met, each in a few words. */
  List<String> faults(WindowResult measured) {
    Window window = measured.window();
    List<String> faults = new ArrayList<>();
    if (window.due() == 0) {
      faults.add("no beat was due");
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
    if (measured.reads() != null && measured.reads().bad() > 0) {
      faults.add(measured.reads().fault());
    }
    return faults;
  }

  /** Returns CPU seconds of the target per second; empty when unknown. */
  static OptionalDouble cores(WindowResult measured) {
    Double cores = measured.targetCores();
    return cores == null ? OptionalDouble.empty() : OptionalDouble.of(cores);
  }

  /** Returns it in words. */
  String text() {
    String cores = coresMax.isPresent()
        ? String.format(Locale.ROOT, ", %.2f cores at most", coresMax.getAsDouble())
        : "";
    return String.format(
        Locale.ROOT, "p99 from due at most %s ms, %d errors at most%s", p99Ms, errorsMax, cores);
  }
}
