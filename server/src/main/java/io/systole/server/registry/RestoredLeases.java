// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The restored leases that have not been renewed since the restore. */
final class RestoredLeases {
  /*
   * A renewal does not touch this class. A lease is unrenewed while its deadline is the one set by
   * the restore; any new deadline makes it an ordinary lease. The bits are the leases that have not
   * been counted as expected clients yet: a bit is cleared by the next sweep after the renewal, or
   * when the lease ends.
   *
   * The bits are guarded by the writer's monitor. The time and the count are written under it and
   * read by any thread.
   */

  /** Leases visited in one step of a sweep, which holds the writer's monitor. */
  private static final int STRIDE = 4_096;

  private final BitSet pending = new BitSet();

  /** The time of the restore, monotonic; undefined if none was restored. */
  private volatile long restoredNs;

  private final AtomicInteger count = new AtomicInteger();

  /** Sets the time of the restore, before the first lease is added. */
  void start(long nowNs) {
    restoredNs = nowNs;
  }

  void add(Lease lease) {
    pending.set(lease.slot);
    count.incrementAndGet();
  }

  long restoredNs() {
    return restoredNs;
  }

  /** Returns whether the lease is restored and this deadline is the one set by the restore. */
  boolean isUnrenewed(Lease lease, long deadlineNs) {
    return lease.isRestored() && lease.isFirstDeadline(restoredNs, deadlineNs);
  }

  /** Removes a lease; returns whether it had not been counted as an expected client. */
  boolean remove(Lease lease) {
    boolean isPending = pending.get(lease.slot);
    if (isPending) {
      pending.clear(lease.slot);
      count.decrementAndGet();
    }
    return isPending;
  }

  /**
   * Visits and removes leases that were renewed.
   *
   * @param from the first slot
   * @return the slot to continue at, or a negative number at the end
   */
  int sweep(int from, LeaseTable leases, Consumer<Lease> renewed) {
    int slot = pending.nextSetBit(from);
    for (int visited = 0; slot >= 0 && visited < STRIDE; visited++) {
      Lease lease = leases.at(slot);
      long deadlineNs = lease == null ? Lease.ENDED : lease.deadlineNs();
      if (lease != null && deadlineNs != Lease.ENDED && !isUnrenewed(lease, deadlineNs)) {
        remove(lease);
        renewed.accept(lease);
      }
      slot = pending.nextSetBit(slot + 1);
    }
    return slot;
  }

  /** Returns the number of unrenewed leases as of the last sweep. */
  int count() {
    return count.get();
  }
}
