// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import org.jspecify.annotations.Nullable;

/**
 * The stamping of changes made at this member, which are marked as due to be sent. Guarded by the
 * registry's monitor.
 */
final class LocalChanges {
  private final ReplicaState state;
  private final ClusterLeases leases;
  private final ClusterTombstones tombstones;
  private final HybridClock hybridClock;

  LocalChanges(ReplicaState state) {
    this.state = state;
    this.leases = state.leases;
    this.tombstones = state.tombstones;
    this.hybridClock = state.hybridClock;
  }

  /**
   * Stamps a change unless it came from another member.
   *
   * @return whether there is a change to send
   */
  boolean add(Change change) {
    if (change.origin().isMember()) {
      return false;
    }
    int slot = change.slot();
    switch (change.cause()) {
      case RESTORATION -> {
        restore(slot, change.document(), change.override());
        return false;
      }
      case REGISTRATION -> register(slot, change);
      case AMENDMENT -> amend(slot, change);
      case CANCEL, EVICTION -> remove(slot, change);
    }
    return true;
  }

  /**
   * Stamps a lease restored from this node's journal with the times in its document, just before
   * the stamp of the change itself: so that it wins over older changes only, and the lease remains
   * that of the member that accepted the change.
   *
   * <p>The time of the override, or of its removal, is not in the journal, and the document may
   * have changed since. Its stamp is the time of the document in milliseconds as such, which is
   * less than every stamp of a clock: an override that was set or removed by a change that another
   * member has wins, and among restored ones, those of the later document.
   */
  void restore(int slot, InstanceInfo document, @Nullable InstanceStatus override) {
    if (leases.isKnown(slot)) {
      return;
    }
    long updatedMs = Math.max(0, document.lastUpdatedMs());
    long hlc = Math.max(0, hybridClock.restored(updatedMs) - 1);
    hybridClock.observe(hlc);
    leases.own(slot, KeyHash.of(document.key()), document.lastDirtyMs(), hlc, nowNs());
    leases.setAcceptedStatuses(slot, document);
    leases.setOverride(slot, override, HybridClock.restoredStampOf(updatedMs), leases.self());
  }

  private void register(int slot, Change change) {
    InstanceKey key = change.document().key();
    boolean isNew = !leases.isKnown(slot);
    Tombstone tombstone = tombstones.find(key);
    long rank = change.document().lastDirtyMs();
    if (!isNew) {
      rank = Math.max(rank, leases.stamps.rank(slot));
    } else if (tombstone != null) {
      rank = Math.max(rank, tombstone.stamp.rank());
    }
    long hlc = hybridClock.next();
    leases.own(slot, KeyHash.of(key), rank, hlc, nowNs());
    leases.setAcceptedStatuses(slot, change.document());
    tombstones.remove(key);
    // After a removal that is known here, an older override elsewhere must not come back.
    boolean endsOverride = isNew && tombstone != null;
    if (endsOverride || change.override() != leases.overrideStatus(slot)) {
      leases.setOverride(slot, change.override(), hlc, leases.self());
    }
    leases.confirm(slot, leases.self());
    leases.markDue(slot, isByPeer(change));
  }

  /**
   * Stamps a change of a lease that continues. A change of the override changes the document too,
   * since the override alone may not determine the status.
   */
  private void amend(int slot, Change change) {
    if (!leases.isKnown(slot)) {
      register(slot, change);
      return;
    }
    long hlc = hybridClock.next();
    long rank = Math.max(leases.stamps.rank(slot), change.document().lastDirtyMs());
    leases.own(slot, leases.stamps.keyHash(slot), rank, hlc, nowNs());
    leases.setAcceptedStatuses(slot, change.document());
    if (change.override() != leases.overrideStatus(slot)) {
      leases.setOverride(slot, change.override(), hlc, leases.self());
    }
    if (change.origin() == Origin.CLIENT || change.origin() == Origin.OPERATOR) {
      leases.confirm(slot, leases.self());
    }
    leases.markDue(slot, isByPeer(change));
  }

  private void remove(int slot, Change change) {
    InstanceKey key = change.document().key();
    long rank = change.document().lastDirtyMs();
    if (leases.isKnown(slot)) {
      rank = Math.max(rank, leases.stamps.rank(slot));
      leases.remove(slot, nowNs());
    }
    boolean isExpiry = change.cause() == Cause.EVICTION && change.origin() == Origin.NODE;
    RecordStamp stamp =
        new RecordStamp(rank, hybridClock.next(), leases.owners.epoch(leases.self()));
    RemovalCause cause = isExpiry ? RemovalCause.EVICTION : RemovalCause.CANCEL;
    tombstones.add(key, stamp, cause, isByPeer(change), nowNs());
    tombstones.markDue(key);
  }

  private static boolean isByPeer(Change change) {
    return change.origin() == Origin.PEER;
  }

  private long nowNs() {
    return state.clock.monotonicNs();
  }
}
