// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The leases by key and by slot. */
final class LeaseTable {
  /*
   * Any thread may look up; inserts and removals hold the writer's monitor. A lease is live when it
   * is inserted, and is removed only after it has ended, by the thread that ended it or by a
   * registration that found it ended. Both may try; each removes that very lease and no later one
   * of the same key, and the slot is released once. So a slot has one owner, and a key maps to at
   * most one live lease. LeaseIndex relies on both.
   */

  /** Initial capacity of a table for an unknown number of leases. */
  private static final int LEASES_MIN = 10;

  private final ConcurrentHashMap<LeaseKey, Lease> leases;
  final LeaseIndex index;
  private final SlotAllocator slots;
  private final ExpiryTimerWheel wheel;

  /** @param leasesExpected the initial capacity of the hash table */
  LeaseTable(int leasesMax, int leasesExpected, long nowNs) {
    this.leases = new ConcurrentHashMap<>(Math.max(LEASES_MIN, leasesExpected));
    this.index = new LeaseIndex(leasesExpected);
    this.slots = new SlotAllocator(leasesMax);
    this.wheel = new ExpiryTimerWheel(slots, nowNs);
  }

  /** Replaces the maximum number of leases; those over it stay. */
  void limit(int leasesMax) {
    slots.limit(leasesMax);
  }

  /** Returns the lease under this key, or null. It may have ended already. */
  @Nullable
  Lease find(LeaseKey key) {
    Lease indexed = index.find(key);
    if (indexed != null) {
      return indexed;
    }
    Lease found = leases.get(key);
    if (found != null) {
      index.offer(found);
    }
    return found;
  }

  /** Reads the memory that {@link #find} will read, see {@link LeaseIndex#prefetch}. */
  long prefetch(LeaseKey key) {
    return index.prefetch(key.hash);
  }

  /**
   * Inserts a new lease.
   *
   * @param factory creates the lease for a slot
   * @return the new lease, or null if the table is full
   * @throws IllegalStateException if there is a lease under its key
   */
  @Nullable
  Lease insert(IntFunction<Lease> factory) {
    int slot = slots.reserve();
    if (slot == SlotAllocator.NONE) {
      return null;
    }
    Lease fresh = factory.apply(slot);
    if (leases.putIfAbsent(fresh, fresh) != null) {
      throw new IllegalStateException(
          "two leases for " + fresh.holder().instance().key());
    }
    slots.put(fresh);
    index.growFor(slot + 1);
    index.offer(fresh);
    return fresh;
  }

  /** Removes a lease that has ended; idempotent. */
  @SuppressWarnings("ReferenceEquality") // a later lease of the same key is equal but must stay
  void remove(Lease ended) {
    leases.computeIfPresent(ended, (key, current) -> current == ended ? null : current);
    index.remove(ended);
    slots.release(ended);
  }

  /** Returns the timer wheel of the deadlines. */
  ExpiryTimerWheel wheel() {
    return wheel;
  }

  /** Returns the lease in this slot, or null. */
  @Nullable
  Lease at(int slot) {
    return slots.at(slot);
  }

  /**
   * Returns the generation of a slot with a lease, see {@link SlotAllocator}. Read after the lease,
   * it is a later one only if the lease has ended.
   */
  int generation(int slot) {
    return slots.generation(slot);
  }

  /**
   * Makes the handle of a lease invalid if its dirty timestamp has changed. A renewal by handle has
   * no timestamp, so the handle stands for the one that was compared when it was returned. Called
   * once the new document can be read, as {@link LeaseHandles} requires.
   *
   * @param before the previous document
   */
  void documentChanged(Lease lease, InstanceInfo before) {
    if (before.lastDirtyMs() != lease.dirtyMs()) {
      slots.advance(lease.slot);
    }
  }

  /** Visits every lease in the order of slots; weakly consistent. */
  void forEach(Consumer<Lease> action) {
    slots.forEach(action);
  }

  int size() {
    return leases.size();
  }
}
