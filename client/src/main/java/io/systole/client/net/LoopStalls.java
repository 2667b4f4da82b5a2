// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/**
 * The recent stalls of an event loop, caused by callbacks, garbage collection or a suspended
 * process. Response timeouts exclude them, since the loop could not read meanwhile. For one thread.
 */
final class LoopStalls {
  /**
   * With more stalls within one timeout the loop is overloaded, and early timeouts are acceptable.
   */
  private static final int CAPACITY = 16;

  private final long[] endNs = new long[CAPACITY];
  private final long[] stalledNs = new long[CAPACITY];
  private int recorded;

  /** Records a stall that has just ended. */
  void record(long nowNs, long durationNs) {
    endNs[recorded % CAPACITY] = nowNs;
    stalledNs[recorded % CAPACITY] = durationNs;
    recorded = recorded + 1 == 2 * CAPACITY ? CAPACITY : recorded + 1;
  }

  /** Returns the total stall time since the given time. */
  long sinceNs(long fromNs) {
    long sumNs = 0;
    for (int stall = 0; stall < Math.min(recorded, CAPACITY); stall++) {
      long overlapNs = endNs[stall] - fromNs;
      if (overlapNs > 0) {
        sumNs += Math.min(stalledNs[stall], overlapNs);
      }
    }
    return sumNs;
  }
}
