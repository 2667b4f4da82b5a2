// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.time.Clock;
import io.systole.server.jfr.SlowRequestJfrEvent;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.metrics.RequestKind;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The latencies of the requests of one event loop, from the read of a request to the flush of its
 * response. Confined to the loop, except {@link #histogram}.
 */
final class RequestLatencies {
  /*
   * The responses written since the last flush are kept as runs of equal kind, status and time of
   * the read: nearly always one run for a read cycle, however many heartbeats it has. A flush reads
   * the clock once, and adds each run with one addition. Without free runs, the runs end without a
   * flush, so that memory is bounded and nothing is lost.
   */

  /** Limit on runs between two flushes. */
  static final int RUNS_MAX = 32;

  /** The latency from which a request is an event of the flight recorder. */
  static final long SLOW_NS = TimeUnit.SECONDS.toNanos(1);

  private static final long[] BOUNDS_US = {
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000
  };

  private final Clock clock;
  private final DurationHistogram[] histograms;

  private final RequestKind[] kinds = new RequestKind[RUNS_MAX];
  private final int[] statuses = new int[RUNS_MAX];
  private final long[] beganNs = new long[RUNS_MAX];
  private final int[] counts = new int[RUNS_MAX];
  private int runs;

  RequestLatencies(Clock clock) {
    this.clock = clock;
    long[] boundsNs =
        Arrays.stream(BOUNDS_US).map(TimeUnit.MICROSECONDS::toNanos).toArray();
    this.histograms = Arrays.stream(RequestKind.values())
        .map(any -> new DurationHistogram(boundsNs))
        .toArray(DurationHistogram[]::new);
  }

  /**
   * Records a response that the next flush sends.
   *
   * @param requestNs the time of the read that completed the request, monotonic
   */
  void written(RequestKind kind, int status, long requestNs) {
    int last = runs - 1;
    if (last >= 0
        && kinds[last] == kind
        && statuses[last] == status
        && beganNs[last] == requestNs) {
      counts[last]++;
      return;
    }
    if (runs == RUNS_MAX) {
      flushed();
    }
    kinds[runs] = kind;
    statuses[runs] = status;
    beganNs[runs] = requestNs;
    counts[runs] = 1;
    runs++;
  }

  /** Adds the latencies of the responses written since the last call. */
  void flushed() {
    if (runs == 0) {
      return;
    }
    long nowNs = clock.monotonicNs();
    for (int i = 0; i < runs; i++) {
      long latencyNs = Math.max(0, nowNs - beganNs[i]);
      histograms[kinds[i].ordinal()].add(latencyNs, counts[i]);
      if (latencyNs >= SLOW_NS) {
        String kind = kinds[i].name().toLowerCase(Locale.ROOT);
        SlowRequestJfrEvent.record(kind, statuses[i], latencyNs, counts[i]);
      }
    }
    runs = 0;
  }

  /** Discards the responses written since the last flush; their connection was closed. */
  void discard() {
    runs = 0;
  }

  /** Returns the latencies of a kind of requests. Any thread may read them. */
  DurationHistogram histogram(RequestKind kind) {
    return histograms[kind.ordinal()];
  }
}
