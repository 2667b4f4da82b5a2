// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.SplittableRandom;

/**
 * The times between requests for the members of a native cluster, random so that the requests of
 * many clients are spread.
 *
 * @param intervalMs after a list; 1 or more
 */
public record MemberSchedule(int intervalMs) {
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS_FIRST = 500;

  private static final int FIRST_DIVISOR = 6;
  private static final int RANDOM_DIVISOR = 4;

  /** By default ten minutes: a server rarely becomes a member of a cluster while it runs. */
  private static final int ABSENT_FACTOR = 20;

  /** Returns the delay after a server was taken into use, ms: up to a sixth of the interval. */
  public long firstMs(SplittableRandom random) {
    return random.nextLong(intervalMs / FIRST_DIVISOR + 1);
  }

  /** Returns the delay to the next request, ms: the interval, less up to a quarter. */
  public long nextMs(SplittableRandom random) {
    return intervalMs - random.nextLong(intervalMs / RANDOM_DIVISOR + 1);
  }

  /** Returns whether a server that sent this status instead of a list may have one soon. */
  public static boolean isTemporary(int status) {
    return status == TOO_MANY_REQUESTS || status >= SERVER_ERRORS_FIRST;
  }

  /** Returns the delay to the next request to a server that has no list, ms. */
  public long absentMs() {
    return (long) ABSENT_FACTOR * intervalMs;
  }
}
