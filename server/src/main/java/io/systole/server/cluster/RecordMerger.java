// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.ReplicatedLeases;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Merges the records of other members into the registry, in any order: of two records of an
 * instance the one with the greater stamp applies, its status override separately. Guarded by the
 * registry's monitor.
 */
final class RecordMerger {
  /*
   * A lease that expired at the member responsible for it may have been renewed here. Then this
   * member rejects the eviction and sends the lease again, with a greater stamp. Only a renewal
   * counts, not a deadline set by another member's record: that is later than the deadline at the
   * sender, so members would restore a dead lease for each other for ever.
   */

  /** The result of a merge. */
  enum Outcome {
    APPLIED,
    /** Nothing changed: the state at this member is newer or the same. */
    UNCHANGED,
    /** The registry is full, or its readers are behind; the record must be requested again. */
    REFUSED,
    /** No member can store the record, now or later. */
    INVALID
  }

  private final ReplicaState state;
  private final RecordLimits limits;
  private final ClusterLeases leases;
  private final ClusterTombstones tombstones;
  private final ReplicatedLeases replicated;
  private final LocalChanges localChanges;

  RecordMerger(ReplicaState state, LocalChanges localChanges) {
    this.state = state;
    this.limits = new RecordLimits(state);
    this.leases = state.leases;
    this.tombstones = state.tombstones;
    this.replicated = state.registry.replicated();
    this.localChanges = localChanges;
  }

  /**
   * Merges a record.
   *
   * @param nowNs when it arrived, monotonic
   */
  Outcome merge(ClusterRecord record, long nowNs) {
    state.counters.recordsReceived.increment();
    Outcome outcome = dispatch(record, nowNs);
    if (outcome == Outcome.APPLIED) {
      state.counters.recordsApplied.increment();
    } else if (outcome != Outcome.UNCHANGED) {
      state.counters.recordsRefused.increment();
    }
    return outcome;
  }

  private Outcome dispatch(ClusterRecord record, long nowNs) {
    if (!limits.isValid(record)) {
      return Outcome.INVALID;
    }
    if (!limits.hasSpaceFor(record)) {
      return Outcome.REFUSED;
    }
    int slot = findStamped(record.key());
    if (record instanceof RegistrationRecord registration) {
      return merge(registration, slot, nowNs);
    }
    return merge((RemovalRecord) record, slot, nowNs);
  }

  /** Returns the slot of an instance, or a negative number. */
  private int findStamped(InstanceKey key) {
    int slot = replicated.find(key);
    if (slot >= 0 && !leases.isKnown(slot)) {
      PersistedLease restored = replicated.at(slot);
      if (restored != null) {
        localChanges.restore(slot, restored.instance(), restored.override());
      }
    }
    return slot;
  }

  // ---------------------------------------------------------------- registrations

  private Outcome merge(RegistrationRecord registration, int slot, long nowNs) {
    OverrideRegister override = registration.override();
    RecordStamp stamp = registration.stamp();
    state.hybridClock.observe(stamp.hlc());
    if (override != null) {
      state.hybridClock.observe(override.stamp().hlc());
    }
    if (slot < 0) {
      return insert(registration, nowNs);
    }
    boolean isOverrideNewer = override != null && isNewer(override, slot);
    if (stamp.compareTo(leases.stamp(slot)) > 0) {
      return replace(registration, slot, isOverrideNewer, nowNs);
    }
    return override != null && isOverrideNewer
        ? mergeOverride(slot, override, registration.isByPeer(), nowNs)
        : Outcome.UNCHANGED;
  }

  private Outcome insert(RegistrationRecord registration, long nowNs) {
    InstanceKey key = registration.key();
    Tombstone tombstone = tombstones.find(key);
    if (tombstone != null && tombstone.stamp.compareTo(registration.stamp()) >= 0) {
      return Outcome.UNCHANGED;
    }
    OverrideRegister override = registration.override();
    InstanceStatus status = override == null ? null : override.status();
    int slot = merge(registration, status, nowNs);
    if (slot < 0) {
      return Outcome.REFUSED;
    }
    tombstones.remove(key);
    leases.adopt(
        slot, KeyHash.of(key), registration.stamp(), registration.leaseId().number(), nowNs);
    leases.setAcceptedStatuses(slot, registration.document());
    if (override != null) {
      leases.adoptOverride(slot, override);
    }
    leases.setByPeer(slot, registration.isByPeer());
    leases.unconfirm(slot);
    return Outcome.APPLIED;
  }

  private Outcome replace(
      RegistrationRecord registration, int slot, boolean isOverrideNewer, long nowNs) {
    OverrideRegister override = registration.override();
    InstanceStatus status =
        isOverrideNewer && override != null ? override.status() : leases.overrideStatus(slot);
    long contactBeforeNs = replicated.lastContactNs(slot);
    int merged = merge(registration, status, nowNs);
    if (merged < 0) {
      return Outcome.REFUSED;
    }
    if (merged != slot) {
      // An eviction run has ended the lease in between; its change has removed the stamps.
      tombstones.remove(registration.key());
    }
    long keyHash = KeyHash.of(registration.key());
    leases.adopt(merged, keyHash, registration.stamp(), registration.leaseId().number(), nowNs);
    leases.setAcceptedStatuses(merged, registration.document());
    if (isOverrideNewer && override != null) {
      leases.adoptOverride(merged, override);
    }
    leases.setByPeer(merged, registration.isByPeer());
    if (merged != slot || !state.isWithinDuration(merged, contactBeforeNs, nowNs)) {
      leases.unconfirm(merged);
    }
    return Outcome.APPLIED;
  }

