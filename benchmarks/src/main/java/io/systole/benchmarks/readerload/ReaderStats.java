// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** Counters and time histograms of a reader pool, by name. Not thread-safe. */
final class ReaderStats {
  private static final int DIGITS = 2;
  private static final double NS_PER_MS = 1e6;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Histogram> timesNs = new TreeMap<>();

  void count(String name, long by) {
    counts.merge(name, by, Long::sum);
  }

  void time(String name, long ns) {
    timesNs.computeIfAbsent(name, any -> new Histogram(DIGITS)).recordValue(Math.max(0, ns));
  }

  /** Returns all statistics by name, times in milliseconds. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>(counts);
    timesNs.forEach((name, ns) -> {
      map.put(name + "P50Ms", ns.getValueAtPercentile(50) / NS_PER_MS);
      map.put(name + "P99Ms", ns.getValueAtPercentile(99) / NS_PER_MS);
      map.put(name + "MaxMs", ns.getMaxValue() / NS_PER_MS);
    });
    return map;
  }
}
