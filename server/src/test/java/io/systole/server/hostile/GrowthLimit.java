// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.List;

/**
 * The growth of a measured value that counts as noise: a share of the value, or an amount in its
 * unit if that is more.
 */
record GrowthLimit(double share, long amount) {
  /** The least number of values, so that a quarter has two. */
  static final int VALUES_MIN = 8;

  /**
   * The medians of the first and the last quarter of a series.
   *
   * @param lastMax the maximum of {@code last} for a series without growth
   */
  record Comparison(long first, long last, long lastMax) {
    boolean isFlat() {
      return last <= lastMax;
    }
  }

  /**
   * Compares the first quarter of a series with its last.
   *
   * @param series at least {@link #VALUES_MIN} values at equal intervals, without those of a
   *     warm-up
   */
  Comparison compare(List<Long> series) {
    if (series.size() < VALUES_MIN) {
      throw new IllegalArgumentException(
          series.size() + " values where " + VALUES_MIN + " are needed");
    }
    int quarter = series.size() / 4;
    long first = median(series.subList(0, quarter));
    long last = median(series.subList(series.size() - quarter, series.size()));
    return new Comparison(first, last, first + Math.max((long) (first * share), amount));
  }

  private static long median(List<Long> values) {
    List<Long> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
