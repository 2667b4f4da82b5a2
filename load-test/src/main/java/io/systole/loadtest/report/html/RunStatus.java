// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How a run ended, the worst last. */
enum RunStatus {
  PASSED("Passed"),
  FAILED("Failed"),
  INVALID("Invalid");

  private final String word;

  RunStatus(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  String cssClass() {
    return word.toLowerCase(Locale.ROOT);
  }

  static RunStatus of(Report report) {
    if (!report.generator().isValid()) {
      return INVALID;
    }
    return report.passed() ? PASSED : FAILED;
  }

  static RunStatus worst(List<Series> allSeries) {
    return allSeries.stream()
        .flatMap(series -> series.rounds().stream())
        .map(RunStatus::of)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Returns reason, in a sentence. */
  static String reason(Report report) {
    return of(report) != INVALID
        ? report.outcome()
        : "The load generator itself fell behind, so these figures are not the target\u2019s: "
            + report.generator().reason();
  }
}
