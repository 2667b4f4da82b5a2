// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** The outcomes of the heartbeats due in one window, over all event loops. */
public final class WindowStatsSet {
  private final long startNs;
  private long endNs;
  private final List<WindowStats> allStats;

  WindowStatsSet(long startNs, long endNs, List<WindowStats> allStats) {
    this.startNs = startNs;
    this.endNs = endNs;
    this.allStats = allStats;
  }

  /**
   * Moves the end of the window to an earlier time.
   *
   * @param ns monotonic, in the future
   */
  public void end(long ns) {
    endNs = ns;
    allStats.forEach(stats -> stats.end(ns));
  }

  /** Returns the start of the window, monotonic. */
  public long startNs() {
    return startNs;
  }

  /** Returns the actual or planned end of the window, monotonic. */
  public long endNs() {
    return endNs;
  }

  /** Returns the number of heartbeats due. */
  public long due() {
    return sum(stats -> stats.due.value());
  }

  /** Returns the number of heartbeats that are due and have neither a response nor failed. */
  public long open() {
    return due() - sum(WindowStats::ended);
  }

  /** Returns the number of responses with status 200 received within the window, whenever due. */
  public long renewedWithin() {
    return sum(stats -> stats.renewedWithin.value());
  }

  /** Returns the responses by status; omits statuses without any. */
  public Map<String, Long> statuses() {
    return named(WindowStats.STATUSES, Integer::toString, stats -> stats.statuses);
  }

  /** Returns the failures by reason; omits reasons without any. */
  public Map<String, Long> failures() {
    FailureReason[] reasons = FailureReason.values();
    return named(reasons.length, kind -> reasons[kind].name(), stats -> stats.failures);
  }

  /**
   * Adds the latencies, with lower bounds for heartbeats without a response. Requires
   * {@link Recorders#close} and a cycle of every loop since.
   *
   * @param timeoutNs the response timeout
   */
  public void addLatenciesTo(Histogram dueSum, Histogram sentSum, long timeoutNs) {
    allStats.forEach(stats -> stats.addLatenciesTo(dueSum, sentSum, timeoutNs));
  }

  /**
   * Returns the time to the next response, ns, for each millisecond of the window and each loop in
   * which one was outstanding. Latencies from sent count a stall once per request in flight; this
   * counts it once. Requires {@link Recorders#close} and a cycle of every loop since.
   */
  public Histogram responseGaps() {
    Histogram gaps = GeneratorLag.sum();
    allStats.forEach(stats -> stats.addResponseGapsTo(gaps));
    return GeneratorLag.over(gaps, (endNs - startNs) * allStats.size());
  }

  /**
   * Returns the generator's own send delay, ns, for each millisecond of the window and each loop.
   * Requires {@link Recorders#close} and a cycle of every loop since.
   */
  public Histogram lag() {
    Histogram late = GeneratorLag.sum();
    allStats.forEach(stats -> stats.addLagTo(late));
    return GeneratorLag.over(late, (endNs - startNs) * allStats.size());
  }

  private Map<String, Long> named(
      int kinds, IntFunction<String> name, Function<WindowStats, SingleWriterCounters> counts) {
    Map<String, Long> named = new TreeMap<>();
    for (int kind = 0; kind < kinds; kind++) {
      int each = kind;
      long count = sum(stats -> counts.apply(stats).value(each));
      if (count > 0) {
        named.put(name.apply(kind), count);
      }
    }
    return named;
  }

  private long sum(ToLongFunction<WindowStats> count) {
    return allStats.stream().mapToLong(count).sum();
  }
}
