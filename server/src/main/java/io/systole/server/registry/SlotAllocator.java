// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An allocator of dense numbers for leases, lowest first, and the leases by number. */
final class SlotAllocator {
  /*
   * Pages are added as the numbers grow and never freed, so iteration is safe during changes. The
   * array of pages is replaced by a longer copy, under the monitor, before a number beyond it is
   * returned. Numbers are reserved and freed under the monitor; elements of pages are read and
   * written in volatile mode. An iteration visits every lease that exists during the whole of it,
   * and each other lease at most once.
   *
   * The generation of a number distinguishes the leases that have it one after the other. It is
   * incremented under the monitor before a released number is reserved again. So a thread that
   * reads a lease, then the generation of its number, reads one of this lease, or a later one if
   * the lease has ended meanwhile. A number whose generations are used up is not reserved again.
   */

  /** 2^12 references a page, 16 KiB: small registries need little memory. */
  private static final int PAGE_BITS = 12;

  private static final int PAGE_SIZE = 1 << PAGE_BITS;

  /** No number or no generation, because all are used up. */
  static final int NONE = -1;

  /**
   * Elements of pages. An array of another class would need a cast, which reads the lease's header:
   * another cache line for each lease of a frame (BulkRenewalBenchmark).
   */
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Lease[].class);

  private volatile AtomicReferenceArray<@Nullable Lease @Nullable []> pages =
      new AtomicReferenceArray<>(1);

  /** Generations by number, in pages of the same size; a missing page stands for all zeros. */
  private volatile AtomicReferenceArray<@Nullable AtomicIntegerArray> generations =
      new AtomicReferenceArray<>(1);

  private final int generationMax;

  /** The maximum of {@code used}. */
  private int max;

  /** Numbers reserved and not released. */
  private int used;

  /** Released numbers; none is below {@code lowestFree}. */
  private final BitSet free = new BitSet();

  private int lowestFree;
  private int unused;

  SlotAllocator(int max) {
    this(max, Integer.MAX_VALUE);
  }

  /** @param generationMax the last generation of a number */
  SlotAllocator(int max, int generationMax) {
    this.max = max;
    this.generationMax = generationMax;
  }

  /** Replaces the maximum; numbers reserved above it stay reserved. */
  synchronized void limit(int nextMax) {
    max = nextMax;
  }

  /** Reserves the lowest free number; returns {@link #NONE} if there is none. */
  synchronized int reserve() {
    if (used >= max) {
      return NONE;
    }
    used++;
    for (int freed = free.nextSetBit(lowestFree); freed >= 0; freed = free.nextSetBit(freed + 1)) {
      free.clear(freed);
      lowestFree = freed + 1;
      if (advance(freed)) {
        return freed;
      }
    }
    int fresh = unused++;
    lowestFree = unused;
    if (fresh >>> PAGE_BITS == pages.length()) {
      growPages();
    }
    return fresh;
  }

  private void growPages() {
    AtomicReferenceArray<@Nullable Lease @Nullable []> longer =
        new AtomicReferenceArray<>(2 * pages.length());
    for (int p = 0; p < pages.length(); p++) {
      longer.set(p, pages.get(p));
    }
    pages = longer;
    AtomicReferenceArray<@Nullable AtomicIntegerArray> more =
        new AtomicReferenceArray<>(longer.length());
    for (int p = 0; p < generations.length(); p++) {
      more.set(p, generations.get(p));
    }
    generations = more;
  }

  /**
   * Advances the generation of a number, because its lease or the handle of its lease changes.
   * Returns false if there is none left; the number must then not be used by another lease.
   */
  synchronized boolean advance(int slot) {
    AtomicIntegerArray page = generations.get(slot >>> PAGE_BITS);
    if (page == null) {
      page = new AtomicIntegerArray(PAGE_SIZE);
      generations.set(slot >>> PAGE_BITS, page);
    }
    int index = slot & (PAGE_SIZE - 1);
    int generation = page.get(index);
    boolean isLeft = generation >= 0 && generation < generationMax;
    page.set(index, isLeft ? generation + 1 : NONE);
    return isLeft;
  }

  /**
   * Returns the generation of a number that was reserved, or {@link #NONE} if all were used up
   * during its lease.
   */
  int generation(int slot) {
    AtomicIntegerArray page = generations.get(slot >>> PAGE_BITS);
    return page == null ? 0 : page.get(slot & (PAGE_SIZE - 1));
  }

  /** Stores a lease under its reserved number. */
  void put(Lease lease) {
    ELEMENT.setVolatile(page(lease.slot), lease.slot & (PAGE_SIZE - 1), lease);
  }

  /** Returns the lease of this number, or null. */
  @Nullable
  Lease at(int slot) {
    var present = pages;
    int index = slot >>> PAGE_BITS;
    if (index >= present.length()) {
      return null;
    }
    @Nullable Lease[] page = present.get(index);
    return page == null ? null : (Lease) ELEMENT.getVolatile(page, slot & (PAGE_SIZE - 1));
  }

  /** Releases the lease's number; idempotent. */
  void release(Lease lease) {
    int index = lease.slot & (PAGE_SIZE - 1);
    if (ELEMENT.compareAndSet(page(lease.slot), index, lease, (Lease) null)) {
      synchronized (this) {
        used--;
        free.set(lease.slot);
        lowestFree = Math.min(lowestFree, lease.slot);
      }
    }
  }

  void forEach(Consumer<Lease> action) {
    var present = pages;
    for (int p = 0; p < present.length(); p++) {
      @Nullable Lease[] page = present.get(p);
      if (page == null) {
        continue;
      }
      for (int i = 0; i < PAGE_SIZE; i++) {
        Lease lease = (Lease) ELEMENT.getVolatile(page, i);
        if (lease != null) {
          action.accept(lease);
        }
      }
    }
  }

  private @Nullable Lease[] page(int slot) {
    int index = slot >>> PAGE_BITS;
    @Nullable Lease[] page = pages.get(index);
    if (page != null) {
      return page;
    }
    synchronized (this) {
      page = pages.get(index);
      if (page == null) {
        page = new Lease[PAGE_SIZE];
        pages.set(index, page);
      }
      return page;
    }
  }
}
