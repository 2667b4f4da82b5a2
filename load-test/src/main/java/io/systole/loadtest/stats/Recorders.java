// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import io.systole.client.api.FailureReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** The recorders of all event loops. Sums count from the start unless stated otherwise. */
public final class Recorders {
  private final List<Recorder> recorders = new CopyOnWriteArrayList<>();

  /** Creates the recorder of another event loop. */
  public Recorder add() {
    Recorder recorder = new Recorder();
    recorders.add(recorder);
    return recorder;
  }

  /**
   * Starts counting for a new window, and stops counting for the previous one.
   *
   * @param startNs monotonic, in the future, so that all loops see the window by then
   */
  public WindowStatsSet open(long startNs, long endNs) {
    List<WindowStats> allStats = new ArrayList<>();
    for (Recorder recorder : recorders) {
      WindowStats stats = new WindowStats(startNs, endNs);
      allStats.add(stats);
      recorder.window(stats);
    }
    return new WindowStatsSet(startNs, endNs, allStats);
  }

  /**
   * Opens a window before it starts. If the thread was delayed past the start, replaces the window
   * by one that starts later, until one is opened in time. Otherwise the response to a heartbeat
   * that was due before its loop saw the window would be counted, but not the heartbeat itself.
   *
   * @param startNs the start of the first attempt, monotonic
   * @param leadNs how far ahead of now a further attempt starts
   * @param clock returns the monotonic time
   */
  public WindowStatsSet openAhead(long startNs, long durationNs, long leadNs, LongSupplier clock) {
    long attemptNs = startNs;
    while (true) {
      WindowStatsSet opened = open(attemptNs, attemptNs + durationNs);
      long nowNs = clock.getAsLong();
      if (nowNs - attemptNs < 0) {
        return opened;
      }
      attemptNs = nowNs + leadNs;
    }
  }

  /** Stops counting for the window; takes effect with the next cycle of each loop. */
  public void close() {
    recorders.forEach(recorder -> recorder.window(null));
  }

  /** Returns the summed counters of all loops; each counter is read once. */
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

  /** Returns the registrations without a response by reason; omits reasons without any. */
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

  /** Returns the refused registrations that are not retried, by status and message. */
  public Map<String, Long> refusals() {
    Map<String, Long> counts = new TreeMap<>();
    recorders.forEach(recorder -> recorder.refusals.addTo(counts));
    return counts;
  }

  /** Returns the registrations refused with status 503, by status and message. */
  public Map<String, Long> retriedRefusals() {
    Map<String, Long> counts = new TreeMap<>();
    recorders.forEach(recorder -> recorder.retriedRefusals.addTo(counts));
    return counts;
  }

  /** Returns the latencies from the due time since the last call; one thread. */
  public Histogram takeLatencies() {
    Histogram sum = Recorder.intervalSum();
    recorders.forEach(recorder -> recorder.takeLatenciesInto(sum));
    return sum;
  }

  /** Returns the maximum wake-up lag of any loop since the last call, ns; one thread. */
  public long takeLagMaxNs() {
    return recorders.stream().mapToLong(Recorder::takeLagMaxNs).max().orElse(0);
  }

  /** Returns the times of each loop's thread, in order of creation. */
  public List<ThreadTimes> times() {
    return recorders.stream().map(Recorder::times).toList();
  }
}
