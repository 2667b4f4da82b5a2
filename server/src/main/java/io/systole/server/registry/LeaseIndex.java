// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A direct-mapped cache of the lease table: most of the leases, each in the entry that the hash of
 * its key selects. Thread-safe.
 */
final class LeaseIndex {
  /*
   * A lookup in the hash table reads a bin, a node and the lease, each of which leads to the next.
   * With many leases, each is a cache miss. An entry of the index leads to the lease itself, and the
   * entries of several keys can be read ahead, so that their misses overlap (HeartbeatPathBenchmark).
   *
   * An entry is a hint. A lookup verifies that its lease has the key and has not ended, and finds
   * none otherwise; the hash table then decides. That is sufficient because only leases that were
   * inserted into the hash table are offered: such a lease is in the table as long as it has not
   * ended, and is the only one of its key there. So at the moment at which the lookup reads that it
   * has not ended, the hash table would have returned the same lease.
   *
   *     null  --offer---> lease                   by any thread, CAS
   *     ended --offer---> lease                   of two live leases, the first keeps the entry
   *     lease --remove--> null                    under the writer's monitor, once it has ended
   *     lease --offer---> null                    if it had ended by the time it was stored
   *
   * No lease stays reachable once it has ended and has been removed. An offer stores the lease and
   * then reads its word; a removal follows the write of the word and then reads the entry. All four
   * are volatile, so at least one of them sees the other's write, and clears the entry.
   *
   * Growth replaces the array by an empty one, under the writer's monitor like removals. Lookups
   * fill it. An offer to the replaced array is lost with it. One to the new array of a lease that
   * was removed from the previous one finds that it has ended, because the array was published after
   * the removal.
   *
   * Entries are read in acquire mode, which publishes the fields of the lease, except to read ahead.
   */

  /**
   * The entries for each lease after a growth, rounded up to a power of two. They are two to eight
   * in all: with two, a fifth of the leases share an entry with one that was offered before.
   */
  private static final int ENTRIES_PER_LEASE = 4;

  private static final int ENTRIES_PER_LEASE_MIN = 2;

  /** The bytes of the entries of a lease, at most. */
  static final int BYTES_PER_LEASE = 2 * ENTRIES_PER_LEASE * Integer.BYTES;

  private static final int ENTRIES_MIN = 1 << 10;

  /** Limits the array to 1 GiB; beyond 64 million leases, more of them share an entry. */
  private static final int ENTRIES_MAX = 1 << 28;

  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(Lease[].class);

  private volatile @Nullable Lease[] entries;

  /** @param leasesExpected the number of leases that fit without growth */
  LeaseIndex(int leasesExpected) {
    entries = new Lease[lengthFor(leasesExpected)];
  }

  /** Returns the number of entries to which an index of this many leases grows. */
  static int lengthFor(int leases) {
    long wanted = (long) ENTRIES_PER_LEASE * leases;
    int length = ENTRIES_MIN;
    while (length < wanted && length < ENTRIES_MAX) {
      length <<= 1;
    }
    return length;
  }

  /** Returns the lease under this key, which had not ended when it was read, or null. */
  @Nullable
  Lease find(LeaseKey key) {
    Lease lease = entry(key.hash);
    return lease != null && lease.equals(key) && !lease.hasEnded() ? lease : null;
  }

  /** Returns the content of the entry for this hash. */
  @Nullable
  Lease entry(int hash) {
    @Nullable Lease[] present = entries;
    return (Lease) ENTRY.getAcquire(present, hash & (present.length - 1));
  }

  /**
   * Reads the memory that {@link #find} and a renewal will read for a key with this hash. The reads
   * of several calls are independent of each other, and in opaque mode, which permits the processor
   * to overlap them.
   *
   * @return a meaningless number, to be used so that the reads are not optimized away
   */
  long prefetch(int hash) {
    @Nullable Lease[] present = entries;
    Lease lease = (Lease) ENTRY.getOpaque(present, hash & (present.length - 1));
    return lease == null ? 0 : lease.prefetch();
  }

  /** Stores a lease that was found in the hash table, unless another one has its entry. */
  void offer(Lease lease) {
    @Nullable Lease[] present = entries;
    int at = lease.hash & (present.length - 1);
    Lease other = (Lease) ENTRY.getAcquire(present, at);
    if (other != null && !other.hasEnded()) {
      return;
    }
    if (ENTRY.compareAndSet(present, at, other, lease) && lease.hasEnded()) {
      ENTRY.compareAndSet(present, at, lease, null);
    }
  }

  /** Removes a lease that has ended. Guarded by the writer's monitor. */
  void remove(Lease ended) {
    @Nullable Lease[] present = entries;
    ENTRY.compareAndSet(present, ended.hash & (present.length - 1), ended, null);
  }

  /** Grows if there are too few entries for a number of leases. Guarded by the writer's monitor. */
  void growFor(int leases) {
    int length = entries.length;
    if (leases > length / ENTRIES_PER_LEASE_MIN && length < ENTRIES_MAX) {
      entries = new Lease[lengthFor(leases)];
    }
  }

  /** Returns the number of entries. */
  int length() {
    return entries.length;
  }
}
