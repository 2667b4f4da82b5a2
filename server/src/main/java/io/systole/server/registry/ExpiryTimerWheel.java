// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/** Finds the leases that have expired, without looking at those that can't have. */
final class ExpiryTimerWheel {
  /*
   * Every slot stands in one bucket: that of a moment not later than its lease can expire. Renewals
   * only move a lease's end away, so they need not come here. When a bucket is due, the words of its
   * leases are read, and each slot moves on to the bucket of its present deadline, or to the
   * suspects, whose deadline lies in the past or the present tick. Suspects are looked at whenever
   * somebody asks for the expired, and stay until their lease is renewed, or ends.
   *
   * What a registration does can bring a lease's end nearer. It sets the slot's bit in the news, after
   * the word was moved and the lease placed, and is done: the next look at the wheel takes the bits
   * and puts these slots where they belong. Nothing else of the wheel is shared with event loops, and
   * no event loop waits for it. Slots may be reused at any time: a slot is a question about whoever
   * holds it when it is asked, and a new holder has a bit of its own.
   *
   * So a living lease is in the news, or stands no later than its end. All fields but the news are
   * guarded by this object's monitor, which the evictor's timer takes, and whoever explains its work.
   *
   * Memory: two ints and a bit for a slot, the ints doubled when the fleet outgrows them. Time: a
   * lease that is renewed is looked at once in the time from a renewal to the deadline it gave, at
   * most BUCKETS ticks; each look reads its word, which is a cache miss or two. A turn of the wheel
   * besides reads one word of news for 64 slots.
   */

  /** A tick is 2^30 ns, a little over a second. */
  private static final int TICK_SHIFT = 30;

  /** More ticks than from a renewal to the usual deadline, so that few are looked at in vain. */
  private static final int BUCKETS = 512;

  private static final int OVERDUE = BUCKETS;
  private static final int NONE = -1;

  /** Stands before a slot that is in no bucket. */
  private static final int ABSENT = Integer.MIN_VALUE;

  private final SlotAllocator slots;
  private final AtomicLongArray pending;

  /** Words of the news that were ever used. Written under the registrar's monitor. */
  private volatile int pendingWords;

  /** First slot of each bucket, and of the suspects. */
  private final int[] heads = new int[BUCKETS + 1];

  private int[] next = {};

  /** The slot before; of the first in a bucket, the bucket's complement. */
  private int[] previous = {};

  /** The last tick whose bucket was emptied. */
  private long tick;

  ExpiryTimerWheel(SlotAllocator slots, int leasesMax, long nowNs) {
    this.slots = slots;
    this.pending = new AtomicLongArray((leasesMax + Long.SIZE - 1) / Long.SIZE);
    this.tick = nowNs >> TICK_SHIFT;
    Arrays.fill(heads, NONE);
  }

  /**
   * Notes that the lease of this slot began a term; it is placed in the table already. Never waits.
   * The registrar's monitor is held.
   */
  void schedule(int slot) {
    int word = slot / Long.SIZE;
    if (word >= pendingWords) {
      pendingWords = word + 1;
    }
    pending.accumulateAndGet(word, 1L << slot, (bits, bit) -> bits | bit);
  }

  /** Empties the buckets that are due. */
  synchronized void advance(long nowNs) {
    long nowTick = nowNs >> TICK_SHIFT;
    long from = Math.max(tick, nowTick - BUCKETS) + 1;
    tick = Math.max(tick, nowTick);
    for (long due = from; due <= nowTick; due++) {
      drainBucket((int) due & (BUCKETS - 1));
    }
    drainPending();
  }

  /** Gives every lease that expired more than {@code graceNs} ago. */
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
    for (int word = 0; word < pendingWords; word++) {
      if (pending.get(word) != 0) {
        for (long bits = pending.getAndSet(word, 0); bits != 0; bits &= bits - 1) {
          reschedule(word * Long.SIZE + Long.numberOfTrailingZeros(bits));
        }
      }
    }
  }

  /** Puts a slot where its lease's deadline says; nowhere when no lease holds it. */
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
