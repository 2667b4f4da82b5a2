// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.MetadataUpdateOutcome;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The requests of clients and operators in a history. */
final class ClusterRequests {
  private static final int INSTANCES_MIN = 5;
  private static final int INSTANCES_MAX = 30;
  private static final int[] DURATIONS_SECS = {12, 20, 30, 40};
  private static final InstanceStatus[] STATUSES = {
    InstanceStatus.UP,
    InstanceStatus.UP,
    InstanceStatus.DOWN,
    InstanceStatus.OUT_OF_SERVICE,
    InstanceStatus.STARTING
  };

  private final SimulatedTime time;
  private final SplittableRandom random;
  private final SimulatedCluster cluster;
  private final ClusterInvariants invariants;
  private final HistoryEvents events;
  private final List<SimulatedClient> clients = new ArrayList<>();
  private int entries;

  ClusterRequests(
      SimulatedTime time,
      SplittableRandom random,
      SimulatedCluster cluster,
      ClusterInvariants invariants,
      HistoryEvents events) {
    this.time = time;
    this.random = random;
    this.cluster = cluster;
    this.invariants = invariants;
    this.events = events;
    int instances = random.nextInt(INSTANCES_MIN, INSTANCES_MAX + 1);
    for (int i = 0; i < instances; i++) {
      clients.add(new SimulatedClient(
          new InstanceKey("APP" + i % 3, "i-" + i),
          DURATIONS_SECS[random.nextInt(DURATIONS_SECS.length)],
          random.nextInt(3) == 0,
          random.nextInt(SimulatedCluster.MEMBERS_MAX)));
    }
  }

  List<SimulatedClient> clients() {
    return clients;
  }

  /** Makes a random request of a random client or an operator. */
  void request() {
    List<SimulatedMember> serving = cluster.serving();
    if (serving.isEmpty()) {
      return;
    }
    SimulatedClient client = clients.get(random.nextInt(clients.size()));
    SimulatedMember member = serving.get(random.nextInt(serving.size()));
    int choice = random.nextInt(100);
    if (!client.isAlive && choice < 20) {
      start(client, member);
    } else if (choice < 45) {
      renew(client, member);
    } else if (choice < 57) {
      register(client, member, random.nextInt(3) > 0);
    } else if (choice < 63) {
      cancel(client, member);
    } else if (choice < 67) {
      client.isAlive = false;
      events.count("silent");
    } else if (choice < 77) {
      overrideStatus(client, member);
    } else if (choice < 87) {
      removeOverride(client, member);
    } else if (choice < 98) {
      addMetadata(client, member);
    } else {
      evict(client, member);
    }
  }

  /** Sends the heartbeats that are due. */
  void beat() {
    List<SimulatedMember> serving = cluster.serving();
    if (serving.isEmpty()) {
      return;
    }
    for (SimulatedClient client : clients) {
      if (client.isAlive && client.beatDueMs <= time.nowMs()) {
        if (client.isRoundRobin || random.nextInt(100) == 0) {
          client.home++;
        }
        renew(client, serving.get(client.home % serving.size()));
      }
    }
  }

  // ---------------------------------------------------------------- clients

  private void start(SimulatedClient client, SimulatedMember member) {
    client.isAlive = true;
    client.isCancelled = false;
    register(client, member, random.nextInt(8) > 0);
  }

  private void register(SimulatedClient client, SimulatedMember member, boolean isNewer) {
    if (!client.isAlive) {
      return;
    }
    if (isNewer || client.dirtyMs == 0) {
      client.dirtyMs = Math.max(client.dirtyMs + 1, time.wallMs());
      client.status = STATUSES[random.nextInt(STATUSES.length)];
    }
    RegisterOutcome outcome = member.registry.register(client.document(), Origin.CLIENT);
    record("register", client, member, outcome);
    if (outcome != RegisterOutcome.REGISTERED) {
      throw new AssertionError("registration of " + client + " at " + member + ": " + outcome);
    }
    events.count(isNewer ? "register newer" : "register same timestamp");
    acknowledged(client, member);
  }

  private void renew(SimulatedClient client, SimulatedMember member) {
    if (!client.isAlive) {
      return;
    }
    RenewOutcome outcome = member.renew(client.key, client.dirtyMs);
    record("renew", client, member, outcome);
    if (outcome == RenewOutcome.RENEWED) {
      acknowledged(client, member);
    } else {
      if (outcome == RenewOutcome.UNKNOWN_INSTANCE) {
        invariants.verifyMissing(client, member);
      }
      register(client, member, true);
    }
  }

  private void acknowledged(SimulatedClient client, SimulatedMember member) {
    client.beatDueMs = time.nowMs() + client.intervalMs();
    invariants.acknowledged(client, member);
  }

  private void cancel(SimulatedClient client, SimulatedMember member) {
    boolean isCancelled = member.registry.cancel(client.key, Origin.CLIENT);
    record("cancel", client, member, isCancelled);
    if (isCancelled) {
      client.isAlive = false;
      client.isCancelled = true;
      invariants.removed(client, member);
    }
  }

  // ---------------------------------------------------------------- operators

  private void evict(SimulatedClient client, SimulatedMember member) {
    boolean isEvicted = member.registry.expiry().evict(client.key);
    record("evict by operator", client, member, isEvicted);
    if (isEvicted) {
      invariants.removed(client, member);
    }
  }

  private void overrideStatus(SimulatedClient client, SimulatedMember member) {
    InstanceStatus status = STATUSES[random.nextInt(STATUSES.length)];
    boolean isSet = member
        .registry
        .statusOverrides()
        .set(client.key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
    record("override", client, member, isSet);
    changed(client, member, isSet);
  }

  private void removeOverride(SimulatedClient client, SimulatedMember member) {
    InstanceStatus status = random.nextInt(4) == 0 ? InstanceStatus.UNKNOWN : client.status;
    boolean isRemoved = member
        .registry
        .statusOverrides()
        .remove(client.key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
    record("remove override", client, member, isRemoved);
    changed(client, member, isRemoved);
  }

  private void addMetadata(SimulatedClient client, SimulatedMember member) {
    MetadataUpdateOutcome outcome = member.registry.addMetadata(
        client.key, Map.of("m" + random.nextInt(3), String.valueOf(++entries)));
    record("metadata", client, member, outcome);
    changed(client, member, outcome == MetadataUpdateOutcome.UPDATED);
  }

  private void changed(SimulatedClient client, SimulatedMember member, boolean isAcknowledged) {
    if (isAcknowledged) {
      invariants.changed(client, member);
    }
  }

  private void record(String what, SimulatedClient client, SimulatedMember member, Object outcome) {
    events.count(what + " " + outcome);
    events.note(
        () -> what + " " + client + " dirty=" + client.dirtyMs + " at " + member + ": " + outcome);
  }
}
