// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The number of clients expected to renew, counted as by stock servers (spec §3.5): starts with a
 * configured value, follows additions and removals of leases while it is above 0, and is replaced
 * by the number of leases at intervals.
 */
public final class ExpectedClients {
  /* Writes hold this object's monitor. Any thread may read. */

  private volatile int count;

  ExpectedClients(int start) {
    this.count = start;
  }

  /** Counts a new lease. */
  synchronized void increment() {
    if (count > 0) {
      count++;
    }
  }

  /** Counts a cancelled or evicted lease. */
  synchronized void decrement() {
    if (count > 0) {
      count--;
    }
  }

  /**
   * Replaces the number with that of the leases, unless so many are missing that a failure is
   * likely.
   *
   * @param share share of the expected clients; as many leases or fewer indicate a failure
   * @param isProtected whether a failure keeps the number
   */
  public synchronized void recount(int leases, double share, boolean isProtected) {
    if (!isProtected || leases > share * count) {
      count = leases;
    }
  }

  public int count() {
    return count;
  }
}
