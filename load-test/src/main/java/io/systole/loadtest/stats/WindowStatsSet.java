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

/** What became of the beats that were due within one window, over all event loops. */
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
   * Ends the window earlier than it was to end.
   *
   * @param ns monotonic, still to come
   */
  public void end(long ns) {
    endNs = ns;
    allStats.forEach(stats -> stats.end(ns));
  }

  /** Returns when the window began, monotonic. */
  public long startNs() {
    return startNs;
  }

  /** Returns when it ended or is to end, monotonic. */
  public long endNs() {
    return endNs;
  }

  /** Returns beats that were due. */
  public long due() {
    return sum(stats -> stats.due.value());
  }

  /** Returns beats that were due and have neither been answered nor failed. */
  public long open() {
    return due() - sum(WindowStats::ended);
  }

  /** Returns answers 200 that came within the window, whenever their beats were due. */
  public long renewedWithin() {
    return sum(stats -> stats.renewedWithin.value());
  }

  /** Returns answers by status; only those that came. */
  public Map<String, Long> statuses() {
    return named(WindowStats.STATUSES, Integer::toString, stats -> stats.statuses);
  }

  /** Returns failures by reason; only those that happened. */
  public Map<String, Long> failures() {
    FailureReason[] reasons = FailureReason.values();
    return named(reasons.length, kind -> reasons[kind].name(), stats -> stats.failures);
  }

  /**
   * Adds up latencies, those of beats without an answer at their lower bound; only after
   * {@link Recorders#close} and a turn of every loop.
   *
   * @param timeoutNs after which a request counts as failed
   */
  public void addLatenciesTo(Histogram dueSum, Histogram sentSum, long timeoutNs) {
    allStats.forEach(stats -> stats.addLatenciesTo(dueSum, sentSum, timeoutNs));
  }

  /**
   * Returns how long the next answer took, ns, for each millisecond of the window and each loop in
   * which one was expected; only after {@link Recorders#close} and a turn of every loop. Latencies
   * from sent count a stall once per request in flight; this counts it as long as it was.
   */
  public Histogram responseGaps() {
    Histogram gaps = GeneratorLag.sum();
    allStats.forEach(stats -> stats.addResponseGapsTo(gaps));
    return GeneratorLag.over(gaps, (endNs - startNs) * allStats.size());
  }

  /**
   * Returns by how much a beat was sent late by the generator itself, ns, for each millisecond of
   * the window and each loop; only after {@link Recorders#close} and a turn of every loop.
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
