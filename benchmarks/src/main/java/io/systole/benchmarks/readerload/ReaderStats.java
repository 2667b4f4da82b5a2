// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What the members of a swarm have seen. For the swarm's one thread. */
final class ReaderStats {
  private static final int DIGITS = 2;
  private static final double NS_PER_MS = 1e6;

  private final Map<String, Long> counts = new TreeMap<>();
  private final Map<String, Histogram> timesNs = new TreeMap<>();

  void count(String what, long by) {
    counts.merge(what, by, Long::sum);
  }

  void time(String what, long ns) {
    timesNs.computeIfAbsent(what, any -> new Histogram(DIGITS)).recordValue(Math.max(0, ns));
  }

  /** All of it, times in milliseconds. */
  Map<String, Object> reported() {
    Map<String, Object> reported = new LinkedHashMap<>(counts);
    timesNs.forEach((what, ns) -> {
      reported.put(what + "P50Ms", ns.getValueAtPercentile(50) / NS_PER_MS);
      reported.put(what + "P99Ms", ns.getValueAtPercentile(99) / NS_PER_MS);
      reported.put(what + "MaxMs", ns.getMaxValue() / NS_PER_MS);
    });
    return reported;
  }
}
