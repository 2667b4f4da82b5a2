// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewedSlots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A member with a small registry of its own. Leases last 30 s. */
final class TestMember {
  static final int DURATION_SECS = 30;

  static final ReplicaSettings SETTINGS = new ReplicaSettings(500, 30_000, 180_000, 1_000, 2);

  final Registry registry;
  final MemoryGroup group;
  final Replica replica;
  private final RenewedSlots renewed = new RenewedSlots();
  private final RenewedSlots renewedByPeers = new RenewedSlots();

  TestMember(MemoryGroup.Network network, long epoch, Clock clock) {
    this(network, epoch, clock, SETTINGS, 10_000, List.of());
  }

  TestMember(
      MemoryGroup.Network network,
      long epoch,
      Clock clock,
      ReplicaSettings settings,
      int leasesMax,
      List<PersistedLease> journal) {
    registry = new Registry(
        new RegistrySettings(leasesMax, true, 180_000, 100_000, LeaseRules.STOCK), clock);
    registry.restore(journal);
    group = new MemoryGroup(network, new MemberId(epoch, "m" + epoch));
    replica = new Replica(settings, group, registry, clock, "9", () -> "http://m" + epoch + "/");
  }

  void join() {
    try {
      replica.join();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  void tick() {
    long[] words = renewed.take();
    if (words.length > 0) {
      replica.addRenewed(words, false);
    }
    long[] wordsByPeers = renewedByPeers.take();
    if (wordsByPeers.length > 0) {
      replica.addRenewed(wordsByPeers, true);
    }
    while (replica.tick() == 0) {
      // More is due at once.
    }
    while (replica.respond()) {
      // More is requested.
    }
  }

  static InstanceKey key(String id) {
    return new InstanceKey("APP", id);
  }

  static InstanceInfo instance(String id) {
    return Instances.up("APP", id, DURATION_SECS);
  }

  void register(String id) {
    register(instance(id));
  }

  void register(InstanceInfo instance) {
    RegisterOutcome outcome = registry.register(instance, Origin.CLIENT);
    if (outcome != RegisterOutcome.REGISTERED) {
      throw new AssertionError(outcome);
    }
  }

  RenewOutcome renew(String id) {
    return registry
        .renewal()
        .renew(LookupKey.of(key(id)), nowNs(), Registry.NO_TIMESTAMP, Origin.CLIENT, renewed);
  }

  /** Renews as a stock peer that passes on a heartbeat. */
  RenewOutcome renewByPeer(String id) {
    return registry
        .renewal()
        .renew(LookupKey.of(key(id)), nowNs(), Registry.NO_TIMESTAMP, Origin.PEER, renewedByPeers);
  }

  private long nowNs() {
    return replica.state().clock.monotonicNs();
  }

  boolean has(String id) {
    return registry.find(key(id)) != null;
  }

  InstanceInfo find(String id) {
    return Objects.requireNonNull(registry.find(key(id)));
  }

  int slot(String id) {
    return registry.replicated().find(key(id));
  }

  /** Evicts what has expired and is this member's, as the evictor does. */
  int evict() {
    long momentNs = nowNs() - replica.evictionSlackNs();
    return evictAt(momentNs);
  }

  /** Evicts what had expired at this time, without waiting for renewals under way. */
  int evictAt(long momentNs) {
    List<LeaseDeadline> expired = registry.expiry().expiredAt(momentNs).stream()
        .filter(each -> replica.isResponsible(each.slot()))
        .toList();
    return registry.expiry().evict(expired, momentNs, "expired");
  }

  /** Returns the leases by id, with all that members must agree about. */
  Map<String, String> leases() {
    Map<String, String> leases = new TreeMap<>();
    registry.forEachSlot((slot, instance, isChangedHere, isOutdated) -> {
      ClusterLeases state = replica.state().leases;
      leases.put(
          instance.id(),
          state.stamp(slot) + " " + state.leaseId(slot) + " " + state.comparedOverride(slot) + " "
              + instance.status() + " " + instance.overriddenStatus() + " "
              + instance.lastDirtyMs() + " " + instance.metadata());
    });
    return leases;
  }

  List<PersistedLease> journal() {
    List<PersistedLease> journal = new ArrayList<>();
    registry.forEachLease(journal::add);
    return journal;
  }
}
