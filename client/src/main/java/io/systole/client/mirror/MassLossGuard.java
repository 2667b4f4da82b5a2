// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * A guard against sudden mass loss in full registry responses. A registry that was restarted empty
 * or is partitioned responds like a healthy one, so a large loss is accepted only if it persists.
 * For one thread.
 */
final class MassLossGuard {
  private final double shareMax;
  private final int countMax;
  private final long acceptDelayNs;
  private final long gapMaxNs;
  private final Clock clock;

  private boolean isLossPending;
  private long firstNs;
  private long lastNs;

  /**
   * @param shareMax share of the known instances that a response may lack, 0..1; 1 accepts
   *     everything
   * @param countMax instances that a response may lack regardless of their share, but at most half
   *     of those known: in a small registry one instance exceeds any useful share, while a response
   *     that lacks most of it looks like an empty registry
   * @param acceptDelayMs how long such responses must persist before they are accepted
   * @param gapMaxMs longest gap between two such responses; after a longer one the delay restarts
   */
  MassLossGuard(double shareMax, int countMax, long acceptDelayMs, long gapMaxMs, Clock clock) {
    this.shareMax = shareMax;
    this.countMax = countMax;
    this.acceptDelayNs = TimeUnit.MILLISECONDS.toNanos(acceptDelayMs);
    this.gapMaxNs = TimeUnit.MILLISECONDS.toNanos(gapMaxMs);
    this.clock = clock;
  }

  /** Returns whether a response that lacks some of the known instances is accepted. */
  boolean isAccepted(int known, int lost) {
    if (lost <= Math.max(shareMax * known, Math.min(countMax, known / 2))) {
      isLossPending = false;
      return true;
    }
    long nowNs = clock.monotonicNs();
    // Two distant responses do not show that the loss persisted.
    if (!isLossPending || nowNs - lastNs > gapMaxNs) {
      isLossPending = true;
      firstNs = nowNs;
    }
    lastNs = nowNs;
    if (nowNs - firstNs < acceptDelayNs) {
      return false;
    }
    isLossPending = false;
    return true;
  }
}
