// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * How many clients are expected to renew, counted as stock servers do (spec §3.5): they begin with
 * what they are told, count leases up and down while that is above 0, and now and then take over
 * how many there are.
 */
public final class ExpectedClients {
  /* Written under the registrar's monitor, or this object's: both take this one. Read by anyone. */

  private volatile int count;

  ExpectedClients(int start) {
    this.count = start;
  }

  /** A lease was given where none stood. */
  synchronized void increment() {
    if (count > 0) {
      count++;
    }
  }

  /** A lease was cancelled or evicted. */
  synchronized void decrement() {
    if (count > 0) {
      count--;
    }
  }

  /**
   * Takes over how many leases stand, unless that would lower the number by more than a disaster
   * may explain.
   *
   * @param share fewer leases than this share of the clients expected are taken for a disaster
   * @param isProtected whether such a loss is not taken over
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
