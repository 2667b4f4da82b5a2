// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The result of one workload with its conditions; also the schema of the JSON file.
 *
 * @param name of the run
 * @param timeline samples in order, from before the window to after it
 * @param events in order
 * @param percentiles of the latencies from due in the window, in order; for a plot
 * @param generator the load generator's own figures
 * @param reads null without readers
 * @param comparison null without one
 * @param part this generator's part of a load that several may share
 * @param expectations of a scenario or an objective; may be empty
 * @param passed whether the run passed
 * @param outcome in one line
 */
public record Report(
    String name,
    ReportConditions conditions,
    Registrations registrations,
    Window window,
    Cost cost,
    Generator generator,
    Connections connections,
    @Nullable Reads reads,
    @Nullable Comparison comparison,
    Part part,
    List<Sample> timeline,
    List<Event> events,
    List<PercentilePoint> percentiles,
    List<ReportExpectation> expectations,
    boolean passed,
    String outcome) {

  /** The status of a renewed lease. */
  public static final int RENEWED = 200;

  /** Returns a copy with another name. */
  public Report named(String newName) {
    return with(newName, expectations, passed, outcome);
  }

  /** Returns a copy with the outcome of these expectations. */
  Report evaluated(List<ReportExpectation> by, boolean hasPassed, String text) {
    return with(name, List.copyOf(by), hasPassed, text);
  }

  private Report with(String as, List<ReportExpectation> by, boolean hasPassed, String text) {
    return new Report(
        as,
        conditions,
        registrations,
        window,
        cost,
        generator,
        connections,
        reads,
        comparison,
        part,
        timeline,
        events,
        percentiles,
        by,
        hasPassed,
        text);
  }

  private static final double PERCENT = 100;

  /** Tolerance for a window's length in milliseconds, converted to seconds. */
  private static final double SECS_ROUNDING = 1e-3;

  /** Tolerance for percentages that have no exact representation, such as 99.9. */
  private static final double ROUNDING = 1e-6;

  /**
   * The conditions of a run.
   *
   * @param target service URL without credentials
   * @param intervalSecs heartbeat interval of an instance; 0 in peak mode
   * @param durationSecs requested length of the window; {@link Window#secs} is the actual one
   * @param traffic the traffic shape as text
   * @param startedAt ISO 8601, UTC
   * @param version of the load test
   * @param transport Netty's transport and version
   */
  public record ReportConditions(
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
      String traffic,
      String startedAt,
      String version,
      String transport,
      String jdk,
      String os,
      int cores) {}

  /**
   * The registration of the fleet.
   *
   * @param count accepted before the warm-up
   * @param secs including all retries
   * @param failures without a response; each was retried
   * @param refusals with status 503; each was retried
   */
  public record Registrations(
      int count, double secs, double perSec, long failures, long refusals) {}

  /**
   * The outcomes of the heartbeats due in the window.
   *
   * @param renewals due heartbeats with status 200, however late
   * @param renewedWithin responses with status 200 received within the window, whenever due
   * @param renewalsPerSec {@code renewedWithin} per second: the target's throughput
   * @param unanswered neither a response nor failed when the report was made
   * @param fromDue from the due time to the response; of all due heartbeats, those without a
   *     response at their lower bound
   * @param fromSent from the write to the socket to the response; of heartbeats with a response or
   *     timed out
   * @param responseGapP99Ms in 99 % of the window's time the next response came within this time,
   *     or none was outstanding
   */
  public record Window(
      double secs,
      long due,
      long renewals,
      long renewedWithin,
      double renewalsPerSec,
      Map<String, Long> statuses,
      Map<String, Long> failures,
      long unanswered,
      Percentiles fromDue,
      Percentiles fromSent,
      double responseGapP99Ms) {

    /**
     * Returns the number of due heartbeats without a latency, of which only a lower bound is known.
     */
    public long withoutLatency() {
      return unanswered + failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Returns whether the window is shorter than requested.
     *
     * @param requestedSecs its planned length
     */
    boolean endedBefore(double requestedSecs) {
      return secs < requestedSecs - SECS_ROUNDING;
    }

    /**
     * Returns whether a percentile of the latencies from due is that of a response.
     *
     * @param percent 0..100
     */
    public boolean hasLatencyAt(double percent) {
      return withoutLatency() * PERCENT <= due * (PERCENT - percent) + ROUNDING;
    }
  }

  /** Percentiles of latencies, ms. */
  public record Percentiles(double p50Ms, double p90Ms, double p99Ms, double p999Ms, double maxMs) {

    private static final double NS_PER_MS = 1e6;

    public static Percentiles of(Histogram ns) {
      return new Percentiles(
          at(ns, 50), at(ns, 90), at(ns, 99), at(ns, 99.9), ns.getMaxValue() / NS_PER_MS);
    }

    private static double at(Histogram ns, double percent) {
      return ns.getValueAtPercentile(percent) / NS_PER_MS;
    }
  }

  /**
   * The cost of a renewal, over the time of the window. All members are null without a response.
   *
   * @param targetCpuUs CPU microseconds of the target per response; null without its pid
   * @param ownCpuUs CPU microseconds of the load generator per response
   * @param bytesSent HTTP bytes per response
   * @param bytesReceived likewise
   */
  public record Cost(
      @Nullable Double targetCpuUs,
      @Nullable Double ownCpuUs,
      @Nullable Double bytesSent,
      @Nullable Double bytesReceived) {
    /** The cost if there was no response. */
    public static final Cost UNKNOWN = new Cost(null, null, null, null);
  }

  /**
   * The connections opened within the window; over TLS, each is a handshake.
   *
   * @param opened for any reason, such as churn or a loss
   * @param failed attempts that failed: lookup, connect or TLS handshake
   */
  public record Connections(long opened, double openedPerSec, long failed) {}

  /**
   * The outcomes of the reads due in the window.
   *
   * @param clients number of clients
   * @param everySecs read interval of a client
   * @param statuses number of responses by status
   * @param failed without a response, or not started because the client's previous read was in
   *     progress
   * @param bytes of bodies, as transferred
   * @param p50Ms from due to the last byte; 0 without responses, like the other percentiles
   * @param latencies in microseconds, as {@link Histograms#text}
   */
  public record Reads(
      int clients,
      double everySecs,
      long due,
      Map<String, Long> statuses,
      long failed,
      long bytes,
      double p50Ms,
      double p99Ms,
      double maxMs,
      String latencies) {
    private static final double US_PER_MS = 1e3;

    /** Creates the record with percentiles derived from the latencies. */
    public static Reads of(
        int clients,
        double everySecs,
        long due,
        Map<String, Long> statuses,
        long failed,
        long bytes,
        String latencies) {
      Histogram us = Histograms.read(latencies);
      return new Reads(
          clients,
          everySecs,
          due,
          statuses,
          failed,
          bytes,
          us.getValueAtPercentile(50) / US_PER_MS,
          us.getValueAtPercentile(99) / US_PER_MS,
          us.getMaxValue() / US_PER_MS,
          latencies);
    }

    /** Returns the number of responses of any status. */
    public long answered() {
      return statuses.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the reads without status 200. */
    public long unsuccessful() {
      return failed + answered() - statuses.getOrDefault(Integer.toString(RENEWED), 0L);
    }

    boolean passed() {
      return unsuccessful() == 0;
    }

    /** Returns the failures as text. */
    public String failureText() {
      return unsuccessful() + " of " + due + " reads failed: " + statuses + ", " + failed
          + " without a response";
    }
  }

  /**
   * The data by which the reports of several generators are merged.
   *
   * @param firstInstance number of the first instance of the fleet
   * @param windowStart ISO 8601, UTC
   * @param fromDue latencies in nanoseconds, as {@link Histograms#text}
   * @param fromSent latencies from sent, in the same form
   * @param responseGaps time to the next response, ns, for each millisecond of the window
   */
  public record Part(
      int firstInstance,
      String windowStart,
      String fromDue,
      String fromSent,
      String responseGaps) {}

  /**
   * Two counts of the same renewals, from before the warm-up to after the window.
   *
   * @param server the target's own counter; null if it has none, or was restarted
   * @param ours responses with status 200
   * @param unknownCause why the target's counter is null; empty if it is not
   */
  public record Comparison(@Nullable Long server, long ours, String unknownCause) {
    /** Returns the counts of a target with a counter. */
    public static Comparison of(long server, long ours) {
      return new Comparison(server, ours, "");
    }
  }

  /**
   * The figures of one interval, usually a second.
   *
   * @param atSecs end of the interval, seconds from the start of the window; negative before it
   * @param secs length of the interval
   * @param due heartbeats due
   * @param answered heartbeats with a response of any status
   * @param not200 heartbeats with another status than 200
   * @param failed heartbeats that will receive no response
   * @param registered accepted registrations
   * @param waiting heartbeats due and without a response at the end
   * @param p50Ms latency from due; null without responses, like the other percentiles
   * @param targetCores CPU seconds of the target per second; null if unknown
   * @param targetHeapBytes heap in use as published by the target; null if unknown
   * @param targetResidentBytes resident memory of the target; null if unknown
   * @param generatorCores CPU seconds of the load generator per second
   * @param generatorLagMs maximum lag of the generator itself
   */
  public record Sample(
      double atSecs,
      double secs,
      long due,
      long answered,
      long not200,
      long failed,
      long registered,
      long waiting,
      @Nullable Double p50Ms,
      @Nullable Double p90Ms,
      @Nullable Double p99Ms,
      @Nullable Double p999Ms,
      @Nullable Double maxMs,
      @Nullable Double targetCores,
      @Nullable Long targetHeapBytes,
      @Nullable Long targetResidentBytes,
      double generatorCores,
      double generatorLagMs) {}

  /**
   * An event during the run.
   *
   * @param atSecs seconds from the start of the window
   * @param text in one line
   */
  public record Event(double atSecs, String text) {}

  /**
   * The load generator's own figures.
   *
   * @param cores CPU seconds per second of the window
   * @param lagP99Ms lag of the generator itself that was not exceeded in 99 % of the window's time
   * @param lagMaxMs maximum lag
   * @param gcMs total garbage collection pauses within the window
   * @param heapBytes heap in use at the end
   * @param windowFullShare share of the time, 0..1, in which heartbeats waited because every open
   *     connection had its maximum of requests in flight
   * @param loops its event loops
   * @param isValid false if the generator fell behind; the figures are then not the target's
   * @param reason in one line: of an invalid run the cause, of a valid one its limit or empty
   */
  public record Generator(
      double cores,
      double lagP99Ms,
      double lagMaxMs,
      long gcMs,
      long heapBytes,
      double windowFullShare,
      List<Loop> loops,
      boolean isValid,
      String reason) {}

  /**
   * The use of the window's time by one event loop.
   *
   * @param ranShare CPU time per time, 0..1
   * @param waitedShare time runnable without a core, per time; null if the system does not count it
   */
  public record Loop(double ranShare, @Nullable Double waitedShare) {}

  /**
   * An evaluated expectation.
   *
   * @param text as written in the scenario
   * @param actual measured value with its unit
   */
  public record ReportExpectation(String text, String actual, boolean held) {}
}
