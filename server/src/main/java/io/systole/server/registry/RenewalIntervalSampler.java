// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.concurrent.atomic.AtomicLongArray;

/** How long after the one before some renewals came: one in 64, as far as there is room. */
final class RenewalIntervalSampler {
  /*
   * Event loops write, the evictor's timer takes. Each slot has a cell, which it shares with others:
   * a sample that meets another one replaces it, one that is half-way taken is lost. That bounds memory
   * and time whatever the rate, and no counter is shared between loops. A cell is one word,
   *
   *     slot << 36 | gap in 2^20 ns, 1 at least       0: nothing
   *
   * written in opaque mode: a sample stands for itself alone. Which renewals are taken is decided by
   * slot and time together, so that every lease gets its turn, and the requests of one read cycle,
   * which share their time, are not all taken or all left. The expiry wheel reads each word too, but
   * only now and then: it would see how long ago a renewal was, not how long it had been awaited.
   *
   * A slot that changes hands between renewal and taking puts one sample to the wrong account.
   */

  /** Cells: what a second of a million leases renewed every 30 s brings, eight times over. */
  static final int CELLS = 4096;

  private static final int RATE_MASK = 63;
  private static final int GAP_SHIFT = 20;
  private static final int GAP_BITS = 36;
  private static final long GAP_MAX = (1L << GAP_BITS) - 1;

  /** Gets the samples. */
  interface SampleConsumer {
    /** One of them; the gap is from the renewal before to this one, in steps of 2^20 ns. */
    void accept(int slot, long gapNs);
  }

  private final AtomicLongArray cells = new AtomicLongArray(CELLS);

  /** Whether a renewal of this slot at this time is one of those that are taken. */
  static boolean isDue(int slot, long nowNs) {
    return ((slot ^ (nowNs >> GAP_SHIFT)) & RATE_MASK) == 0;
  }

  void add(int slot, long gapNs) {
    long gap = Math.max(1, Math.min(gapNs >> GAP_SHIFT, GAP_MAX));
    cells.setOpaque((slot / (RATE_MASK + 1)) & (CELLS - 1), (long) slot << GAP_BITS | gap);
  }

  /** Empties the cells. */
  void drain(SampleConsumer callback) {
    for (int i = 0; i < CELLS; i++) {
      long sample = cells.getOpaque(i);
      if (sample != 0 && cells.compareAndSet(i, sample, 0)) {
        callback.accept((int) (sample >>> GAP_BITS), (sample & GAP_MAX) << GAP_SHIFT);
      }
    }
  }
}
