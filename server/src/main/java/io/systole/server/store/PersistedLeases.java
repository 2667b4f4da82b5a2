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

/**
 * The leases that a recovery has found, one for each instance, in the order in which they were
 * added. One thread.
 */
final class PersistedLeases extends AbstractCollection<PersistedLease> {
  /*
   * Made for a million: a holding takes three ints and a reference here, and is its own key. They
   * stand in one array in their order; `places` is a hash table of indices into it, with linear
   * probing. A removed holding leaves a hole in the array, and its place in the table stays until the
   * array is full: then the holes are closed and the table is made anew.
   */

  private static final int CAPACITY_MIN = 64;

  /** Places for each holding that the array has room for: probing stays short. */
  private static final int PLACES_PER_HOLDING = 2;

  private static final int NOWHERE = -1;

  /** Drawn anew, so that nobody can register ids that all have one hash. */
  private final long multiplier = new SecureRandom().nextLong() | 1;

  private @Nullable PersistedLease[] ordered = new PersistedLease[CAPACITY_MIN];
  private int[] hashes = new int[CAPACITY_MIN];

  /** Index and one; 0 for a free place. */
  private int[] places = new int[PLACES_PER_HOLDING * CAPACITY_MIN];

  private int end;
  private int size;

  /** Puts a holding in the place of the one of its instance, or behind all others. */
  void put(PersistedLease holding) {
    InstanceInfo instance = holding.instance();
    String id = instance.id();
    int hash = hash(instance.app(), id);
    int index = find(hash, instance.app(), id);
    if (index != NOWHERE) {
      ordered[index] = holding;
      return;
    }
    if (end == ordered.length) {
      makeSpace();
    }
    ordered[end] = holding;
    hashes[end] = hash;
    enter(end++);
    size++;
  }

  /** Removes the holding of an instance, if there is one. */
  void remove(InstanceKey key) {
    int index = find(hash(key.app(), key.id()), key.app(), key.id());
    if (index != NOWHERE) {
      ordered[index] = null;
      size--;
    }
  }

  private int find(int hash, String app, String id) {
    int mask = places.length - 1;
    for (int place = hash & mask; places[place] != 0; place = place + 1 & mask) {
      int index = places[place] - 1;
      if (hashes[index] == hash && isOf(ordered[index], app, id)) {
        return index;
      }
    }
    return NOWHERE;
  }

  private static boolean isOf(@Nullable PersistedLease holding, String app, String id) {
    return holding != null
        && holding.instance().app().equals(app)
        && holding.instance().id().equals(id);
  }

  private void enter(int index) {
    int mask = places.length - 1;
    int place = hashes[index] & mask;
    while (places[place] != 0) {
      place = place + 1 & mask;
    }
    places[place] = index + 1;
  }

  /** Closes the holes, and doubles the arrays unless that made a quarter of them free. */
  private void makeSpace() {
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
    places = new int[PLACES_PER_HOLDING * ordered.length];
    for (int index = 0; index < end; index++) {
      enter(index);
    }
  }

  private int hash(String app, String id) {
    long hash = mixed(mixed(0, app), id);
    return (int) (hash >>> Integer.SIZE);
  }

  private long mixed(long seed, String text) {
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
    places = new int[PLACES_PER_HOLDING * CAPACITY_MIN];
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
          throw new NoSuchElementException("all " + size + " holdings were visited");
        }
        return next;
      }
    };
  }
}
