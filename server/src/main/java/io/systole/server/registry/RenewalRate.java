// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.function.LongSupplier;

/** Renewals of the last whole minute, 0 during the first (spec §3.5). */
public final class RenewalRate {
  /*
   * Nothing is counted here: the rate is the difference of a running count between two turns of the
   * minute. turn() is called by one timer; lastMinute is volatile and read by anyone.
   */

  /** How often {@link #endMinute} is to be called. */
  public static final long MINUTE_MS = 60_000;

  private final LongSupplier renewalsSoFar;
  private long atLastMinute;
  private volatile long lastMinute;

  /** @param renewalsSoFar a count that only grows */
  public RenewalRate(LongSupplier renewalsSoFar) {
    this.renewalsSoFar = renewalsSoFar;
    this.atLastMinute = renewalsSoFar.getAsLong();
  }

  /** Ends a minute. One caller, {@link #MINUTE_MS} apart. */
  public void endMinute() {
    long now = renewalsSoFar.getAsLong();
    lastMinute = now - atLastMinute;
    atLastMinute = now;
  }

  /** Renewals between the last two turns. */
  public long lastMinute() {
    return lastMinute;
  }
}
