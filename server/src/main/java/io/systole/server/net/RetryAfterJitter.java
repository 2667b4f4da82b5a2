// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.random.RandomGenerator;

/**
 * A generator of {@code Retry-After} values for the 503 responses of one event loop: uniform over a
 * range that grows with the number of recent refusals, to spread the retries of refused clients.
 */
final class RetryAfterJitter {
  /*
   * Confined to one event loop. `recent` is a decaying count of refusals: it is halved every second,
   * so at a steady rate it oscillates between one and two times the refusals per second.
   */

  /** The smallest range; even a few clients must not retry together. */
  static final int RANGE_SECS_MIN = 4;

  /** The largest value: the usual renewal interval, at which a client returns anyway. */
  static final int SECS_MAX = 30;

  /** Recent refusals for each further second of the range. */
  static final int REFUSALS_PER_RANGE_SEC = 16;

  private final RandomGenerator random;
  private long recent;

  RetryAfterJitter(RandomGenerator random) {
    this.random = random;
  }

  /** Counts a refusal and returns its value in seconds, 1..{@link #SECS_MAX}. */
  int next() {
    long rangeSecs = RANGE_SECS_MIN + recent / REFUSALS_PER_RANGE_SEC;
    recent++;
    return 1 + random.nextInt((int) Math.min(rangeSecs, SECS_MAX));
  }

  /** Decays the count of recent refusals by the seconds passed. */
  void secondsPassed(long seconds) {
    recent = seconds < Long.SIZE ? recent >> seconds : 0;
  }
}
