// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.util.List;
import java.util.Locale;

/** The median, minimum and maximum of some figures. */
public record FigureRange(double median, double min, double max) {
  /**
   * Returns the range of {@code figures}.
   *
   * @param figures at least one
   */
  public static FigureRange of(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int half = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    return new FigureRange(median, sorted.get(0), sorted.get(sorted.size() - 1));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, min, max);
  }
}
