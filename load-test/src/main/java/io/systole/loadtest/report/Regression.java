// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.ReportConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A comparison of a target's figures with a stored report of the same load. */
public final class Regression {
  /** @param isHigherBetter whether a smaller value is the worse one */
  private record RegressionFigure(
      String name, boolean isHigherBetter, Function<Report, @Nullable Double> value) {}

  /** @param share by which the figure is worse than the baseline; negative if it is better */
  private record RegressionChange(String name, double before, double now, double share) {}

  private static final double PERCENT = 100;

  private static final List<RegressionFigure> FIGURES = List.of(
      new RegressionFigure("renewals/s", true, report -> report.window().renewalsPerSec()),
      new RegressionFigure(
          "p99 ms from due", false, report -> report.window().fromDue().p99Ms()),
      new RegressionFigure(
          "target CPU us/renewal", false, report -> report.cost().targetCpuUs()));

  private final List<RegressionChange> changes = new ArrayList<>();

  /**
   * Compares medians; omits figures that either side lacks.
   *
   * @param baseline one round or more
   * @param current one round or more
   */
  public Regression(List<Report> baseline, List<Report> current) {
    for (RegressionFigure figure : FIGURES) {
      Double before = median(baseline, figure);
      Double now = median(current, figure);
      if (before != null && now != null && before > 0) {
        double share = (now - before) / before;
        changes.add(new RegressionChange(
            figure.name(), before, now, figure.isHigherBetter() ? -share : share));
      }
    }
  }

  private static @Nullable Double median(List<Report> rounds, RegressionFigure figure) {
    List<Double> values =
        rounds.stream().map(figure.value()).filter(Objects::nonNull).toList();
    return values.size() < rounds.size()
        ? null
        : Double.valueOf(MedianRange.of(values).median());
  }

  /**
   * Checks that the conditions of both loads are equal.
   *
   * @throws IllegalArgumentException naming the first condition that differs
   */
  public static void requireSameLoad(ReportConditions baseline, ReportConditions current) {
    requireSame("mode", baseline.mode(), current.mode());
    requireSame("instances", baseline.instances(), current.instances());
    requireSame("interval", baseline.intervalSecs(), current.intervalSecs());
    requireSame("connections", baseline.connections(), current.connections());
    requireSame("requests in flight", baseline.inFlight(), current.inFlight());
    requireSame("traffic", baseline.traffic(), current.traffic());
  }

  private static void requireSame(String condition, Object baseline, Object current) {
    if (!baseline.equals(current)) {
      throw new IllegalArgumentException(
          "the baseline has another load: " + condition + " " + baseline + ", not " + current);
    }
  }

  /** Returns the figures that are worse than the baseline by more than a share, in one line. */
  public String exceeding(double shareMax) {
    StringBuilder exceeding = new StringBuilder();
    for (RegressionChange change : changes) {
      if (change.share() > shareMax) {
        exceeding
            .append(exceeding.isEmpty() ? "" : "; ")
            .append(String.format(
                Locale.ROOT,
                "%s %.1f %% worse than the baseline (%,.3f, was %,.3f)",
                change.name(),
                change.share() * PERCENT,
                change.now(),
                change.before()));
      }
    }
    return exceeding.toString();
  }

  /** Returns a table for the terminal. */
  public String text() {
    TextLines text = new TextLines();
    text.add("%-22s %14s %14s %10s", "medians", "baseline", "now", "worse by");
    for (RegressionChange change : changes) {
      text.add(
          "%-22s %,14.3f %,14.3f %8.1f %%",
          change.name(), change.before(), change.now(), change.share() * PERCENT);
    }
    return text.toString();
  }
}
