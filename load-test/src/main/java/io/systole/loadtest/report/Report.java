// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one workload with all its conditions; what the JSON file holds, member by member.
 *
 * @param name of the run, for people
 * @param timeline what was seen, in order; of the whole drive, from before the window to after it
 * @param events what was done to the fleet or the target on the way, in order
 * @param percentiles the latencies from due in the window, for a plot; in order
 * @param generator whether the load generator itself kept up
 * @param reads beside the heartbeats; null without readers
 * @param comparison null when nobody compared
 * @param part of a load that several generators may share
 * @param expectations those of a scenario; empty without one
 * @param passed whether the verdict is good
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
    List<Point> percentiles,
    List<ReportExpectation> expectations,
    boolean passed,
    String outcome) {

  /** The status that means a lease was renewed. */
  public static final int RENEWED = 200;

  /** Returns the same under another name. */
  public Report named(String newName) {
    return with(newName, expectations, passed, outcome);
  }

  /** Returns the same held against these expectations, which decide instead of its verdict. */
  public Report judged(List<ReportExpectation> by) {
    boolean isCounted = !RunVerdict.differs(comparison) && (reads == null || reads.passed());
    boolean hasPassed =
        generator.isValid() && isCounted && by.stream().allMatch(ReportExpectation::held);
    return with(name, List.copyOf(by), hasPassed, RunVerdict.of(by, generator, comparison, reads));
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

  /** That 99.9 has no exact representation must not decide. */
  private static final double ROUNDING = 1e-6;

  /**
   * Under which the figures hold.
   *
   * @param target service URL without credentials
   * @param intervalSecs between heartbeats of an instance; 0 in peak mode
   * @param durationSecs as asked for; {@link Window#secs} says what it became
   * @param startedAt ISO 8601, UTC
   * @param traffic arrivals and requests, in a few words
   * @param version of the load test
   * @param transport how the load generator waits for its sockets, and through which Netty
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
   * How the fleet came in.
   *
   * @param count accepted before the warm-up
   * @param failures without an answer, each tried again
   */
  public record Registrations(int count, double secs, double perSec, long failures) {}

  /**
   * What became of the beats that were due while it was measured.
   *
   * @param renewals of those due, answered with status 200, however late
   * @param renewedWithin answers with status 200 that came within the window, whenever due
   * @param renewalsPerSec {@code renewedWithin} per second: the target's throughput
   * @param unanswered neither answered nor failed when the report was made
   * @param fromDue from when a beat was due to its answer; of all beats due, those without an
   *     answer at their lower bound
   * @param fromSent from when it was handed to the socket; of beats answered or timed out
   * @param responseGapP99Ms in 99 % of the window's time the next answer came within this, or none
   *     was expected
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

    /** Returns how many beats due have no latency, only a lower bound of it. */
    public long withoutLatency() {
      return unanswered + failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Returns whether a percentile of the latencies from due is that of an answer.
     *
     * @param percent 0..100
     */
    public boolean hasLatencyAt(double percent) {
      return withoutLatency() * PERCENT <= due * (PERCENT - percent) + ROUNDING;
    }
  }

  /** Milliseconds that so many of all answers took at most. */
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
   * What a renewal took, over the time of the window.
   *
   * @param targetCpuUs CPU microseconds of the target per answer; null without its pid
   * @param ownCpuUs the same of the load generator
   */
  public record Cost(
      @Nullable Double targetCpuUs, double ownCpuUs, double bytesSent, double bytesReceived) {}

  /**
   * Connections opened within the window; over TLS, each is a handshake.
   *
   * @param opened of whatever cause, such as churn or a loss
   * @param failed could not be opened: look-up, connecting or TLS handshake
   */
  public record Connections(long opened, double openedPerSec, long failed) {}

  /**
   * Outcomes of the reads that were due in the window.
   *
   * @param clients that read
   * @param everySecs between a client's reads
   * @param statuses of those answered
   * @param failed without an answer, and those not begun because the client's last one was under
   *     way
   * @param bytes of bodies, as sent
   * @param p50Ms from due to the last byte; 0 when none was answered, as are the others
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

    /** Derives the percentiles from the latencies. */
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

    /** Returns reads answered, whatever the status. */
    public long answered() {
      return statuses.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns reads answered with another status than 200, or not at all. */
    public long bad() {
      return failed + answered() - statuses.getOrDefault(Integer.toString(RENEWED), 0L);
    }

    boolean passed() {
      return bad() == 0;
    }

    /** Returns what was wrong, in a few words. */
    public String fault() {
      return bad() + " of " + due + " reads failed: " + statuses + ", " + failed
          + " without an answer";
    }
  }

  /**
   * What the report of one of several generators is merged by.
   *
   * @param firstInstance number of the first instance of the fleet
   * @param windowStart ISO 8601, UTC
   * @param fromDue latencies in nanoseconds, as {@link Histograms#text}
   * @param fromSent the same from sent
   * @param responseGaps time to the next answer, ns, for each moment of the window
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
   * @param server by the target's own counter; null when it has none, or began it anew
   * @param ours answers with status 200
   */
  public record Comparison(@Nullable Long server, long ours) {}

  /**
   * What was seen in one stretch of time, usually a second.
   *
   * @param atSecs its end, seconds from the start of the window; negative before it
   * @param secs how long it was
   * @param due heartbeats that came due
   * @param answered heartbeats answered, whatever the status
   * @param not200 those of them whose status was another than 200
   * @param failed heartbeats that will have no answer
   * @param registered instances accepted
   * @param waiting heartbeats due and not answered at its end
   * @param p50Ms of those answered, from due; null when none was, as are the others
   * @param targetCores CPU seconds of the target per second; null when unknown
   * @param targetHeapBytes heap in use as the target publishes it; null when unknown
   * @param targetResidentBytes memory the system counts for the target; null when unknown
   * @param generatorCores CPU seconds of the load generator per second
   * @param generatorLagMs the longest that the generator itself was late
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
   * Something that was done, or that was observed once.
   *
   * @param atSecs seconds from the start of the window
   * @param what in one line
   */
  public record Event(double atSecs, String what) {}

  /** So many percent of all took at most so long. */
  public record Point(double percent, double ms) {}

  /**
   * How the load generator itself fared.
   *
   * @param cores CPU seconds per second of the window
   * @param lagP99Ms in 99 % of the window's time it was late, by itself, by at most this
   * @param lagMaxMs the longest that it was late
   * @param gcMs pauses of its own collector within the window, in all
   * @param heapBytes heap in use at the end
   * @param windowFullShare of the time, 0..1, that beats waited because every open connection had
   *     as many requests in flight as it may
   * @param loops its event loops
   * @param isValid false when it fell behind by itself: then the figures are not the target's
   * @param why in one line; of a valid one, what bounds its figures, or empty
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
      String why) {}

  /**
   * The use that one event loop made of the window's time.
   *
   * @param ranShare CPU time per time, 0..1
   * @param waitedShare time in which it could have run but had no core, per time; null where the
   *     system does not count it
   */
  public record Loop(double ranShare, @Nullable Double waitedShare) {}

  /**
   * What a scenario expected.
   *
   * @param text as written in the scenario
   * @param actual what was measured, with its unit
   */
  public record ReportExpectation(String text, String actual, boolean held) {}
}
