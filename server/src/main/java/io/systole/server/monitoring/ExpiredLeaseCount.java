// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.systole.server.registry.LeaseExpiry;

/** The number of expired leases, counted apart from scrapes as that is linear in their number. */
public final class ExpiredLeaseCount implements Runnable {
  /** The interval of counts: of a million expired leases one takes about a tenth of a second. */
  public static final long INTERVAL_MS = 5_000;

  private final LeaseExpiry expiry;

  /** Written by the timer, read by any thread. */
  private volatile int last;

  public ExpiredLeaseCount(LeaseExpiry expiry) {
    this.expiry = expiry;
  }

  /** Counts. To be called every {@link #INTERVAL_MS}. */
  @Override
  public void run() {
    last = expiry.expiredCount();
  }

  /** Returns the last count. */
  public int last() {
    return last;
  }
}
