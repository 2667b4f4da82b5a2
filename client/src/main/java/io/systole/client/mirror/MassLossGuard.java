// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Whether a full answer is believed that lacks much of what is held. A registry that was restarted
 * empty, or stands on the wrong side of a cut, answers as calmly as a healthy one; what it lacks is
 * only believed gone once that was so for a while. For one thread.
 */
final class MassLossGuard {
  private final double shareMax;
  private final int countMax;
  private final long holdNs;
  private final long gapMaxNs;
  private final Clock clock;

  private boolean isDoubting;
  private long firstNs;
  private long lastNs;

  /**
   * @param shareMax of the held instances that one answer may lack, 0..1; 1 believes all
   * @param countMax instances that one answer may lack whatever their share, but never more than
   *     half of those held: in a small registry one instance is more than any useful share, and an
   *     answer that lacks most of it looks like a registry restarted empty
   * @param holdMs how long such answers must go on before they are believed
   * @param gapMaxMs between two of them, to be going on; else doubt begins anew
   */
  MassLossGuard(double shareMax, int countMax, long holdMs, long gapMaxMs, Clock clock) {
    this.shareMax = shareMax;
    this.countMax = countMax;
    this.holdNs = TimeUnit.MILLISECONDS.toNanos(holdMs);
    this.gapMaxNs = TimeUnit.MILLISECONDS.toNanos(gapMaxMs);
    this.clock = clock;
  }

  /** Judges an answer, and remembers when doubt began. */
  boolean isBelieved(int held, int lost) {
    if (lost <= Math.max(shareMax * held, Math.min(countMax, held / 2))) {
      isDoubting = false;
      return true;
    }
    long nowNs = clock.monotonicNs();
    // An answer from long ago says nothing of the time between.
    if (!isDoubting || nowNs - lastNs > gapMaxNs) {
      isDoubting = true;
      firstNs = nowNs;
    }
    lastNs = nowNs;
    if (nowNs - firstNs < holdNs) {
      return false;
    }
    isDoubting = false;
    return true;
  }
}
