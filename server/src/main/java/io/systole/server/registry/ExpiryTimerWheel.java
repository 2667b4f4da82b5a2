// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/** A timer wheel of lease deadlines, which finds expired leases without visiting all. */
final class ExpiryTimerWheel {
  /*
   * Every slot is in one bucket, whose tick is not later than the deadline of its lease. A renewal
   * only postpones the deadline, so it does not touch the wheel. When a bucket is due, the deadlines
   * of its leases are read, and each slot moves to the bucket of its current deadline, or to the
   * overdue list if that lies in a past tick or the current one. The overdue list is visited by each
   * query for expired leases; a slot stays there until its lease is renewed or ends.
   *
   * A registration can bring the deadline nearer. It sets the slot's bit in `pending`, after the
   * deadline was written and the lease put in its slot. The next operation on the wheel clears the
   * bits and reschedules these slots. Nothing else of the wheel is shared with event loops, and no
   * event loop waits for it. Slots may be reused at any time: the wheel always reads the lease that
   * is in the slot at that moment, and a new lease sets the bit again.
   *
   * Invariant: a live lease is pending, or in a bucket no later than its deadline. All fields but
   * the pending bits are guarded by this object's monitor, which is taken by the evictor's timer
   * and by management requests.
   *
   * Memory: two ints and a bit for a slot; the int arrays double as slots grow. Time: a renewed lease
   * is visited once between a renewal and the deadline it set, at least once in BUCKETS ticks; each
   * visit reads its deadline, one or two cache misses. Each advance also reads one word of pending
   * bits for 64 slots.
   */

  /** A tick is 2^30 ns, about 1.07 s. */
  private static final int TICK_SHIFT = 30;

  /** More ticks than from a renewal to the usual deadline, to avoid needless visits. */
  private static final int BUCKETS = 512;

  /** Pending bits of 4,096 slots. */
  private static final int WORDS_MIN = 64;

  private static final int OVERDUE = BUCKETS;
  private static final int NONE = -1;

  /** The {@code previous} of a slot that is in no bucket. */
  private static final int ABSENT = Integer.MIN_VALUE;

  private final SlotAllocator slots;

  /**
   * Replaced by a longer copy, under the writer's monitor. A bit that is cleared in the array that
   * was copied stays set in the copy, so its slot is rescheduled twice, which changes nothing.
   */
  private volatile AtomicLongArray pending = new AtomicLongArray(WORDS_MIN);

  /** Words of {@code pending} ever used. Written under the writer's monitor, after the array. */
  private volatile int pendingWords;

  /** First slot of each bucket, and of the overdue list. */
  private final int[] heads = new int[BUCKETS + 1];

  private int[] next = {};

  /** The preceding slot; for the first in a bucket, the complement of the bucket. */
  private int[] previous = {};

  /** The last tick whose bucket was drained. */
  private long tick;

  ExpiryTimerWheel(SlotAllocator slots, long nowNs) {
    this.slots = slots;
    this.tick = nowNs >> TICK_SHIFT;
    Arrays.fill(heads, NONE);
  }

  /**
   * Schedules the lease of this slot by its current deadline; the lease is in the table already.
   * Never blocks. Guarded by the writer's monitor.
   */
  void schedule(int slot) {
    int word = slot / Long.SIZE;
    if (word >= pendingWords) {
      if (word >= pending.length()) {
        growPending(word);
      }
      pendingWords = word + 1;
    }
    pending.accumulateAndGet(word, 1L << slot, (bits, bit) -> bits | bit);
  }

  private void growPending(int word) {
    AtomicLongArray longer = new AtomicLongArray(Math.max(word + 1, 2 * pending.length()));
    for (int i = 0; i < pending.length(); i++) {
      longer.set(i, pending.get(i));
    }
    pending = longer;
  }

  /** Drains the buckets that are due. */
  synchronized void advance(long nowNs) {
    long nowTick = nowNs >> TICK_SHIFT;
    long from = Math.max(tick, nowTick - BUCKETS) + 1;
    tick = Math.max(tick, nowTick);
    for (long due = from; due <= nowTick; due++) {
      drainBucket((int) due & (BUCKETS - 1));
    }
    drainPending();
  }

  /** Visits every lease that expired more than {@code graceNs} ago. */
  synchronized void forEachExpired(long nowNs, long graceNs, Consumer<Lease> action) {
    advance(nowNs);
    int slot = heads[OVERDUE];
    while (slot != NONE) {
      int following = next[slot];
      Lease lease = slots.at(slot);
      long deadlineNs = lease == null ? Lease.ENDED : lease.deadlineNs();
      if (deadlineNs == Lease.ENDED || bucketOf(deadlineNs) != OVERDUE) {
        reschedule(slot);
      } else if (lease != null && nowNs > deadlineNs + graceNs) {
        action.accept(lease);
      }
      slot = following;
    }
  }

  private void drainBucket(int bucket) {
    int slot = heads[bucket];
    heads[bucket] = NONE;
    while (slot != NONE) {
      int following = next[slot];
      previous[slot] = ABSENT;
      reschedule(slot);
      slot = following;
    }
  }

  private void drainPending() {
    int words = pendingWords;
    AtomicLongArray present = pending;
    for (int word = 0; word < words; word++) {
      if (present.get(word) != 0) {
        for (long bits = present.getAndSet(word, 0); bits != 0; bits &= bits - 1) {
          reschedule(word * Long.SIZE + Long.numberOfTrailingZeros(bits));
        }
      }
    }
  }

  /** Moves a slot to the bucket of its lease's deadline; to none if it has no lease. */
  private void reschedule(int slot) {
    ensureCapacity(slot);
    if (previous[slot] != ABSENT) {
      unlink(slot);
    }
    Lease lease = slots.at(slot);
    long deadlineNs = lease == null ? Lease.ENDED : lease.deadlineNs();
    if (deadlineNs != Lease.ENDED) {
      link(slot, bucketOf(deadlineNs));
    }
  }

  private int bucketOf(long deadlineNs) {
    long due = deadlineNs >> TICK_SHIFT;
    return due <= tick ? OVERDUE : (int) Math.min(due, tick + BUCKETS) & (BUCKETS - 1);
  }

  private void link(int slot, int bucket) {
    int following = heads[bucket];
    heads[bucket] = slot;
    next[slot] = following;
    previous[slot] = ~bucket;
    if (following != NONE) {
      previous[following] = slot;
    }
  }

  private void unlink(int slot) {
    int preceding = previous[slot];
    int following = next[slot];
    if (preceding < 0) {
      heads[~preceding] = following;
    } else {
      next[preceding] = following;
    }
    if (following != NONE) {
      previous[following] = preceding;
    }
    previous[slot] = ABSENT;
  }

  private void ensureCapacity(int slot) {
    int size = next.length;
    if (slot >= size) {
      int larger = Math.max(Long.SIZE, Integer.highestOneBit(slot) * 2);
      next = Arrays.copyOf(next, larger);
      previous = Arrays.copyOf(previous, larger);
      Arrays.fill(previous, size, larger, ABSENT);
    }
  }
}
