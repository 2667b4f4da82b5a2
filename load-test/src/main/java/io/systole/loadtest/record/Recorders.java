// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** The sums over all event loops, each since the start unless it says otherwise. */
public final class Recorders {
  private static final int RENEWED = 200;

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
  public Tallies open(long startNs, long endNs) {
    List<Tally> tallies = new ArrayList<>();
    for (Recorder recorder : recorders) {
      Tally tally = new Tally(startNs, endNs);
      tallies.add(tally);
      recorder.tally(tally);
    }
    return new Tallies(startNs, endNs, tallies);
  }

  /** Counts for no window from the next turn of each loop on. */
  public void close() {
    recorders.forEach(recorder -> recorder.tally(null));
  }

  /** Returns all answers 200. */
  public long renewed() {
    return recorders.stream()
        .mapToLong(recorder -> recorder.statuses.value(RENEWED))
        .sum();
  }

  /** Returns all beats that came due. */
  public long due() {
    return sum(recorder -> recorder.due);
  }

  public long answered() {
    return recorders.stream().mapToLong(recorder -> recorder.statuses.total()).sum();
  }

  public long failed() {
    return recorders.stream().mapToLong(recorder -> recorder.failures.total()).sum();
  }

  public long registered() {
    return sum(recorder -> recorder.registered);
  }

  public long registrationsFailed() {
    return sum(recorder -> recorder.registrationsFailed);
  }

  public long bytesSent() {
    return sum(recorder -> recorder.bytesSent);
  }

  public long bytesReceived() {
    return sum(recorder -> recorder.bytesReceived);
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
    Histogram sum = Intervals.sum();
    recorders.forEach(recorder -> recorder.takeLatenciesInto(sum));
    return sum;
  }

  /** Returns the longest that a loop woke late since the last call, ns; for one thread. */
  public long takeLagMaxNs() {
    return recorders.stream().mapToLong(Recorder::takeLagMaxNs).max().orElse(0);
  }

  /** Returns how long each loop has wanted a core since it began, ns; in the order of adding. */
  public List<Long> busyNs() {
    return recorders.stream().map(Recorder::busyNs).toList();
  }

  private long sum(Function<Recorder, Counter> counter) {
    return recorders.stream()
        .mapToLong(recorder -> counter.apply(recorder).value())
        .sum();
  }
}
