// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.ReplicationItem;
import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import java.util.BitSet;

/**
 * The slots of which a peer must receive the state: a renewal, a registration or an override.
 * Confined to one thread.
 */
final class DueSlots {
  /*
   * The items are made from the state of the lease when the batch is built, so the memory is bounded
   * by the number of leases. A batch in flight has left the sets; if it fails, its slots are put
   * back.
   */

  private final Registry registry;

  /** Slots whose renewals are due. */
  private final BitSet renewed = new BitSet();

  /** Slots whose instances are unknown to the peer, or older there. */
  private final BitSet unregistered = new BitSet();

  /** Slots whose status override differs at the peer. */
  private final BitSet overridden = new BitSet();

  /** The slot at which the next batch begins, so that no slot waits for ever. */
  private int nextRenewed;

  DueSlots(Registry registry) {
    this.registry = registry;
  }

  /**
   * Adds renewed slots, as words of a bit set.
   *
   * @return the number of slots that were due already
   */
  int addRenewalsDue(long[] words) {
    BitSet added = BitSet.valueOf(words);
    int before = renewed.cardinality();
    renewed.or(added);
    return before + added.cardinality() - renewed.cardinality();
  }

  /** Adds a slot whose instance is unknown to the peer, or older there. */
  void addRegistrationDue(int slot) {
    unregistered.set(slot);
  }

  /** Adds a slot whose status override differs at the peer. */
  void addOverrideDue(int slot) {
    overridden.set(slot);
  }

  /** Adds the slots in which a comparison found a difference. */
  void add(RegistryComparison.Difference difference) {
    unregistered.or(difference.unregistered());
    overridden.or(difference.overridden());
  }

  void clear() {
    renewed.clear();
    unregistered.clear();
    overridden.clear();
  }

  boolean isEmpty() {
    return renewed.isEmpty() && unregistered.isEmpty() && overridden.isEmpty();
  }

  /** Returns the number of slots, each as often as it is due. */
  int count() {
    return renewed.cardinality() + unregistered.cardinality() + overridden.cardinality();
  }

  /** Moves slots to a batch until that is full. */
  void moveTo(ReplicationBatch batch) {
    moveOverrides(batch);
    moveRegistrations(batch);
    moveRenewals(batch);
  }

  /**
   * Adds items that give each instance the override it has here. A status update would not: it has
   * no effect if the status is the same (spec §3.4). A registration sets an override, but does not
   * replace one (spec §3.2 step 6); so the present one is removed first, which requires a lease
   * that has not expired.
   */
  private void moveOverrides(ReplicationBatch batch) {
    for (int slot = overridden.nextSetBit(0);
        slot >= 0 && !batch.isFull();
        slot = overridden.nextSetBit(slot + 1)) {
      overridden.clear(slot);
      PersistedLease lease = registry.leaseAt(slot);
      if (lease != null) {
        InstanceInfo instance = lease.instance();
        batch.addState(ReplicationBatch.item(Action.REGISTER, instance, null), slot);
        batch.addState(ReplicationBatch.item(Action.DELETE_STATUS_OVERRIDE, instance, null), slot);
        unregistered.set(slot);
      }
    }
  }

  private void moveRegistrations(ReplicationBatch batch) {
    for (int slot = unregistered.nextSetBit(0);
        slot >= 0 && !batch.isFull();
        slot = unregistered.nextSetBit(slot + 1)) {
      unregistered.clear(slot);
      PersistedLease lease = registry.leaseAt(slot);
      if (lease != null) {
        batch.addState(ReplicationBatch.item(Action.REGISTER, lease.instance(), null), slot);
      }
    }
  }

  private void moveRenewals(ReplicationBatch batch) {
    int slot = renewed.nextSetBit(nextRenewed);
    if (slot < 0) {
      slot = renewed.nextSetBit(0);
    }
    while (slot >= 0 && !batch.isFull()) {
      renewed.clear(slot);
      nextRenewed = slot + 1;
      PersistedLease lease = registry.leaseAt(slot);
      if (lease != null && !batch.renews(lease.instance().key())) {
        batch.addState(
            ReplicationBatch.item(Action.HEARTBEAT, lease.instance(), lease.override()), slot);
      }
      slot = renewed.nextSetBit(nextRenewed);
    }
  }

  /** Puts the slots of a batch back that the peer has not accepted. */
  void putBack(ReplicationBatch batch) {
    for (ReplicationBatch.Entry entry : batch.entries()) {
      if (!entry.isFromLog()) {
        slotsOf(entry.item()).set(entry.slot());
      }
    }
  }

  private BitSet slotsOf(ReplicationItem item) {
    if (item.action() == Action.HEARTBEAT) {
      return renewed;
    }
    return item.action() == Action.REGISTER ? unregistered : overridden;
  }
}
