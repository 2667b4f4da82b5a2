// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * A point of a percentile curve.
 *
 * @param percent 0..100
 * @param ms latency that this share of the responses does not exceed
 */
public record PercentilePoint(double percent, double ms) {
  private static final double NS_PER_MS = 1e6;

  /** Points per halving of the distance to 100 %: 5 × 20 halvings at most. */
  private static final int POINTS_PER_HALVING = 5;

  private static final int POINTS_MAX = 120;

  /** Returns the percentile curve of latencies in nanoseconds, finer towards 100 %. */
  public static List<PercentilePoint> curve(Histogram ns) {
    List<PercentilePoint> points = new ArrayList<>();
    for (HistogramIterationValue value : ns.percentiles(POINTS_PER_HALVING)) {
      if (points.size() < POINTS_MAX - 1) {
        points.add(new PercentilePoint(
            value.getPercentileLevelIteratedTo(), value.getValueIteratedTo() / NS_PER_MS));
      }
    }
    if (!points.isEmpty()) {
      points.add(new PercentilePoint(100, ns.getMaxValue() / NS_PER_MS));
    }
    return points;
  }
}
