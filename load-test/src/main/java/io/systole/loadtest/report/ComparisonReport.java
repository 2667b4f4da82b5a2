// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.List;

/**
 * The rounds of a comparison, as written to the JSON file. Rounds of the same index are adjacent in
 * time.
 *
 * @param a rounds of the first target, in order
 * @param b rounds of the second, as many; empty if the first was compared with a baseline
 */
public record ComparisonReport(List<Report> a, List<Report> b) {

  /** @throws IllegalArgumentException if the numbers of rounds differ */
  public ComparisonReport {
    a = List.copyOf(a);
    b = List.copyOf(b);
    if (!b.isEmpty() && a.size() != b.size()) {
      throw new IllegalArgumentException(
          a.size() + " rounds of one, " + b.size() + " of the other");
    }
  }

  /** Returns whether there are rounds and all of them passed. */
  public boolean passed() {
    return !a.isEmpty() && faults().isEmpty();
  }

  /** Returns the failed rounds and their reasons in one line; empty if there are none. */
  public String faults() {
    StringBuilder faults = new StringBuilder();
    for (int round = 0; round < a.size(); round++) {
      append(faults, "A", round, a.get(round));
      if (!b.isEmpty()) {
        append(faults, "B", round, b.get(round));
      }
    }
    return faults.toString();
  }

  private static void append(StringBuilder faults, String target, int round, Report report) {
    if (!report.passed()) {
      faults
          .append(faults.isEmpty() ? "" : "; ")
          .append(target)
          .append(" in round ")
          .append(round + 1)
          .append(": ")
          .append(report.outcome());
    }
  }
}
