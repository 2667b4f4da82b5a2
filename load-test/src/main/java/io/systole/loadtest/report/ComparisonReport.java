// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.List;

/**
 * Two targets driven in turn; what the JSON file of a comparison holds. The rounds of the same
 * index are neighbours in time.
 *
 * @param a of the first target, in order; as many as of the other
 * @param b of the second; empty when the first was compared with a stored report
 */
public record ComparisonReport(List<Report> a, List<Report> b) {

  /** Throws {@link IllegalArgumentException} when a round has no neighbour. */
  public ComparisonReport {
    a = List.copyOf(a);
    b = List.copyOf(b);
    if (!b.isEmpty() && a.size() != b.size()) {
      throw new IllegalArgumentException(
          a.size() + " rounds of one, " + b.size() + " of the other");
    }
  }

  /** Says whether there are rounds, and every one is as it should be. */
  public boolean passed() {
    return !a.isEmpty() && faults().isEmpty();
  }

  /** Returns what was wrong with which round, in one line; empty when nothing was. */
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

  private static void append(StringBuilder faults, String side, int round, Report report) {
    if (!report.passed()) {
      faults
          .append(faults.isEmpty() ? "" : "; ")
          .append(side)
          .append(" in round ")
          .append(round + 1)
          .append(": ")
          .append(report.outcome());
    }
  }
}
