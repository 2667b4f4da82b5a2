// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The members that own leases, have set overrides, or are in the view: their epochs by small
 * indices, and the slots of their leases by number. Guarded by the registry's monitor.
 */
final class OwnerTable {
  /*
   * An owner is referenced by the record stamps and override stamps of leases. It is removed, and
   * its index reused, once it has no references and is not in the view. Slots are stored plus 1, so
   * that a page of zeros is empty; pages, since a single high number must not take much memory.
   */

  /** The index of no owner. */
  static final int NONE = 0;

  /** The maximum number of owners, since {@link LeaseStamps} stores an index in 16 bits. */
  static final int OWNERS_MAX = 65_535;

  /** The exclusive maximum of an owner's lease numbers. */
  static final int NUMBERS_MAX = 1 << 27;

  private static final int PAGE_BITS = 12;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;
  private static final int OWNERS_MIN = 16;
  private static final int[][] NO_PAGES = {};

  private final Map<Long, Integer> indices = new HashMap<>();
  private final BitSet used = new BitSet();
  private final BitSet inView = new BitSet();
  private long[] epochs = new long[OWNERS_MIN];
  private int[] references = new int[OWNERS_MIN];
  private int[] leases = new int[OWNERS_MIN];
  private int[][][] slots = new int[OWNERS_MIN][][];

  OwnerTable() {
    used.set(NONE);
    slots[NONE] = NO_PAGES;
  }

  /** Returns the index of an owner, or {@link #NONE}. */
  int find(long epoch) {
    return indices.getOrDefault(epoch, NONE);
  }

  /**
   * Returns the index of an owner, which is added if needed; {@link #NONE} if there are too many.
   */
  int findOrAdd(long epoch) {
    int present = find(epoch);
    if (present != NONE) {
      return present;
    }
    int index = used.nextClearBit(1);
    if (index > OWNERS_MAX) {
      return NONE;
    }
    if (index >= epochs.length) {
      int longer = 2 * epochs.length;
      epochs = Arrays.copyOf(epochs, longer);
      references = Arrays.copyOf(references, longer);
      leases = Arrays.copyOf(leases, longer);
      slots = Arrays.copyOf(slots, longer);
    }
    used.set(index);
    epochs[index] = epoch;
    slots[index] = NO_PAGES;
    indices.put(epoch, index);
    return index;
  }

  /** Returns whether an owner is in the table or can be added. */
  boolean hasSpaceFor(long epoch) {
    return indices.containsKey(epoch) || indices.size() < OWNERS_MAX;
  }

  /** Returns the epoch of an owner; 0 for {@link #NONE}. */
  long epoch(int index) {
    return epochs[index];
  }

  boolean isInView(int index) {
    return inView.get(index);
  }

  /** Marks a member as in the view or not. It is removed if it is not and has no references. */
  void setInView(int index, boolean isMember) {
    inView.set(index, isMember);
    dropUnused(index);
  }

  /** Adds a reference by a stamp. */
  void retain(int index) {
    references[index]++;
  }

  /** Removes a reference by a stamp. */
  void release(int index) {
    references[index]--;
    dropUnused(index);
  }

  private void dropUnused(int index) {
    if (index != NONE && references[index] == 0 && !inView.get(index)) {
      indices.remove(epochs[index]);
      used.clear(index);
      epochs[index] = 0;
      slots[index] = NO_PAGES;
    }
  }

  /** Maps a number of an owner to a slot; replaces the slot it was mapped to. */
  void map(int index, int number, int slot) {
    int page = number >>> PAGE_BITS;
    if (page >= slots[index].length) {
      slots[index] = Arrays.copyOf(slots[index], page + Math.max(1, page / 2));
    }
    if (slots[index][page] == null) {
      slots[index][page] = new int[PAGE_SIZE];
    }
    slots[index][page][number & (PAGE_SIZE - 1)] = slot + 1;
    leases[index]++;
  }

  /** Removes a number of an owner, unless it was mapped to another slot since. */
  void unmap(int index, int number, int slot) {
    leases[index]--;
    if (slotOf(index, number) == slot) {
      slots[index][number >>> PAGE_BITS][number & (PAGE_SIZE - 1)] = 0;
    }
  }

  /** Returns the slot of an owner's number, or -1. */
  int slotOf(int index, int number) {
    int[][] pages = slots[index];
    int page = number >>> PAGE_BITS;
    if (page >= pages.length || pages[page] == null) {
      return -1;
    }
    return pages[page][number & (PAGE_SIZE - 1)] - 1;
  }

  /** Returns the number of leases of an owner. */
  int leaseCount(int index) {
    return leases[index];
  }

  /** Returns the number of owners. */
  int size() {
    return indices.size();
  }
}
