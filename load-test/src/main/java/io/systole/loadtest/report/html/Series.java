// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import java.util.List;

/**
 * A run, or the rounds of one target: one colour of a page.
 *
 * @param name unique on a page
 * @param rounds not empty
 */
public record Series(String name, List<Report> rounds) {
  /** The number of distinguishable colours. */
  public static final int ALL_SERIES_MAX = 8;

  public Series {
    rounds = List.copyOf(rounds);
    if (rounds.isEmpty()) {
      throw new IllegalArgumentException("no round of " + name);
    }
  }

  /** Returns the series of a comparison: two, or one that was compared with a baseline. */
  public static List<Series> of(ComparisonReport rounds) {
    Series first = of("A", rounds.a());
    return rounds.b().isEmpty() ? List.of(first) : List.of(first, of("B", rounds.b()));
  }

  private static Series of(String letter, List<Report> rounds) {
    return new Series(rounds.isEmpty() ? letter : letter + ": " + rounds.get(0).name(), rounds);
  }

  /** Returns a series of a single run. */
  public static Series of(Report report) {
    return new Series(report.name(), List.of(report));
  }

  /** A visitor of named rounds. */
  interface RoundVisitor {
    void visit(String run, Report report);
  }

  /** Visits the rounds of all series in order; a round is named if its series has several. */
  static void forEachRound(List<Series> allSeries, RoundVisitor visitor) {
    for (Series series : allSeries) {
      for (int i = 0; i < series.rounds.size(); i++) {
        String round = series.rounds.size() > 1 ? ", round " + (i + 1) : "";
        visitor.visit(series.name + round, series.rounds.get(i));
      }
    }
  }
}
