// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.concurrent.atomic.AtomicLongArray;

/** Samples the intervals between renewals, one in 64, in a buffer of fixed size. */
final class RenewalIntervalSampler {
  /*
   * Event loops write, the evictor's timer drains. Each slot has a cell, which it shares with others;
   * a sample replaces the previous one of its cell, or is lost if it races with the drain. That
   * bounds memory and time at any rate, and no counter is shared between loops. A cell is one word,
   *
   *     slot << 36 | gap in 2^20 ns, 1 at least       0: nothing
   *
   * written in opaque mode: a sample publishes no other data. Slot and time together select the
   * sampled renewals, so that every lease is sampled eventually, and the requests of one read
   * cycle, which share their time, are neither all sampled nor all skipped. The timer wheel cannot
   * sample instead: it has the age of the last renewal, not the interval before it.
   *
   * A slot that is reused between renewal and drain attributes one sample to the wrong lease.
   */

  /** Eight times the samples per second of a million leases renewed every 30 s. */
  static final int CELLS = 4096;

  private static final int RATE_MASK = 63;
  private static final int GAP_SHIFT = 20;
  private static final int GAP_BITS = 36;
  private static final long GAP_MAX = (1L << GAP_BITS) - 1;

  /** Receives the samples. */
  interface SampleConsumer {
    /** Receives one sample; the gap since the previous renewal is a multiple of 2^20 ns. */
    void accept(int slot, long gapNs);
  }

  private final AtomicLongArray cells = new AtomicLongArray(CELLS);

  /** Returns whether a renewal of this slot at this time is sampled. */
  static boolean isDue(int slot, long nowNs) {
    return ((slot ^ (nowNs >> GAP_SHIFT)) & RATE_MASK) == 0;
  }

  void add(int slot, long gapNs) {
    long gap = Math.max(1, Math.min(gapNs >> GAP_SHIFT, GAP_MAX));
    cells.setOpaque((slot / (RATE_MASK + 1)) & (CELLS - 1), (long) slot << GAP_BITS | gap);
  }

  /** Delivers the samples and clears the cells. */
  void drain(SampleConsumer callback) {
    for (int i = 0; i < CELLS; i++) {
      long sample = cells.getOpaque(i);
      if (sample != 0 && cells.compareAndSet(i, sample, 0)) {
        callback.accept((int) (sample >>> GAP_BITS), (sample & GAP_MAX) << GAP_SHIFT);
      }
    }
  }
}
