// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * A hybrid logical clock: its stamps follow the wall clock and are greater than any stamp it has
 * observed, so a change is stamped later than those it replaces, whatever the wall clocks show.
 * Guarded by the registry's monitor.
 */
final class HybridClock {
  /*
   * A stamp is the wall clock in ms, shifted, and a counter:
   *
   *     0 | 0 | wall ms, 46 bits | counter, 16 bits
   *
   * The counter overflows into the milliseconds, which then are ahead of the wall clock.
   */

  private static final int COUNTER_BITS = 16;

  /** A stamp further ahead was not made by a clock, and following it would exhaust the stamps. */
  private static final long AHEAD_MAX_MS = TimeUnit.DAYS.toMillis(200 * 365);

  /** Stamps are below this; the year 4199. */
  static final long STAMP_MAX = 1L << 62;

  /** The greatest stamp of a restored override; as that of a change, it would be of 1970. */
  private static final long RESTORED_MAX = (1L << 46) - 1;

  private final Clock clock;
  private long last;

  HybridClock(Clock clock) {
    this.clock = clock;
  }

  /** Returns the stamp of a time of the wall clock, epoch ms. */
  static long stampOf(long wallMs) {
    return wallMs << COUNTER_BITS;
  }

  /**
   * Returns a stamp that is less than those of changes since 1970, and in the order of the times.
   *
   * @param wallMs epoch ms, not negative
   */
  static long restoredStampOf(long wallMs) {
    return Math.min(wallMs, RESTORED_MAX);
  }

  /** Returns whether a stamp is that of a restored override. */
  static boolean isRestored(long stamp) {
    return stamp <= RESTORED_MAX;
  }

  /**
   * Returns whether a stamp of another member is one: at most 200 years ahead of this clock, so
   * that a wall clock that has lost its date is no reason to refuse it, nor to be refused.
   */
  boolean isValid(long stamp) {
    return stamp >= 0 && stamp < STAMP_MAX && (stamp >>> COUNTER_BITS) - nowMs() < AHEAD_MAX_MS;
  }

  /** Returns the stamp of an earlier time of the wall clock, 0 if that is none. */
  long restored(long wallMs) {
    boolean isInRange = wallMs > 0 && wallMs < STAMP_MAX >>> COUNTER_BITS;
    return isInRange && isValid(stampOf(wallMs)) ? stampOf(wallMs) : 0;
  }

  /** Returns a stamp greater than all those returned or observed. */
  long next() {
    last = Math.max(last + 1, stampOf(clock.wallMs()));
    return last;
  }

  /** Returns the greatest stamp returned or observed. */
  long last() {
    return last;
  }

  /** Observes the stamp of another member. */
  void observe(long stamp) {
    last = Math.max(last, stamp);
  }

  /** Returns whether a stamp was made less than {@code ageMs} ago, by this clock. */
  boolean isYounger(long stamp, long ageMs) {
    return nowMs() - (stamp >>> COUNTER_BITS) < ageMs;
  }

  private long nowMs() {
    return Math.max(last >>> COUNTER_BITS, clock.wallMs());
  }
}
