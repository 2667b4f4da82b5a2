// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.List;
import java.util.Locale;

/** The median and range of a list of values. */
public record MedianRange(double median, double least, double greatest) {

  /**
   * Returns the median and range of one or more values; of an even number, the mean of the middle
   * two.
   */
  public static MedianRange of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int size = sorted.size();
    double median = (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
    return new MedianRange(median, sorted.get(0), sorted.get(size - 1));
  }

  /** Returns whether the values differ. */
  public boolean hasWidth() {
    return least < greatest;
  }

  /** Returns the median with the range in parentheses. */
  String text(int digits) {
    String number = "%,." + digits + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + "–" + number + ")", median, least, greatest);
  }
}
