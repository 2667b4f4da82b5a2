// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.MedianRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The median and range of a figure over the rounds of a series, and the ratio of two series. */
final class SeriesComparison {
  private SeriesComparison() {}

  /** Returns the figure of a series; empty if no round has it. */
  static Optional<MedianRange> of(ReportFigure figure, Series series) {
    return of(series.rounds().stream().map(figure::of).filter(Objects::nonNull).toList());
  }

  /**
   * Returns the ratio of the other series' figure to the base's; round by round if both have the
   * same number of rounds, which alternated, otherwise of the medians. Empty if either is unknown
   * or the base is 0.
   */
  static Optional<MedianRange> ratio(ReportFigure figure, Series base, Series other) {
    if (base.rounds().size() == other.rounds().size()) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < base.rounds().size(); i++) {
        Double below = figure.of(base.rounds().get(i));
        Double above = figure.of(other.rounds().get(i));
        if (isDivisor(below) && above != null) {
          ratios.add(above / Objects.requireNonNull(below));
        }
      }
      return of(ratios);
    }
    return of(figure, base)
        .filter(below -> below.median() != 0)
        .flatMap(below ->
            of(figure, other).flatMap(above -> of(List.of(above.median() / below.median()))));
  }

  private static boolean isDivisor(@Nullable Double value) {
    return value != null && value != 0;
  }

  private static Optional<MedianRange> of(List<Double> values) {
    return values.isEmpty() ? Optional.empty() : Optional.of(MedianRange.of(values));
  }
}
