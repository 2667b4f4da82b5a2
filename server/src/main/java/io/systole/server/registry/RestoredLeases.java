// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The restored leases that have not been renewed since the restore. */
final class RestoredLeases {
  /*
   * A renewal does nothing for this class. A lease is unrenewed while its deadline is the one that
   * the restore gave; whatever moves the deadline makes it an ordinary lease. The bits are the
   * leases that have not been counted as expected clients yet: a bit is cleared by the next sweep
   * after the renewal, or when the lease ends.
   *
   * The bits are guarded by the registrar's monitor. The moment and the count are written under it
   * and read by anyone.
   */

  /** Leases that one step of a sweep looks at: the registrar's monitor is held for so long. */
  private static final int STRIDE = 4_096;

  private final BitSet pending = new BitSet();

  /** When the leases were restored, monotonic; means nothing while none was. */
  private volatile long restoredNs;

  private final AtomicInteger count = new AtomicInteger();

  /** Sets the moment of the restore, before the first lease is added. */
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

  /** Returns whether this restored lease had not been renewed when it had this deadline. */
  boolean isUnrenewed(Lease lease, long deadlineNs) {
    return lease.isRestored() && lease.isFirstDeadline(restoredNs, deadlineNs);
  }

  /** Forgets a lease; returns whether it had not been counted as an expected client. */
  boolean remove(Lease lease) {
    boolean isPending = pending.get(lease.slot);
    if (isPending) {
      pending.clear(lease.slot);
      count.decrementAndGet();
    }
    return isPending;
  }

  /**
   * Visits and forgets leases that were renewed.
   *
   * @param from the slot to begin at
   * @return the slot to go on at; negative when all were looked at
   */
  int sweep(int from, LeaseTable leases, Consumer<Lease> renewed) {
    int slot = pending.nextSetBit(from);
    for (int looked = 0; slot >= 0 && looked < STRIDE; looked++) {
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

  /** How many there are, as of the last sweep. */
  int count() {
    return count.get();
  }
}
