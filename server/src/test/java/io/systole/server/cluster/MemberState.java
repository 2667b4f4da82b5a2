// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.ReplicatedLeases;
import org.jspecify.annotations.Nullable;

/** Reads the state of a simulated member. */
final class MemberState {
  /** The changes that a member of a history makes during the quarantine of their numbers. */
  private static final int NUMBERS_MAX = 2_000;

  private MemberState() {}

  /** Returns the state of a key, or null if the member has neither a lease nor a tombstone. */
  static @Nullable KeyState of(SimulatedMember member, InstanceKey key) {
    ClusterLeases leases = member.replica.state().leases;
    int slot = member.registry.replicated().find(key);
    if (slot >= 0 && leases.isKnown(slot)) {
      RecordStamp stamp = leases.stamp(slot);
      OverrideRegister override = leases.comparedOverride(slot);
      return new KeyState(
          true,
          stamp.rank(),
          stamp.hlc(),
          stamp.owner(),
          override == null ? 0 : override.stamp().hlc(),
          override == null ? 0 : override.stamp().member());
    }
    ClusterTombstones.Tombstone tombstone = member.replica.state().tombstones.find(key);
    if (tombstone == null) {
      return null;
    }
    RecordStamp stamp = tombstone.stamp;
    return new KeyState(false, stamp.rank(), stamp.hlc(), stamp.owner(), 0, 0);
  }

  /** Returns the lease of a key, expired or not, or null. */
  static @Nullable PersistedLease lease(SimulatedMember member, InstanceKey key) {
    ReplicatedLeases replicated = member.registry.replicated();
    int slot = replicated.find(key);
    return slot < 0 ? null : replicated.at(slot);
  }

  /** Returns the name of a lease, or null. */
  static @Nullable LeaseId leaseId(SimulatedMember member, InstanceKey key) {
    int slot = member.registry.replicated().find(key);
    ClusterLeases leases = member.replica.state().leases;
    return slot >= 0 && leases.isKnown(slot) ? leases.leaseId(slot) : null;
  }

  /** Returns whether a lease is not expired, and another member has taken its last renewal. */
  static boolean isRenewedAt(SimulatedMember member, InstanceKey key, MemberId renewer) {
    ReplicatedLeases replicated = member.registry.replicated();
    ClusterLeases leases = member.replica.state().leases;
    int slot = replicated.find(key);
    int index = leases.owners.find(renewer.epoch());
    return slot >= 0
        && index != OwnerTable.NONE
        && leases.isKnown(slot)
        && leases.stamps.lastRenewer(slot) == index
        && !replicated.isExpired(slot, member.clock.monotonicNs());
  }

  /** Returns what all members must have in common of a key, without the times of renewals. */
  static String describe(SimulatedMember member, InstanceKey key) {
    PersistedLease lease = lease(member, key);
    KeyState state = of(member, key);
    if (lease == null || state == null) {
      return key.id() + " missing" + (lease == null ? "" : " but leased");
    }
    InstanceInfo instance = lease.instance();
    return key.id() + " dirty=" + instance.lastDirtyMs() + " status=" + instance.status()
        + " override=" + lease.override() + " shown=" + instance.overriddenStatus() + " metadata="
        + instance.metadata() + " registered="
        + instance.leaseInfo().registrationMs() + " " + leaseId(member, key) + " " + state;
  }

  /** Verifies the bounds of what a member remembers, and that it could read all messages. */
  static void verifyBounds(SimulatedMember member) {
    ReplicaCounters counters = member.replica.counters();
    ClusterStatus status = member.replica.status();
    ClusterLeases leases = member.replica.state().leases;
    MemberReceiver receiver = member.replica.receiver();
    boolean isBounded = status.tombstones() <= SimulatedMember.TOMBSTONES_MAX
        && status.leasesOwned() <= member.registry.leaseCount()
        && leases.numbers.end() <= NUMBERS_MAX
        && leases.numbers.quarantinedCount() <= leases.numbers.end()
        && leases.dueCount() <= member.registry.leaseCount()
        && receiver.requests.queuedCount() <= PullRequests.QUEUED_MAX
        && receiver.requests.outstandingCount() <= PullRequests.OUTSTANDING_MAX
        && receiver.responses.queuedCount() <= PullResponses.QUEUED_MAX;
    boolean isUnderstood = counters.malformedMessages() == 0
        && counters.unknownKinds() == 0
        && counters.recordsRefused() == 0;
    if (!isBounded || !isUnderstood) {
      throw new AssertionError(member + ": " + status + " leases=" + member.registry.leaseCount()
          + " malformed=" + counters.malformedMessages() + " unknown=" + counters.unknownKinds()
          + " refused=" + counters.recordsRefused());
    }
  }

  /** Adds the counters of a member to those of all histories. */
  static void addCounters(SimulatedMember member, HistoryEvents events) {
    ReplicaCounters counters = member.replica.counters();
    events.add("beats received", counters.beatsReceived());
    events.add("renewals received", counters.renewalsReceived());
    events.add("unknown numbers", counters.unknownNumbers());
    events.add("records applied", counters.recordsApplied());
    events.add("digests received", counters.digestsReceived());
    events.add("buckets differing", counters.bucketsDiffering());
    events.add("records pushed", counters.recordsPushed());
    events.add("reassertions", counters.reassertions());
  }
}
