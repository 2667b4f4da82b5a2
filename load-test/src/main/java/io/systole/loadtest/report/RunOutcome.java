// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a run.
 *
 * @param reason in one line
 */
public record RunOutcome(Status status, String reason) {
  /** The status of a run, the worst last. */
  public enum Status {
    PASSED,
    FAILED,
    /** The load generator fell behind, so the figures are not the target's. */
    INVALID
  }

  /** The reason of a run that passed without expectations. */
  public static final String ALL_RENEWED = "every heartbeat due in the window received status 200";

  private static final String INVALID = "invalid, the load generator fell behind: ";
  private static final String DIFFERS = "the target's renewal count differs from ours";

  /** Returns the outcome of a finished run. */
  public static RunOutcome of(Report report) {
    if (!report.generator().isValid()) {
      return new RunOutcome(
          Status.INVALID,
          "The load generator itself fell behind, so these figures are not the target\u2019s: "
              + report.generator().reason());
    }
    return new RunOutcome(report.passed() ? Status.PASSED : Status.FAILED, report.outcome());
  }

  /**
   * Returns the outcome of a run without expectations.
   *
   * @param requestedSecs planned length of the window
   */
  public static RunOutcome of(
      double requestedSecs,
      Window window,
      @Nullable Comparison comparison,
      Generator generator,
      @Nullable Reads reads) {
    String fault = joined(early(requestedSecs, window), fault(window, comparison, reads));
    if (!generator.isValid()) {
      return new RunOutcome(
          Status.INVALID, INVALID + generator.reason() + (fault.isEmpty() ? "" : "; and " + fault));
    }
    return fault.isEmpty()
        ? new RunOutcome(Status.PASSED, ALL_RENEWED)
        : new RunOutcome(Status.FAILED, fault);
  }

  /** Returns a copy of a report with these expectations, which replace its outcome. */
  public static Report evaluated(Report report, List<ReportExpectation> expectations) {
    RunOutcome outcome = of(report, expectations);
    return report.evaluated(expectations, outcome.isPassed(), outcome.reason());
  }

  private static RunOutcome of(Report report, List<ReportExpectation> expectations) {
    if (!report.generator().isValid()) {
      return new RunOutcome(Status.INVALID, INVALID + report.generator().reason());
    }
    String fault = fault(expectations);
    fault = fault.isEmpty() ? fault(report.comparison(), report.reads()) : fault;
    fault = joined(early(report.conditions().durationSecs(), report.window()), fault);
    return fault.isEmpty()
        ? new RunOutcome(Status.PASSED, "all " + expectations.size() + " expectations held")
        : new RunOutcome(Status.FAILED, fault);
  }

  public boolean isPassed() {
    return status == Status.PASSED;
  }

  /** Returns the fault of a window that a signal has shortened; empty if it was not. */
  private static String early(double requestedSecs, Window window) {
    return window.endedBefore(requestedSecs)
        ? String.format(
            Locale.ROOT, "ended early, after %.1f of %.1f s", window.secs(), requestedSecs)
        : "";
  }

  private static String joined(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + "; " + second;
  }

  /** Returns the faults of a window in one line; empty if there are none. */
  private static String fault(
      Window window, @Nullable Comparison comparison, @Nullable Reads reads) {
    if (window.due() == 0) {
      return "no heartbeat was due in the window: it is shorter than the interval";
    }
    List<String> faults = new ArrayList<>();
    window.statuses().forEach((status, count) -> {
      if (!status.equals(Integer.toString(Report.RENEWED))) {
        faults.add(count + " with status " + status);
      }
    });
    window.failures().forEach((reason, count) -> faults.add(count + " " + reason));
    if (window.unanswered() > 0) {
      faults.add(window.unanswered() + " unanswered");
    }
    return faults.isEmpty()
        ? fault(comparison, reads)
        : "of " + window.due() + " heartbeats " + String.join(", ", faults);
  }

  private static String fault(List<ReportExpectation> expectations) {
    List<String> failed = expectations.stream()
        .filter(expectation -> !expectation.held())
        .map(expectation -> expectation.text() + " (" + expectation.actual() + ")")
        .toList();
    return failed.isEmpty()
        ? ""
        : "of " + expectations.size() + " expectations " + failed.size() + " did not hold: "
            + String.join("; ", failed);
  }

  private static String fault(@Nullable Comparison comparison, @Nullable Reads reads) {
    if (reads != null && !reads.passed()) {
      return reads.failureText();
    }
    boolean differs = comparison != null
        && comparison.server() != null
        && comparison.server() != comparison.ours();
    return differs ? DIFFERS : "";
  }
}
