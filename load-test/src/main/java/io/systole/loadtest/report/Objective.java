// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The service level objective of a run.
 *
 * @param p99Ms maximum p99 latency from due, above 0; empty for no limit
 * @param errorShare maximum share of due heartbeats without status 200, 0..1; empty for 0
 */
public record Objective(OptionalDouble p99Ms, OptionalDouble errorShare) {
  private static final double PERCENT = 100;

  /** @throws IllegalArgumentException naming the option that is out of range */
  public Objective {
    if (!(p99Ms.orElse(1) > 0)) {
      throw new IllegalArgumentException("--p99 must be above 0 ms, got " + p99Ms.getAsDouble());
    }
    if (errorShare.orElse(0) > 1) {
      throw new IllegalArgumentException(
          "--errors is out of range: " + errorShare.getAsDouble() + " is not within 0..1");
    }
  }

  /** Returns the report with this objective evaluated; unchanged if there is none. */
  public Report evaluate(Report report) {
    boolean hasNone = p99Ms.isEmpty() && errorShare.isEmpty();
    if (hasNone || report.window().due() == 0) {
      return report;
    }
    List<ReportExpectation> expectations = new ArrayList<>(report.expectations());
    expectations.add(errors(report.window()));
    if (p99Ms.isPresent()) {
      expectations.add(p99(report.window(), p99Ms.getAsDouble()));
    }
    return RunOutcome.evaluated(report, expectations);
  }

  private ReportExpectation errors(Window window) {
    double share = (window.due() - window.renewals()) / (double) window.due();
    double shareMax = errorShare.orElse(0);
    return new ReportExpectation(
        "errors <= " + percent(shareMax), percent(share), share <= shareMax);
  }

  private static ReportExpectation p99(Window window, double msMax) {
    boolean isKnown = window.hasLatencyAt(99);
    double ms = window.fromDue().p99Ms();
    return new ReportExpectation(
        String.format(Locale.ROOT, "p99 <= %s ms", Double.toString(msMax).replaceAll("\\.0$", "")),
        isKnown
            ? String.format(Locale.ROOT, "%.3f ms", ms)
            : String.format(
                Locale.ROOT,
                "unknown, %,d of %,d unanswered",
                window.withoutLatency(),
                window.due()),
        isKnown && ms <= msMax);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.4f", share * PERCENT).replaceAll("\\.?0+$", "") + "%";
  }
}
