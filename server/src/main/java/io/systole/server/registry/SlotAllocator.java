// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Dense numbers for leases, the lowest free one first, and the leases by number. */
final class SlotAllocator {
  /*
   * Pages are made as the numbers grow and are never given back, so a walk may go on while leases
   * come and go. Numbers are taken and freed under the monitor; the pages' elements are read and
   * written in volatile mode. A walk sees every lease that stood during the whole of it, and each of
   * the others at most once.
   */

  /** 2^12 references a page: 16 KiB, so that a small registry stays small. */
  private static final int PAGE_BITS = 12;

  private static final int PAGE_SIZE = 1 << PAGE_BITS;

  /** No number: all are taken. */
  static final int NONE = -1;

  private final int capacity;
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Lease>> pages;

  /** Numbers that were used and given back; none lies below {@code lowestFree}. */
  private final BitSet free = new BitSet();

  private int lowestFree;
  private int unused;

  SlotAllocator(int capacity) {
    this.capacity = capacity;
    this.pages = new AtomicReferenceArray<>((capacity + PAGE_SIZE - 1) >>> PAGE_BITS);
  }

  /** Takes the lowest free number, or gives {@link #NONE}. */
  synchronized int reserve() {
    int freed = free.nextSetBit(lowestFree);
    if (freed >= 0) {
      free.clear(freed);
      lowestFree = freed + 1;
      return freed;
    }
    lowestFree = unused;
    return unused < capacity ? unused++ : NONE;
  }

  /** Keeps a lease by its number, which was reserved for it. */
  void put(Lease lease) {
    page(lease.slot).set(lease.slot & (PAGE_SIZE - 1), lease);
  }

  /** The lease that is kept by this number; null when there is none. */
  @Nullable
  Lease at(int slot) {
    AtomicReferenceArray<@Nullable Lease> page = pages.get(slot >>> PAGE_BITS);
    return page == null ? null : page.get(slot & (PAGE_SIZE - 1));
  }

  /** Gives the lease's number back; a second call does nothing. */
  void release(Lease lease) {
    if (page(lease.slot).compareAndSet(lease.slot & (PAGE_SIZE - 1), lease, null)) {
      synchronized (this) {
        free.set(lease.slot);
        lowestFree = Math.min(lowestFree, lease.slot);
      }
    }
  }

  void forEach(Consumer<Lease> action) {
    for (int p = 0; p < pages.length(); p++) {
      AtomicReferenceArray<@Nullable Lease> page = pages.get(p);
      if (page == null) {
        continue;
      }
      for (int i = 0; i < PAGE_SIZE; i++) {
        Lease lease = page.get(i);
        if (lease != null) {
          action.accept(lease);
        }
      }
    }
  }

  private AtomicReferenceArray<@Nullable Lease> page(int slot) {
    int index = slot >>> PAGE_BITS;
    AtomicReferenceArray<@Nullable Lease> page = pages.get(index);
    if (page != null) {
      return page;
    }
    synchronized (this) {
      page = pages.get(index);
      if (page == null) {
        page = new AtomicReferenceArray<>(PAGE_SIZE);
        pages.set(index, page);
      }
      return page;
    }
  }
}
