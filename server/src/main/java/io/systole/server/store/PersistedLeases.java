// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.PersistedLease;
import java.security.SecureRandom;
import java.util.AbstractCollection;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The leases found by a recovery, one per instance, in insertion order. Not thread-safe. */
final class PersistedLeases extends AbstractCollection<PersistedLease> {
  /*
   * Designed for a million leases: each takes three ints and a reference, and is its own key. The
   * leases are in one array, in order; `table` is a hash table of indices into it, with linear
   * probing. A removed lease leaves a null in the array, and its slot in the table stays in use
   * until the array is full: then the array is compacted and the table is rebuilt.
   */

  private static final int CAPACITY_MIN = 64;

  /** Table slots per array element, which keeps probe sequences short. */
  private static final int SLOTS_PER_LEASE = 2;

  private static final int ABSENT = -1;

  /** Random, so that clients can't choose ids with colliding hashes. */
  private final long multiplier = new SecureRandom().nextLong() | 1;

  private @Nullable PersistedLease[] ordered = new PersistedLease[CAPACITY_MIN];
  private int[] hashes = new int[CAPACITY_MIN];

  /** Index plus 1; 0 for a free slot. */
  private int[] table = new int[SLOTS_PER_LEASE * CAPACITY_MIN];

  private int end;
  private int size;

  /** Adds a lease, or replaces the lease of the same instance in its position. */
  void put(PersistedLease lease) {
    InstanceInfo instance = lease.instance();
    String id = instance.id();
    int hash = hash(instance.app(), id);
    int index = find(hash, instance.app(), id);
    if (index != ABSENT) {
      ordered[index] = lease;
      return;
    }
    if (end == ordered.length) {
      compactOrGrow();
    }
    ordered[end] = lease;
    hashes[end] = hash;
    addToTable(end++);
    size++;
  }

  /** Removes the lease of an instance, if present. */
  void remove(InstanceKey key) {
    int index = find(hash(key.app(), key.id()), key.app(), key.id());
    if (index != ABSENT) {
      ordered[index] = null;
      size--;
    }
  }

  private int find(int hash, String app, String id) {
    int mask = table.length - 1;
    for (int slot = hash & mask; table[slot] != 0; slot = slot + 1 & mask) {
      int index = table[slot] - 1;
      if (hashes[index] == hash && isOf(ordered[index], app, id)) {
        return index;
      }
    }
    return ABSENT;
  }

  private static boolean isOf(@Nullable PersistedLease lease, String app, String id) {
    return lease != null
        && lease.instance().app().equals(app)
        && lease.instance().id().equals(id);
  }

  private void addToTable(int index) {
    int mask = table.length - 1;
    int slot = hashes[index] & mask;
    while (table[slot] != 0) {
      slot = slot + 1 & mask;
    }
    table[slot] = index + 1;
  }

  /** Compacts the array, and doubles it unless that freed a quarter. */
  private void compactOrGrow() {
    int to = 0;
    for (int from = 0; from < end; from++) {
      if (ordered[from] != null) {
        ordered[to] = ordered[from];
        hashes[to++] = hashes[from];
      }
    }
    Arrays.fill(ordered, to, end, null);
    end = to;
    int capacity = ordered.length;
    if (size > capacity - capacity / 4) {
      ordered = Arrays.copyOf(ordered, 2 * capacity);
      hashes = Arrays.copyOf(hashes, 2 * capacity);
    }
    table = new int[SLOTS_PER_LEASE * ordered.length];
    for (int index = 0; index < end; index++) {
      addToTable(index);
    }
  }

  private int hash(String app, String id) {
    long hash = mix(mix(0, app), id);
    return (int) (hash >>> Integer.SIZE);
  }

  private long mix(long seed, String text) {
    long hash = (seed + text.length()) * multiplier;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash + text.charAt(i)) * multiplier;
    }
    return hash;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void clear() {
    ordered = new PersistedLease[CAPACITY_MIN];
    hashes = new int[CAPACITY_MIN];
    table = new int[SLOTS_PER_LEASE * CAPACITY_MIN];
    end = 0;
    size = 0;
  }

  @Override
  public Iterator<PersistedLease> iterator() {
    return new Iterator<>() {
      private int index;

      @Override
      public boolean hasNext() {
        while (index < end && ordered[index] == null) {
          index++;
        }
        return index < end;
      }

      @Override
      public PersistedLease next() {
        PersistedLease next = hasNext() ? ordered[index++] : null;
        if (next == null) {
          throw new NoSuchElementException("all " + size + " leases were visited");
        }
        return next;
      }
    };
  }
}
