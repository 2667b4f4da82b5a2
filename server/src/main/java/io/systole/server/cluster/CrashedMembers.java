// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.registry.ReplicatedLeases;
import java.util.BitSet;

/**
 * The members that left the view without announcing it, until the leases that they renewed last are
 * extended: by one duration from the crash, since later renewals may not have been sent. Guarded by
 * the registry's monitor, except {@link #isPending}.
 */
final class CrashedMembers {
  private final ReplicaState state;
  private final ClusterLeases leases;
  private final ReplicatedLeases replicated;
  private final Membership membership;

  /** Indices of {@link OwnerTable}. */
  private final BitSet crashed = new BitSet();

  private long crashedNs;
  private int nextSlot;

  /** Written under the monitor, read by any thread. */
  private volatile boolean isPending;

  CrashedMembers(ReplicaState state, Membership membership) {
    this.state = state;
    this.membership = membership;
    this.leases = state.leases;
    this.replicated = state.registry.replicated();
  }

  /** Returns whether leases are still to be extended. None may be evicted until then. */
  boolean isPending() {
    return isPending;
  }

  /** Adds a member that has left the view without announcing it. */
  void add(int member, long nowNs) {
    crashed.set(member);
    crashedNs = nowNs;
    nextSlot = 0;
    isPending = true;
  }

  /** Extends the leases of a batch of slots. Returns whether slots are left. */
  boolean extendBatch() {
    if (!isPending) {
      return false;
    }
    int end = Math.min(nextSlot + ReplicaState.SLOT_BATCH_MAX, leases.stamps.slotsEnd());
    for (int slot = nextSlot; slot < end; slot++) {
      if (crashed.get(leases.stamps.lastRenewer(slot)) && leases.isKnown(slot)) {
        extend(slot);
      }
    }
    nextSlot = end;
    if (end == leases.stamps.slotsEnd()) {
      crashed.stream()
          .filter(member -> membership.view().find(leases.owners.epoch(member)) == null)
          .forEach(member -> leases.owners.setInView(member, false));
      crashed.clear();
      isPending = false;
    }
    return isPending;
  }

  private void extend(int slot) {
    long renewedNs = replicated.lastContactNs(slot);
    replicated.extend(slot, crashedNs);
    if (!state.isWithinDuration(slot, renewedNs, crashedNs)) {
      leases.unconfirm(slot);
    }
  }
}
