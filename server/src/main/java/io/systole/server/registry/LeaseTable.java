// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Every lease by its key and by its slot. */
final class LeaseTable {
  /*
   * Look-ups come from anywhere; leases are inserted and removed by one thread at a time, under the
   * registry's monitor. A lease is inserted living and removed only after it has ended, by whoever
   * ended it or by a registration that found it ended. Both may try; each removes that very lease and
   * no other that stands under its key by then, and the slot is given back by whichever comes first.
   * So a slot has one owner, and a key leads to at most one living lease.
   */

  /** A small table grows soon enough. */
  private static final int LEASES_MIN = 10;

  private final ConcurrentHashMap<LeaseKey, Lease> leases;
  private final SlotAllocator slots;
  private final ExpiryTimerWheel wheel;

  /** @param leasesExpected so many are inserted without the table growing */
  LeaseTable(int leasesMax, int leasesExpected, long nowNs) {
    this.leases = new ConcurrentHashMap<>(Math.max(LEASES_MIN, leasesExpected));
    this.slots = new SlotAllocator(leasesMax);
    this.wheel = new ExpiryTimerWheel(slots, leasesMax, nowNs);
  }

  /** The lease under this key, which may have ended a moment ago; null when there is none. */
  @Nullable
  Lease find(LeaseKey key) {
    return leases.get(key);
  }

  /**
   * Inserts a new lease; none stands under its key.
   *
   * @param maker makes the lease for a slot
   * @return the new lease; null when as many leases as may be stand already
   * @throws IllegalStateException when another lease stands under its key
   */
  @Nullable
  Lease insert(IntFunction<Lease> maker) {
    int slot = slots.reserve();
    if (slot == SlotAllocator.NONE) {
      return null;
    }
    Lease fresh = maker.apply(slot);
    if (leases.putIfAbsent(fresh, fresh) != null) {
      throw new IllegalStateException(
          "two leases for " + fresh.holder().instance().key());
    }
    slots.put(fresh);
    return fresh;
  }

  /** Removes a lease that has ended; a second call does nothing. */
  @SuppressWarnings("ReferenceEquality") // leases of one key are equal, and only this one may go
  void remove(Lease ended) {
    leases.computeIfPresent(ended, (key, held) -> held == ended ? null : held);
    slots.release(ended);
  }

  /** When leases expire. */
  ExpiryTimerWheel wheel() {
    return wheel;
  }

  /** The lease that holds this slot; null when none does. */
  @Nullable
  Lease at(int slot) {
    return slots.at(slot);
  }

  /** Visits every lease in the order of slots, while others come and go. */
  void forEach(Consumer<Lease> action) {
    slots.forEach(action);
  }

  int size() {
    return leases.size();
  }
}
