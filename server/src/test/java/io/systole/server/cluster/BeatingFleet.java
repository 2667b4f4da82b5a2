// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Instances that renew their leases at some servers of a cluster in turn, and the state that all
 * servers should have of them. A change is requested between two rounds of heartbeats.
 */
final class BeatingFleet implements AutoCloseable {
  static final String APP = "FLEET";

  private static final int INTERVAL_MS = 1_000;

  private final String name;
  private final LeaseInfo lease;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

  // All guarded by this.
  private final Map<String, InstanceInfo> instances = new LinkedHashMap<>();
  private final Map<ClusterServer, Map<Integer, Integer>> statuses = new HashMap<>();
  private final List<String> failures = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();
  /**
   * The server at which an instance renews until the next change of servers: the others may not
   * have it yet.
   */
  private final Map<String, ClusterServer> registeredAt = new HashMap<>();

  private List<ClusterServer> targets = List.of();
  /** Rounds at the current servers. */
  private int rounds;

  private int registered;

  /**
   * Starts without instances and servers.
   *
   * @param name the prefix of its instance ids
   */
  BeatingFleet(String name, int leaseSecs) {
    this.name = name;
    this.lease = new LeaseInfo(1, leaseSecs, 0, 0, 0, 0);
    var unused =
        thread.scheduleAtFixedRate(this::beat, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
  }

  private synchronized void beat() {
    int next = rounds;
    for (InstanceInfo instance : instances.values()) {
      if (!targets.isEmpty()) {
        ClusterServer target = targets.get(next % targets.size());
        beat(instance, registeredAt.getOrDefault(instance.id(), target));
      }
      next++;
    }
    rounds++;
  }

  private void beat(InstanceInfo instance, ClusterServer target) {
    try {
      int status = new InstanceRequests(target, instance).renew();
      statuses.computeIfAbsent(target, server -> new TreeMap<>()).merge(status, 1, Integer::sum);
      if (status != 200) {
        refusals.add(Instant.now() + " " + instance.id() + " at " + target + ": " + status);
      }
    } catch (RuntimeException failure) {
      failures.add(failure + " at " + target);
    }
  }

  /**
   * Waits for the end of the current round and renews at these servers from now on; each must hold
   * all instances, or answers with 404.
   */
  synchronized void beatAt(List<ClusterServer> servers) {
    registeredAt.clear();
    targets = List.copyOf(servers);
    rounds = 0;
  }

  /** Returns the number of completed rounds at the current servers. */
  synchronized int rounds() {
    return rounds;
  }

  /**
   * Registers further instances, which renew at this server until the next {@link #beatAt}; each
   * has its own status, metadata and dirty timestamp.
   */
  synchronized List<InstanceInfo> register(int count, ClusterServer server) {
    List<InstanceInfo> added = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      registered++;
      InstanceInfo instance = InstanceInfo.builder()
          .app(APP)
          .instanceId(name + "-" + registered)
          .hostName("host-" + registered)
          .ipAddr("10.0.0.1")
          .status(registered % 10 == 9 ? InstanceStatus.STARTING : InstanceStatus.UP)
          .dataCenterInfo(DataCenterInfo.MY_OWN)
          .metadata(Map.of("number", "<" + registered + ">"))
          .leaseInfo(lease)
          .lastDirtyMs(System.currentTimeMillis())
          .build();
      assertThat(new InstanceRequests(server, instance).register()).isEqualTo(204);
      instances.put(instance.id(), instance);
      registeredAt.put(instance.id(), server);
      added.add(instance);
    }
    return added;
  }

  private synchronized InstanceInfo instance(String id) {
    return Objects.requireNonNull(instances.get(id), id);
  }

  synchronized void cancel(List<String> ids, ClusterServer server) {
    for (String id : ids) {
      InstanceInfo instance = instance(id);
      instances.remove(id);
      assertThat(new InstanceRequests(server, instance).cancel()).as(id).isEqualTo(200);
    }
  }

  synchronized void overrideStatus(List<String> ids, InstanceStatus status, ClusterServer server) {
    for (String id : ids) {
      InstanceInfo instance = instance(id);
      assertThat(new InstanceRequests(server, instance).overrideStatus(status))
          .as(id)
          .isEqualTo(200);
      instances.put(
          id, instance.toBuilder().status(status).overriddenStatus(status).build());
    }
  }

  synchronized void removeOverride(List<String> ids, InstanceStatus status, ClusterServer server) {
    for (String id : ids) {
      InstanceInfo instance = instance(id);
      assertThat(new InstanceRequests(server, instance).removeOverride(status))
          .as(id)
          .isEqualTo(200);
      instances.put(
          id,
          instance.toBuilder()
              .status(status)
              .overriddenStatus(InstanceStatus.UNKNOWN)
              .build());
    }
  }

  synchronized void addMetadata(List<String> ids, String name, String value, ClusterServer server) {
    for (String id : ids) {
      InstanceInfo instance = instance(id);
      assertThat(new InstanceRequests(server, instance).addMetadata(name, value))
          .as(id)
          .isEqualTo(200);
      Map<String, String> metadata = new HashMap<>(instance.metadata());
      metadata.put(name, value);
      instances.put(id, instance.toBuilder().metadata(metadata).build());
    }
  }

  /** Returns the instances as they should be at all servers. */
  synchronized List<InstanceInfo> instances() {
    return List.copyOf(instances.values());
  }

  /** Returns the ids in the order of registration. */
  synchronized List<String> ids() {
    return List.copyOf(instances.keySet());
  }

  /** Returns the heartbeats by server and status since the last call. */
  synchronized Map<ClusterServer, Map<Integer, Integer>> takeStatuses() {
    Map<ClusterServer, Map<Integer, Integer>> taken = Map.copyOf(statuses);
    statuses.clear();
    return taken;
  }

  /** Returns heartbeats with other statuses than 200, with their times. */
  synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }

  /** Returns heartbeats without a response. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
