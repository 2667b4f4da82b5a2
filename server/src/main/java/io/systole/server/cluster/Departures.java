// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.registry.ReplicatedLeases;
import java.util.BitSet;

/**
 * Extends the leases whose last renewal a departed member took, by one duration from its departure:
 * it may have taken later ones and not sent them. Guarded by the registry's monitor, except
 * {@link #isPending}.
 */
final class Departures {
  private final ReplicaState state;
  private final ClusterLeases leases;
  private final ReplicatedLeases replicated;
  private final Membership membership;

  /** The indices of the members that have departed. */
  private final BitSet departed = new BitSet();

  private long departedNs;
  private int nextSlot;

  /** Written under the monitor, read by any thread. */
  private volatile boolean isPending;

  Departures(ReplicaState state, Membership membership) {
    this.state = state;
    this.membership = membership;
    this.leases = state.leases;
    this.replicated = state.registry.replicated();
  }

  /** Returns whether leases are still to be extended; none may be evicted then. */
  boolean isPending() {
    return isPending;
  }

  /** Adds a member that has left the view without announcing it. */
  void add(int member, long nowNs) {
    departed.set(member);
    departedNs = nowNs;
    nextSlot = 0;
    isPending = true;
  }

  /** Visits some slots; returns whether others are left. */
  boolean visitSome() {
    if (!isPending) {
      return false;
    }
    int end = Math.min(nextSlot + ReplicaState.SECTION_MAX, leases.stamps.slotsEnd());
    for (int slot = nextSlot; slot < end; slot++) {
      if (departed.get(leases.stamps.lastRenewer(slot)) && leases.isKnown(slot)) {
        extend(slot);
      }
    }
    nextSlot = end;
    if (end == leases.stamps.slotsEnd()) {
      departed.stream()
          .filter(member -> membership.view().find(leases.owners.epoch(member)) == null)
          .forEach(member -> leases.owners.setInView(member, false));
      departed.clear();
      isPending = false;
    }
    return isPending;
  }

  private void extend(int slot) {
    long renewedNs = replicated.lastContactNs(slot);
    replicated.extend(slot, departedNs);
    if (!state.isPromised(slot, renewedNs, departedNs)) {
      leases.unconfirm(slot);
    }
  }
}
