// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.Unit;
import io.systole.server.metrics.DurationHistogram;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A metric of durations whose buckets are counted by other packages, which Micrometer's meters
 * don't support.
 */
final class HistogramFamily implements Collector {
  private static final double NS_PER_SECOND = 1e9;

  private final String name;
  private final String description;

  /** The histograms that together are one series of the metric. */
  private final Map<Labels, List<DurationHistogram>> series = new LinkedHashMap<>();

  /** @param name ends in {@code _seconds} */
  HistogramFamily(String name, String description) {
    this.name = name;
    this.description = description;
  }

  /** Adds a series that is the sum of histograms with equal bounds; at least one. */
  HistogramFamily add(Labels labels, List<DurationHistogram> summed) {
    series.put(labels, summed);
    return this;
  }

  @Override
  public HistogramSnapshot collect() {
    HistogramSnapshot.Builder snapshot =
        HistogramSnapshot.builder().name(name).help(description).unit(Unit.SECONDS);
    series.forEach((labels, summed) -> snapshot.dataPoint(dataPoint(labels, summed)));
    return snapshot.build();
  }

  private static HistogramDataPointSnapshot dataPoint(
      Labels labels, List<DurationHistogram> histograms) {
    double[] bounds = Arrays.stream(histograms.get(0).boundsNs())
        .mapToDouble(ns -> ns / NS_PER_SECOND)
        .toArray();
    double[] boundsAndAll = Arrays.copyOf(bounds, bounds.length + 1);
    boundsAndAll[bounds.length] = Double.POSITIVE_INFINITY;
    long[] counts = new long[boundsAndAll.length];
    long sumNs = 0;
    for (DurationHistogram histogram : histograms) {
      Arrays.setAll(counts, bucket -> counts[bucket] + histogram.count(bucket));
      sumNs += histogram.sumNs();
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(ClassicHistogramBuckets.of(boundsAndAll, counts))
        .sum(sumNs / NS_PER_SECOND)
        .build();
  }
}
