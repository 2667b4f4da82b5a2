// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.read.RegistryRequest;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A validated workload: the target, the fleet, its traffic and the durations.
 *
 * @param target service URL of the registry
 * @param instances simulated instances, 1..10_000_000
 * @param applications 1..{@code instances}
 * @param intervalMs heartbeat interval of an instance, 1..86_400_000; in peak mode it only
 *     determines the lease duration
 * @param connections open connections, 1..65_536 per source, 1_000_000 in total
 * @param inFlight maximum outstanding requests per connection, 1..65_536
 * @param loops event loops of the load generator, 1..64
 * @param warmupMs warm-up before the window
 * @param durationMs length of the window
 * @param responseTimeoutMs time after which a request counts as failed
 * @param lagMsMax maximum p99 lag of the generator itself in an open model, 1..3_600_000
 * @param isCompared whether the target's renewal counter is compared with the responses; requires
 *     that no other clients use the target
 * @param pid of a local target
 * @param firstInstance number of the first instance; with {@code instances} at most 10_000_000
 * @param startAt start of the window; null for the end of the warm-up
 * @param alternatives service URLs of further servers of the same registry, over which the fleet is
 *     spread together with the target, and to which it fails over; each has an event loop
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
    List<URI> alternatives,
    boolean keep) {

  /** The load model. */
  public enum Mode {
    /** Open model: each heartbeat is sent at its due time, regardless of the server's responses. */
    RUN,
    /** Closed loop: each connection sends the next heartbeat when a response arrives. */
    PEAK
  }

  /** The heartbeat interval of Netflix's client by default. */
  public static final int DEFAULT_INTERVAL_MS = 30_000;

  private static final int INSTANCES_MAX = 10_000_000;
  private static final int LAG_MS_MAX = 3_600_000;
  private static final int CONNECTIONS_MAX = 1_000_000;

  /** The ports of one address. */
  private static final int CONNECTIONS_PER_SOURCE_MAX = 65_536;

  /** @throws IllegalArgumentException naming the option that is out of range */
  public Workload {
    alternatives = List.copyOf(alternatives);
    OptionRange.require("--instances", instances, 1, INSTANCES_MAX);
    OptionRange.require("--applications", applications, 1, instances);
    OptionRange.require("--duration", durationMs, 1, Long.MAX_VALUE);
    OptionRange.require("--warmup", warmupMs, 0, Long.MAX_VALUE);
    OptionRange.require("--interval", intervalMs, 1, Rate.INTERVAL_MS_MAX);
    OptionRange.require("--lag-max", lagMsMax, 1, LAG_MS_MAX);
    OptionRange.require("--first", firstInstance, 0, INSTANCES_MAX - instances);
    int connectionsMax = Math.min(
        CONNECTIONS_MAX,
        CONNECTIONS_PER_SOURCE_MAX * Math.max(1, traffic.sources().size()));
    String option = traffic.isConnectionPerInstance()
        ? "--instances with --connections=per-instance"
        : "--connections";
    OptionRange.require(option, connections, 1, connectionsMax);
    if (traffic.isConnectionPerInstance() && mode == Mode.PEAK) {
      throw new IllegalArgumentException("peak does not support --connections=per-instance");
    }
  }

  /** Begins a workload of one application and one generator with {@link Traffic#FIELD}. */
  public static Builder builder(Mode mode, URI target) {
    return new Builder(mode, target);
  }

  /** Returns the target's URL without credentials. */
  public String address() {
    return RegistryRequest.withoutCredentials(target);
  }

  /** A builder of workloads; see the components of {@link Workload} for units and ranges. */
  public static final class Builder {
    private final Mode mode;
    private final URI target;
    private int instances = 1;
    private int applications = 1;
    private int intervalMs = DEFAULT_INTERVAL_MS;
    private int connections = 8;
    private int inFlight = 64;
    private int loops = 1;
    private long warmupMs;
    private long durationMs = 1_000;
    private int responseTimeoutMs = 5_000;
    private int lagMsMax = 10;
    private boolean isCompared;
    private OptionalLong pid = OptionalLong.empty();
    private Traffic traffic = Traffic.FIELD;
    private int firstInstance;
    private @Nullable Instant startAt;
    private List<URI> alternatives = List.of();
    private boolean keep;

    private Builder(Mode mode, URI target) {
      this.mode = mode;
      this.target = target;
    }

    public Builder fleet(int instances, int applications, int intervalMs) {
      this.instances = instances;
      this.applications = applications;
      this.intervalMs = intervalMs;
      return this;
    }

    public Builder load(int connections, int inFlight, int loops) {
      this.connections = connections;
      this.inFlight = inFlight;
      this.loops = loops;
      return this;
    }

    public Builder window(long warmupMs, long durationMs) {
      this.warmupMs = warmupMs;
      this.durationMs = durationMs;
      return this;
    }

    public Builder limits(int responseTimeoutMs, int lagMsMax) {
      this.responseTimeoutMs = responseTimeoutMs;
      this.lagMsMax = lagMsMax;
      return this;
    }

    public Builder compared(boolean isCompared) {
      this.isCompared = isCompared;
      return this;
    }

    public Builder pid(OptionalLong pid) {
      this.pid = pid;
      return this;
    }

    public Builder traffic(Traffic traffic) {
      this.traffic = traffic;
      return this;
    }

    /** Makes the workload the part of one of several generators. */
    public Builder part(int firstInstance, @Nullable Instant startAt) {
      this.firstInstance = firstInstance;
      this.startAt = startAt;
      return this;
    }

    /** Spreads the fleet over further servers, each with an event loop and a connection. */
    public Builder spreadOver(List<URI> alternatives) {
      this.alternatives = alternatives;
      int servers = 1 + alternatives.size();
      this.loops = Math.max(loops, servers);
      this.connections = Math.max(connections, loops);
      return this;
    }

    public Builder keep(boolean keep) {
      this.keep = keep;
      return this;
    }

    /**
     * Returns the workload.
     *
     * @throws IllegalArgumentException naming the option that is out of range
     */
    public Workload build() {
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
          firstInstance,
          startAt,
          alternatives,
          keep);
    }
  }
}
