// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.record;

import io.systole.client.beat.Failure;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** The sums over all event loops. */
public final class Recorders {
  private final List<Recorder> recorders = new CopyOnWriteArrayList<>();

  /** Makes the recorder of one more event loop. */
  public Recorder add() {
    Recorder recorder = new Recorder();
    recorders.add(recorder);
    return recorder;
  }

  public void window(long startNs, long endNs) {
    recorders.forEach(recorder -> recorder.window(startNs, endNs));
  }

  /** Returns all answers of one status since the start. */
  public long answered(int status) {
    return sum(recorder -> recorder.statuses[status]);
  }

  public long answered() {
    return recorders.stream().mapToLong(recorder -> total(recorder.statuses)).sum();
  }

  public long failed() {
    return recorders.stream().mapToLong(recorder -> total(recorder.failures)).sum();
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

  /** Returns beats that were due in the window. */
  public long windowDue() {
    return sum(recorder -> recorder.windowDue);
  }

  /** Returns beats due in the window that have neither been answered nor failed. */
  public long windowOpen() {
    long ended = recorders.stream()
        .mapToLong(recorder -> total(recorder.windowStatuses) + total(recorder.windowFailures))
        .sum();
    return windowDue() - ended;
  }

  /** Returns answers within the window by status; only those that came. */
  public Map<String, Long> windowStatuses() {
    Map<String, Long> counts = new TreeMap<>();
    for (int status = 0; status < Recorder.STATUSES; status++) {
      int code = status;
      putIfAny(counts, Integer.toString(code), sum(recorder -> recorder.windowStatuses[code]));
    }
    return counts;
  }

  /** Returns failures within the window by reason; only those that happened. */
  public Map<String, Long> windowFailures() {
    Map<String, Long> counts = new TreeMap<>();
    for (Failure reason : Failure.values()) {
      putIfAny(counts, reason.name(), sum(recorder -> recorder.windowFailures[reason.ordinal()]));
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

  /** Adds up latencies; only after the client was closed. */
  public void addLatenciesTo(Histogram dueSum, Histogram sentSum) {
    recorders.forEach(recorder -> recorder.addLatenciesTo(dueSum, sentSum));
  }

  private long sum(Function<Recorder, Counter> counter) {
    return recorders.stream()
        .mapToLong(recorder -> counter.apply(recorder).value())
        .sum();
  }

  private static long total(Counter[] counters) {
    long total = 0;
    for (Counter counter : counters) {
      total += counter.value();
    }
    return total;
  }

  private static void putIfAny(Map<String, Long> counts, String key, long count) {
    if (count > 0) {
      counts.put(key, count);
    }
  }
}