  private int merge(RegistrationRecord registration, @Nullable InstanceStatus status, long nowNs) {
    return replicated.merge(
        registration.document(),
        status,
        renewedNs(registration, nowNs),
        originOf(registration.isByPeer()));
  }

  private static Origin originOf(boolean isByPeer) {
    return isByPeer ? Origin.MEMBER_PEER : Origin.MEMBER;
  }

  private static long renewedNs(RegistrationRecord registration, long nowNs) {
    return nowNs - TimeUnit.MILLISECONDS.toNanos(Math.max(0, registration.renewalAgeMs()));
  }

  // ---------------------------------------------------------------- overrides

  private boolean isNewer(OverrideRegister override, int slot) {
    OverrideRegister present = leases.override(slot);
    return present == null || override.stamp().compareTo(present.stamp()) > 0;
  }

  /**
   * Merges a newer override with the document that the owner accepted, so that the status does not
   * depend on earlier overrides.
   */
  private Outcome mergeOverride(int slot, OverrideRegister override, boolean isByPeer, long nowNs) {
    PersistedLease lease = replicated.at(slot);
    if (lease == null) {
      return Outcome.UNCHANGED;
    }
    long contactBeforeNs = replicated.lastContactNs(slot);
    InstanceInfo accepted = leases.acceptedDocument(slot, lease.instance());
    int merged = replicated.merge(accepted, override.status(), contactBeforeNs, originOf(isByPeer));
    if (merged < 0) {
      return Outcome.REFUSED;
    }
    if (merged != slot) {
      // An eviction run has ended the lease in between, and an override does not start a new one.
      replicated.remove(merged, Cause.EVICTION);
      return Outcome.UNCHANGED;
    }
    leases.adoptOverride(slot, override);
    if (!state.isWithinDuration(slot, contactBeforeNs, nowNs)) {
      leases.unconfirm(slot);
    }
    return Outcome.APPLIED;
  }

  // ---------------------------------------------------------------- removals

  private Outcome merge(RemovalRecord removal, int slot, long nowNs) {
    RecordStamp stamp = removal.stamp();
    state.hybridClock.observe(stamp.hlc());
    @Nullable RecordStamp known = slot < 0 ? stampOfTombstone(removal.key()) : leases.stamp(slot);
    if (known != null && stamp.compareTo(known) <= 0) {
      return Outcome.UNCHANGED;
    }
    if (slot >= 0) {
      boolean isExpiry = removal.cause() == RemovalCause.EVICTION;
      if (isExpiry && isRenewed(slot, nowNs)) {
        assertAgain(slot, stamp, nowNs);
        return Outcome.APPLIED;
      }
      replicated.remove(
          slot, isExpiry ? Cause.EVICTION : Cause.CANCEL, originOf(removal.isByPeer()));
      leases.remove(slot, nowNs);
    }
    // Members would otherwise renew each other's expired tombstones for ever.
    if (state.hybridClock.isYounger(stamp.hlc(), state.settings.tombstoneMs())) {
      tombstones.add(removal.key(), stamp, removal.cause(), removal.isByPeer(), nowNs);
      return Outcome.APPLIED;
    }
    return slot < 0 ? Outcome.UNCHANGED : Outcome.APPLIED;
  }

  /** Returns whether this member has a renewal by which the lease has not expired. */
  private boolean isRenewed(int slot, long nowNs) {
    if (replicated.isExpired(slot, nowNs)) {
      return false;
    }
    PersistedLease lease = replicated.at(slot);
    if (leases.isConfirmed(slot) || state.isRenewedInWindow(slot) || lease == null) {
      return lease != null;
    }
    // An event loop may still hold a renewal. A dead lease that was merged is older than half a
    // duration.
    long durationMs = TimeUnit.SECONDS.toMillis(lease.instance().leaseInfo().durationSecs());
    long ageNs = nowNs - replicated.lastContactNs(slot);
    return ageNs < TimeUnit.MILLISECONDS.toNanos(Math.min(state.slackMs(), durationMs / 2));
  }

  private @Nullable RecordStamp stampOfTombstone(InstanceKey key) {
    Tombstone tombstone = tombstones.find(key);
    return tombstone == null ? null : tombstone.stamp;
  }

  /** Gives a lease a stamp greater than that of its eviction by another member, and sends it. */
  private void assertAgain(int slot, RecordStamp evicted, long nowNs) {
    leases.own(
        slot,
        leases.stamps.keyHash(slot),
        Math.max(leases.stamps.rank(slot), evicted.rank()),
        state.hybridClock.next(),
        nowNs);
    leases.markDue(slot, leases.isByPeer(slot));
    state.counters.reassertions.increment();
  }
}
