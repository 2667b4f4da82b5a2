// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.message.EntryHash;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.OverrideStamp;
import io.systole.server.cluster.message.RecordStamp;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The ids and stamps of the leases in the cluster, and their digests. The owner of a lease is the
 * member that accepted its last registration or change. Guarded by the registry's monitor.
 */
final class ClusterLeases {
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();

  final LeaseStamps stamps = new LeaseStamps();
  final OwnerTable owners = new OwnerTable();
  final BucketDigests digests = new BucketDigests();
  final NumberAllocator numbers = new NumberAllocator(OwnerTable.NUMBERS_MAX);
  private final HybridClock hybridClock;

  /** The index of this member. */
  private final int self;

  /** Slots due to be sent to the other members. */
  private final BitSet due = new BitSet();

  /** The slot at which the next search for due slots begins, so that none starves. */
  private int nextDue;

  /** Slots whose last change came from a stock peer. */
  private final BitSet byPeer = new BitSet();

  /**
   * Slots renewed or registered since another member's record set their deadline: by a client here,
   * or at a member that has sent the renewal.
   */
  private final BitSet confirmed = new BitSet();

  ClusterLeases(long selfEpoch, HybridClock hybridClock) {
    this.hybridClock = hybridClock;
    this.self = owners.findOrAdd(selfEpoch);
    owners.setInView(self, true);
  }

  int self() {
    return self;
  }

  boolean isKnown(int slot) {
    return stamps.isKnown(slot);
  }

  boolean isOwn(int slot) {
    return stamps.isKnown(slot) && stamps.owner(slot) == self;
  }

  RecordStamp stamp(int slot) {
    return new RecordStamp(stamps.rank(slot), stamps.hlc(slot), owners.epoch(stamps.owner(slot)));
  }

  LeaseId leaseId(int slot) {
    return new LeaseId(owners.epoch(stamps.owner(slot)), stamps.number(slot));
  }

  /** Returns the status override of a lease with its stamp; null if it never had one. */
  @Nullable
  OverrideRegister override(int slot) {
    if (stamps.overrideMember(slot) == OwnerTable.NONE) {
      return null;
    }
    long member = owners.epoch(stamps.overrideMember(slot));
    OverrideStamp stamp = new OverrideStamp(stamps.overrideHlc(slot), member);
    return new OverrideRegister(overrideStatus(slot), stamp);
  }

  /** Returns the status override of a lease, or null. */
  @Nullable
  InstanceStatus overrideStatus(int slot) {
    int code = stamps.overrideCode(slot);
    return code == 0 ? null : STATUSES[code - 1];
  }

  /**
   * Returns the override that members compare. It is null also for a restored lease that had none:
   * other members do not have the stamp of that, and would be sent one for each lease of a member
   * that is restarted.
   */
  @Nullable
  OverrideRegister comparedOverride(int slot) {
    boolean isRestoredAbsence =
        stamps.overrideCode(slot) == 0 && HybridClock.isRestored(stamps.overrideHlc(slot));
    return isRestoredAbsence ? null : override(slot);
  }

  /** Returns the hash by which members compare a lease. */
  long entryHash(int slot) {
    OverrideRegister override = comparedOverride(slot);
    return EntryHash.of(
        stamps.keyHash(slot), stamp(slot), override == null ? null : override.stamp());
  }

  // ---------------------------------------------------------------- change

  /**
   * Stamps a change made at this member, which becomes the owner of the lease. If it is the owner
   * already, the lease keeps its number.
   */
  void own(int slot, long keyHash, long rank, long hlc, long nowNs) {
    int number = isOwn(slot) ? stamps.number(slot) : numbers.allocate(nowNs);
    set(slot, keyHash, rank, hlc, self, number, nowNs);
  }

  /** Stores the stamp of another member; there must be space for its owner. */
  void adopt(int slot, long keyHash, RecordStamp stamp, int number, long nowNs) {
    int owner = owners.findOrAdd(stamp.owner());
    set(slot, keyHash, stamp.rank(), stamp.hlc(), owner, number, nowNs);
  }

  private void set(int slot, long keyHash, long rank, long hlc, int owner, int number, long nowNs) {
    owners.retain(owner);
    if (isKnown(slot)) {
      removeFromDigest(slot, hlc);
      releaseId(slot, owner, number, nowNs);
    } else {
      stamps.add(slot, keyHash);
    }
    stamps.setRecordStamp(slot, rank, hlc, owner, number);
    owners.map(owner, number, slot);
    digests.add(bucket(slot), entryHash(slot), hlc);
  }

