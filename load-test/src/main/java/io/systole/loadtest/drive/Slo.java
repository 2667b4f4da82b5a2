// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.loadtest.drive.CapacitySearch.Outcome;
import io.systole.loadtest.report.Report.Window;
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
   * Returns what a trial came to. What was met was met even by a generator that was late itself,
   * for its lateness counts as the target's latency; and no generator makes a target answer
   * otherwise.
   */
  Outcome outcome(Measured measured) {
    if (faults(measured).isEmpty()) {
      return Outcome.HELD;
    }
    boolean isTargets = measured.generator().isValid() || otherAnswers(measured) > errorsMax;
    return isTargets ? Outcome.FAILED : Outcome.GENERATOR;
  }

  private static long otherAnswers(Measured measured) {
    Window window = measured.window();
    return window.statuses().values().stream().mapToLong(count -> count).sum() - window.renewals();
  }

  /** Returns what was not met, each in a few words. */
  List<String> faults(Measured measured) {
    Window window = measured.window();
    List<String> faults = new ArrayList<>();
    if (window.due() == 0) {
      faults.add("no beat was due");
    }
    if (window.fromDue().p99Ms() > p99Ms) {
      faults.add(String.format(Locale.ROOT, "p99 %.1f ms", window.fromDue().p99Ms()));
    }
    long errors = window.due() - window.renewals();
    if (errors > errorsMax) {
      faults.add(errors + " errors");
    }
    OptionalDouble cores = cores(measured);
    if (coresMax.isPresent() && cores.isPresent() && cores.getAsDouble() > coresMax.getAsDouble()) {
      faults.add(String.format(Locale.ROOT, "%.2f cores", cores.getAsDouble()));
    }
    return faults;
  }

  /** Returns CPU seconds of the target per second; empty when unknown. */
  static OptionalDouble cores(Measured measured) {
    Double perAnswerUs = measured.cost().targetCpuUs();
    return perAnswerUs == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(perAnswerUs * measured.window().renewalsPerSec() / 1e6);
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
