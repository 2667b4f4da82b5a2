// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * The last times during which an event loop was kept from its work, by a callback, a collection or
 * a stopped process. Timeouts do not count them: what was late then was not the server. For one
 * thread.
 */
final class LoopStalls {
  /** More of them within one timeout are a loop that does not work, whose timeouts may be early. */
  private static final int KEPT = 16;

  private final long[] endNs = new long[KEPT];
  private final long[] stalledNs = new long[KEPT];
  private int noted;

  /** Notes a stall that has just ended. */
  void note(long nowNs, long lastedNs) {
    endNs[noted % KEPT] = nowNs;
    stalledNs[noted % KEPT] = lastedNs;
    noted = noted + 1 == 2 * KEPT ? KEPT : noted + 1;
  }

  /** Returns for how long the loop has been stalled since this time. */
  long sinceNs(long fromNs) {
    long sumNs = 0;
    for (int stall = 0; stall < Math.min(noted, KEPT); stall++) {
      long inItNs = endNs[stall] - fromNs;
      if (inItNs > 0) {
        sumNs += Math.min(stalledNs[stall], inItNs);
      }
    }
    return sumNs;
  }
}