  /** Removes the id of a lease. Releases its number, unless the next id has the same. */
  private void releaseId(int slot, int nextOwner, int nextNumber, long nowNs) {
    int owner = stamps.owner(slot);
    int number = stamps.number(slot);
    owners.unmap(owner, number, slot);
    owners.release(owner);
    if (owner == self && (nextOwner != self || nextNumber != number)) {
      numbers.release(number, nowNs);
    }
  }

  /** Stamps the status override of a known lease. */
  void setOverride(int slot, @Nullable InstanceStatus status, long hlc, int member) {
    owners.retain(member);
    removeFromDigest(slot, hlc);
    int before = stamps.overrideMember(slot);
    stamps.setOverride(slot, hlc, member, status == null ? 0 : status.ordinal() + 1);
    if (before != OwnerTable.NONE) {
      owners.release(before);
    }
    digests.add(bucket(slot), entryHash(slot), hlc);
  }

  /** Stores the status override of a known lease with the stamp of another member. */
  void adoptOverride(int slot, OverrideRegister override) {
    OverrideStamp stamp = override.stamp();
    setOverride(slot, override.status(), stamp.hlc(), owners.findOrAdd(stamp.member()));
  }

  /**
   * Stores the statuses of a document as its owner accepted it. The registry has the statuses after
   * a newer override; the next override must be applied to those before it.
   */
  void setAcceptedStatuses(int slot, InstanceInfo document) {
    stamps.setAcceptedStatuses(
        slot, document.status().ordinal(), document.overriddenStatus().ordinal());
  }

  /** Returns a document of the registry with the statuses that its owner accepted. */
  InstanceInfo acceptedDocument(int slot, InstanceInfo document) {
    InstanceStatus status = STATUSES[stamps.acceptedStatus(slot)];
    InstanceStatus overridden = STATUSES[stamps.acceptedOverriddenStatus(slot)];
    if (document.status() == status && document.overriddenStatus() == overridden) {
      return document;
    }
    return document.toBuilder().status(status).overriddenStatus(overridden).build();
  }

  /** Removes a known lease. */
  void remove(int slot, long nowNs) {
    removeFromDigest(slot, hybridClock.last());
    releaseId(slot, OwnerTable.NONE, 0, nowNs);
    int member = stamps.overrideMember(slot);
    if (member != OwnerTable.NONE) {
      owners.release(member);
    }
    stamps.remove(slot);
    due.clear(slot);
    byPeer.clear(slot);
    confirmed.clear(slot);
  }

  private void removeFromDigest(int slot, long hlc) {
    digests.remove(bucket(slot), entryHash(slot), hlc);
  }

  private int bucket(int slot) {
    return KeyHash.bucket(stamps.keyHash(slot));
  }

  // ---------------------------------------------------------------- renewals

  /** Records a renewal or registration that a member accepted. */
  void confirm(int slot, int member) {
    stamps.setLastRenewer(slot, member);
    confirmed.set(slot);
  }

  /**
   * Records that another member's record, not a renewal, has set the deadline. The owner counts as
   * the last renewer if it is in the view, since it may have renewed the lease meanwhile.
   */
  void unconfirm(int slot) {
    int owner = stamps.owner(slot);
    stamps.setLastRenewer(slot, owners.isInView(owner) ? owner : OwnerTable.NONE);
    confirmed.clear(slot);
  }

  boolean isConfirmed(int slot) {
    return confirmed.get(slot);
  }

  // ---------------------------------------------------------------- due

  /** Marks a slot as due to be sent. */
  void markDue(int slot, boolean isByPeer) {
    due.set(slot);
    byPeer.set(slot, isByPeer);
  }

  boolean isByPeer(int slot) {
    return byPeer.get(slot);
  }

  void setByPeer(int slot, boolean isByPeer) {
    byPeer.set(slot, isByPeer);
  }

  boolean hasDue() {
    return !due.isEmpty();
  }

  int dueCount() {
    return due.cardinality();
  }

  /** Returns the next slot to send, which is not due any more; -1 if there is none. */
  int takeDue() {
    int slot = due.nextSetBit(nextDue);
    if (slot < 0) {
      slot = due.nextSetBit(0);
    }
    if (slot >= 0) {
      due.clear(slot);
      nextDue = slot + 1;
    }
    return slot;
  }
}
