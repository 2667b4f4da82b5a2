// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one scenario with all its conditions; what the JSON file holds, member by member.
 */
record Report(
    Conditions conditions,
    Registrations registrations,
    Window window,
    Cost cost,
    @Nullable Comparison comparison,
    boolean passed,
    String verdict) {

  /**
   * Under which the figures hold.
   *
   * @param target service URL without credentials
   * @param intervalSecs between heartbeats of an instance; 0 in peak mode
   * @param durationSecs as asked for; {@link Window#secs} says what it became
   * @param startedAt ISO 8601, UTC
   * @param version of the load test
   * @param transport how the load generator waits for its sockets, and through which Netty
   */
  record Conditions(
      String mode,
      String target,
      int instances,
      int applications,
      double intervalSecs,
      int connections,
      int inFlight,
      int loops,
      double warmupSecs,
      double durationSecs,
      String startedAt,
      String version,
      String transport,
      String jdk,
      String os,
      int cores) {}

  /**
   * How the fleet came in.
   *
   * @param count accepted before the warm-up
   * @param failures without an answer, each tried again
   */
  record Registrations(int count, double secs, double perSec, long failures) {}

  /**
   * What became of the beats that were due while it was measured.
   *
   * @param renewals answers with status 200
   * @param unanswered neither answered nor failed when the report was made
   * @param fromDue from when a beat was due to its answer; of answered beats only
   * @param fromSent from when it was handed to the socket
   */
  record Window(
      double secs,
      long due,
      long renewals,
      double renewalsPerSec,
      Map<String, Long> statuses,
      Map<String, Long> failures,
      long unanswered,
      Percentiles fromDue,
      Percentiles fromSent) {}

  /** Milliseconds that so many of all answers took at most. */
  record Percentiles(double p50Ms, double p90Ms, double p99Ms, double p999Ms, double maxMs) {

    private static final double NS_PER_MS = 1e6;

    static Percentiles of(Histogram ns) {
      return new Percentiles(
          at(ns, 50), at(ns, 90), at(ns, 99), at(ns, 99.9), ns.getMaxValue() / NS_PER_MS);
    }

    private static double at(Histogram ns, double percent) {
      return ns.getValueAtPercentile(percent) / NS_PER_MS;
    }
  }

  /**
   * What a renewal took, over the time of the window.
   *
   * @param targetCpuUs CPU microseconds of the target per answer; null without its pid
   * @param ownCpuUs the same of the load generator
   */
  record Cost(
      @Nullable Double targetCpuUs, double ownCpuUs, double bytesSent, double bytesReceived) {}

  /**
   * Two counts of the same renewals, from the first heartbeat of the peak to its last.
   *
   * @param server by the target's own counter; null when it has none
   * @param ours answers with status 200
   */
  record Comparison(@Nullable Long server, long ours) {}
}
