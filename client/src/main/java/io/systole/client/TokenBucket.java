// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/**
 * Lets no more than so many pass per second, and after a pause no more at once than a tenth of
 * that. For one thread.
 */
final class TokenBucket {
  /*
   * Credit is counted in billionths of a token, and every nanosecond earns as many of them as tokens
   * are earned per second: whole numbers, so nothing is lost by rounding however often it is asked.
   * A full bucket goes on earning up to the next token, for it may be asked a little late.
   */
  private static final long TOKEN = 1_000_000_000L;
  private static final long FULL_NS = 2_000_000_000L;
  private static final int BURSTS_PER_SEC = 10;

  /** What {@link #readyNs} returns when a token is there already. */
  static final long READY = Long.MAX_VALUE;

  /** 0 lets everything pass. */
  private final int perSec;

  private final long creditMax;
  private long credit;
  private long creditedNs;

  /** Makes a full bucket. */
  TokenBucket(int perSec, long nowNs) {
    this.perSec = perSec;
    this.credit = Math.max(1, perSec / BURSTS_PER_SEC) * TOKEN;
    this.creditMax = credit + TOKEN - 1;
    this.creditedNs = nowNs;
  }

  /** Says whether one may pass. */
  boolean has(long nowNs) {
    return perSec == 0 || creditAt(nowNs) >= TOKEN;
  }

  /** One passes, which {@link #has} has allowed. */
  void take(long nowNs) {
    if (perSec > 0) {
      credit = creditAt(nowNs) - TOKEN;
      creditedNs = nowNs;
    }
  }

  /** Returns when the next may pass, monotonic, or {@link #READY}. */
  long readyNs(long nowNs) {
    return has(nowNs) ? READY : creditedNs + (TOKEN - credit + perSec - 1) / perSec;
  }

  private long creditAt(long nowNs) {
    // In that time every bucket is full; much more could not be multiplied.
    long elapsedNs = Math.min(FULL_NS, nowNs - creditedNs);
    return Math.min(creditMax, credit + elapsedNs * perSec);
  }
}
