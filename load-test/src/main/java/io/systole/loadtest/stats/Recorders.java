// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.HdrHistogram.Histogram;

/** The sums over all event loops, each since the start unless it says otherwise. */
public final class Recorders {
  private final List<Recorder> recorders = new CopyOnWriteArrayList<>();

  /** Makes the recorder of one more event loop. */
  public Recorder add() {
    Recorder recorder = new Recorder();
    recorders.add(recorder);
    return recorder;
  }

  /**
   * Begins to count the beats of a window; those of the window before are counted no longer.
   *
   * @param startNs monotonic, far enough ahead that all loops know of it by then
   */
  public WindowStatsSet open(long startNs, long endNs) {
    List<WindowStats> allStats = new ArrayList<>();
    for (Recorder recorder : recorders) {
      WindowStats stats = new WindowStats(startNs, endNs);
      allStats.add(stats);
      recorder.stats(stats);
    }
    return new WindowStatsSet(startNs, endNs, allStats);
  }

  /** Counts for no window from the next turn of each loop on. */
  public void close() {
    recorders.forEach(recorder -> recorder.stats(null));
  }

  /** Returns the counters of all loops, each read once. */
  public StatsSnapshot snapshot() {
    return recorders.stream()
        .map(Recorder::snapshot)
        .reduce(StatsSnapshot.EMPTY, StatsSnapshot::plus);
  }

  public long answered() {
    return snapshot().answered();
  }

  public long registered() {
    return recorders.stream().mapToLong(recorder -> recorder.registered.value()).sum();
  }

  /** Returns registrations without an answer by reason; only those that happened. */
  public Map<String, Long> registrationsFailed() {
    Map<String, Long> counts = new TreeMap<>();
    for (FailureReason reason : FailureReason.values()) {
      long count = recorders.stream()
          .mapToLong(recorder -> recorder.registrationsFailed.value(reason.ordinal()))
          .sum();
      if (count > 0) {
        counts.put(reason.name(), count);
      }
    }
    return counts;
  }

  /** Returns what registrations were refused with, and how often. */
  public Map<String, Long> refusals() {
    Map<String, Long> counts = new TreeMap<>();
    for (Recorder recorder : recorders) {
      recorder.refusals().forEach((refusal, count) -> counts.merge(refusal, count, Long::sum));
    }
    return counts;
  }

  /** Adds up the latencies from due since the last call; for one thread. */
  public Histogram takeLatencies() {
    Histogram sum = IntervalHistogram.sum();
    recorders.forEach(recorder -> recorder.takeLatenciesInto(sum));
    return sum;
  }

  /** Returns the longest that a loop woke late since the last call, ns; for one thread. */
  public long takeLagMaxNs() {
    return recorders.stream().mapToLong(Recorder::takeLagMaxNs).max().orElse(0);
  }

  /** Returns the times of each loop's thread; in the order of adding. */
  public List<LoopTimes> times() {
    return recorders.stream().map(Recorder::times).toList();
  }
}
