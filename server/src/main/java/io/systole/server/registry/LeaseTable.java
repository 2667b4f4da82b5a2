// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Every lease by its key and by its slot. */
final class LeaseTable {
  /*
   * A lease is inserted living and removed only after it has ended, by whoever ended it or by a
   * registration that found it ended. Both may try; each removes that very lease and no other that
   * stands under its key by then, and the slot is given back by whichever comes first. So a slot has
   * one owner, and a key leads to at most one living lease.
   */

  private final ConcurrentHashMap<LeaseKey, Lease> leases = new ConcurrentHashMap<>();
  private final Slots slots;

  LeaseTable(int leasesMax) {
    this.slots = new Slots(leasesMax);
  }

  /** The lease under this key, which may have ended a moment ago; null when there is none. */
  @Nullable
  Lease find(LeaseKey key) {
    return leases.get(key);
  }

  /** What became of a lease that was to be inserted. */
  enum Insertion {
    INSERTED,
    /** Another lease stands under the key. */
    OCCUPIED,
    /** As many leases as may be stand already. */
    FULL
  }

  /**
   * Inserts a new lease unless one stands already under its key.
   *
   * @param maker makes the lease for a slot
   */
  Insertion insert(IntFunction<Lease> maker) {
    Lease fresh = slots.take(maker);
    if (fresh == null) {
      return Insertion.FULL;
    }
    if (leases.putIfAbsent(fresh, fresh) != null) {
      slots.release(fresh);
      return Insertion.OCCUPIED;
    }
    return Insertion.INSERTED;
  }

  /** Removes a lease that has ended; a second call does nothing. */
  @SuppressWarnings("ReferenceEquality") // leases of one key are equal, and only this one may go
  void remove(Lease ended) {
    leases.computeIfPresent(ended, (key, held) -> held == ended ? null : held);
    slots.release(ended);
  }

  /** Whether this very lease stands; one that is just being inserted may not yet. */
  @SuppressWarnings("ReferenceEquality") // leases of one key are equal, and only one of them stands
  boolean holds(Lease lease) {
    return leases.get(lease) == lease;
  }

  /**
   * Visits every lease in the order of slots, while others come and go. Among them may be some that
   * are just being inserted, and then aren't, because another stands under their key.
   */
  void forEach(Consumer<Lease> action) {
    slots.forEach(action);
  }

  int size() {
    return leases.size();
  }
}
