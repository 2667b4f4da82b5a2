// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether the target did all that was asked of it, in one line. */
public final class RunVerdict {
  public static final String PASSED = "every heartbeat due in the window received status 200";

  private static final String DIFFERS = "the target's renewal count differs from ours";

  private RunVerdict() {}

  /** Returns {@link #PASSED}, or what went wrong. */
  public static String of(
      Window window, @Nullable Comparison comparison, Generator generator, @Nullable Reads reads) {
    String outcome = of(window, comparison, reads);
    if (generator.isValid()) {
      return outcome;
    }
    return "invalid, the load generator fell behind: " + generator.reason()
        + (outcome.equals(PASSED) ? "" : "; and " + outcome);
  }

  private static String of(Window window, @Nullable Comparison comparison, @Nullable Reads reads) {
    if (window.due() == 0) {
      return "no heartbeat was due in the window: it is shorter than the interval, or was ended early";
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
    if (!faults.isEmpty()) {
      return "of " + window.due() + " heartbeats " + String.join(", ", faults);
    }
    if (reads != null && !reads.passed()) {
      return reads.fault();
    }
    return differs(comparison) ? DIFFERS : PASSED;
  }

  /** Returns which expectations did not hold, or that all did. */
  static String of(
      List<ReportExpectation> expectations,
      Generator generator,
      @Nullable Comparison comparison,
      @Nullable Reads reads) {
    if (!generator.isValid()) {
      return "invalid, the load generator fell behind: " + generator.reason();
    }
    List<String> failed = expectations.stream()
        .filter(expectation -> !expectation.held())
        .map(expectation -> expectation.text() + " (" + expectation.actual() + ")")
        .toList();
    if (!failed.isEmpty()) {
      return "of " + expectations.size() + " expectations " + failed.size() + " did not hold: "
          + String.join("; ", failed);
    }
    if (reads != null && !reads.passed()) {
      return reads.fault();
    }
    return differs(comparison) ? DIFFERS : "all " + expectations.size() + " expectations held";
  }

  static boolean differs(@Nullable Comparison comparison) {
    return comparison != null
        && comparison.server() != null
        && comparison.server() != comparison.ours();
  }
}
