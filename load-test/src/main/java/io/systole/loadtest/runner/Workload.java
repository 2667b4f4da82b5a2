// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import java.net.URI;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is to be driven, and how; checked.
 *
 * @param target service URL of the registry
 * @param instances simulated, 1..10_000_000
 * @param applications they are spread over, 1..{@code instances}
 * @param intervalMs between heartbeats of an instance, 1..86_400_000; in peak mode it only decides
 *     how long leases last
 * @param connections kept open, 1..65_536 for each source, 1_000_000 in all
 * @param inFlight requests sent and not answered per connection at most, 1..65_536
 * @param loops event loops of the load generator, 1..64
 * @param warmupMs driven before anything is measured
 * @param durationMs measured
 * @param responseTimeoutMs after which a request counts as failed
 * @param lagMsMax that the generator itself may be late at p99 in an open model, 1..3_600_000
 * @param isCompared whether the target's count of renewals is held against ours; not when others
 *     beat there too
 * @param pid of the target, when it is a process of this machine
 * @param traffic its shape on the wire
 * @param firstInstance number of the first instance; with the others at most 10_000_000
 * @param startAt of the window; null when it begins as soon as all is ready
 * @param keep whether the instances stay registered at the end
 */
public record Workload(
    Mode mode,
    URI target,
    int instances,
    int applications,
    int intervalMs,
    int connections,
    int inFlight,
    int loops,
    long warmupMs,
    long durationMs,
    int responseTimeoutMs,
    int lagMsMax,
    boolean isCompared,
    OptionalLong pid,
    Traffic traffic,
    int firstInstance,
    @Nullable Instant startAt,
    boolean keep) {

  /** What decides when heartbeats go out. */
  public enum Mode {
    /** Each is due at its time, whatever the server does: an open model. */
    RUN,
    /** Each connection sends the next as soon as one was answered: a closed loop. */
    PEAK
  }

  private static final int INSTANCES_MAX = 10_000_000;
  private static final int LAG_MS_MAX = 3_600_000;
  private static final int CONNECTIONS_MAX = 1_000_000;

  /** An address has no more ports. */
  private static final int CONNECTIONS_PER_SOURCE_MAX = 65_536;

  /** Throws {@link IllegalArgumentException}, naming the option that is out of its range. */
  public Workload {
    require("--instances", instances, 1, INSTANCES_MAX);
    require("--applications", applications, 1, instances);
    require("--duration", durationMs, 1, Long.MAX_VALUE);
    require("--warmup", warmupMs, 0, Long.MAX_VALUE);
    require("--interval", intervalMs, 1, Integer.MAX_VALUE);
    require("--lag-max", lagMsMax, 1, LAG_MS_MAX);
    require("--first", firstInstance, 0, INSTANCES_MAX - instances);
    int connectionsMax = Math.min(
        CONNECTIONS_MAX,
        CONNECTIONS_PER_SOURCE_MAX * Math.max(1, traffic.sources().size()));
    String option = traffic.isConnectionPerInstance()
        ? "--instances with --connections=per-instance"
        : "--connections";
    require(option, connections, 1, connectionsMax);
    if (traffic.isConnectionPerInstance() && mode == Mode.PEAK) {
      throw new IllegalArgumentException("a peak has no --connections=per-instance");
    }
  }

  /** Makes a workload of one generator, which drives its whole fleet. */
  public Workload(
      Mode mode,
      URI target,
      int instances,
      int applications,
      int intervalMs,
      int connections,
      int inFlight,
      int loops,
      long warmupMs,
      long durationMs,
      int responseTimeoutMs,
      int lagMsMax,
      boolean isCompared,
      OptionalLong pid,
      Traffic traffic,
      boolean keep) {
    this(
        mode,
        target,
        instances,
        applications,
        intervalMs,
        connections,
        inFlight,
        loops,
        warmupMs,
        durationMs,
        responseTimeoutMs,
        lagMsMax,
        isCompared,
        pid,
        traffic,
        0,
        null,
        keep);
  }

  /** Makes a workload whose traffic is shaped as that of independent clients. */
  public Workload(
      Mode mode,
      URI target,
      int instances,
      int applications,
      int intervalMs,
      int connections,
      int inFlight,
      int loops,
      long warmupMs,
      long durationMs,
      int responseTimeoutMs,
      int lagMsMax,
      boolean isCompared,
      OptionalLong pid,
      boolean keep) {
    this(
        mode,
        target,
        instances,
        applications,
        intervalMs,
        connections,
        inFlight,
        loops,
        warmupMs,
        durationMs,
        responseTimeoutMs,
        lagMsMax,
        isCompared,
        pid,
        Traffic.FIELD,
        keep);
  }

  /** Returns the same as the part of one of several generators. */
  public Workload asPart(int first, @Nullable Instant windowStart) {
    return new Workload(
        mode,
        target,
        instances,
        applications,
        intervalMs,
        connections,
        inFlight,
        loops,
        warmupMs,
        durationMs,
        responseTimeoutMs,
        lagMsMax,
        isCompared,
        pid,
        traffic,
        first,
        windowStart,
        keep);
  }

  /** Returns the target without the credentials that its URL may hold. */
  public String address() {
    String userInfo = target.getRawUserInfo();
    return userInfo == null ? target.toString() : target.toString().replace(userInfo + "@", "");
  }

  static void require(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + " is out of range: " + value + " is not within " + min + ".." + max);
    }
  }
}
