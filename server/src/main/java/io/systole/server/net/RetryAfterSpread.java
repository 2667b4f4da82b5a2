// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.random.RandomGenerator;

/**
 * The {@code Retry-After} values of one event loop's 503 responses: uniform over a range that grows
 * with the number of recent refusals, so that refused clients don't all return at once.
 */
final class RetryAfterSpread {
  /*
   * Used on one event loop. `recent` counts the refusals of this second and a share of earlier ones:
   * it is halved every second, so it settles at twice the refusals per second.
   */

  /** The least range: even a few clients must not return together. */
  static final int SPREAD_SECS_MIN = 4;

  /** The largest value: about the renewal interval of a client, which returns by then anyway. */
  static final int SECS_MAX = 30;

  /** Recent refusals for each further second of the range. */
  static final int REFUSALS_PER_SEC = 16;

  private final RandomGenerator random;
  private long recent;

  RetryAfterSpread(RandomGenerator random) {
    this.random = random;
  }

  /** Counts a refusal and returns its value in seconds, 1..{@link #SECS_MAX}. */
  int next() {
    long spread = SPREAD_SECS_MIN + recent / REFUSALS_PER_SEC;
    recent++;
    return 1 + random.nextInt((int) Math.min(spread, SECS_MAX));
  }

  /** Notes that seconds have passed. */
  void secondsPassed(long seconds) {
    recent = seconds < Long.SIZE ? recent >> seconds : 0;
  }
}
