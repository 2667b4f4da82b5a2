// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.function.LongSupplier;

/** The renewals of the last whole minute, 0 during the first (spec §3.5). */
public final class RenewalRate {
  /*
   * The rate is the difference of a counter between two calls of endMinute(), made by one timer
   * thread. Any thread may call the other methods. atLastMinute is the maximum of the counter so
   * far, so that no renewal is counted twice and no rate is negative.
   */

  /** The interval between calls of {@link #endMinute}. */
  public static final long MINUTE_MS = 60_000;

  private final LongSupplier renewalsSoFar;
  private long atLastMinute;
  private volatile long lastMinute;

  /** Written after {@link #lastMinute}. */
  private volatile long minutes;

  /**
   * @param renewalsSoFar a counter that may decrease for a moment, as
   *     {@link LeaseRenewal#clusterCount} does
   */
  public RenewalRate(LongSupplier renewalsSoFar) {
    this.renewalsSoFar = renewalsSoFar;
    this.atLastMinute = renewalsSoFar.getAsLong();
  }

  /** Ends a minute. To be called by one thread every {@link #MINUTE_MS}. */
  public void endMinute() {
    long now = Math.max(atLastMinute, renewalsSoFar.getAsLong());
    lastMinute = now - atLastMinute;
    atLastMinute = now;
    long before = minutes;
    minutes = before + 1;
  }

  /** Returns the renewals of the last whole minute. */
  public long lastMinute() {
    return lastMinute;
  }

  /** Returns the number of minutes that have ended. */
  public long minutes() {
    return minutes;
  }
}
