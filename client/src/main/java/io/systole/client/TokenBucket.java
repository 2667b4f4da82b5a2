// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** A rate limiter with bursts of at most a tenth of the rate per second. For one thread. */
final class TokenBucket {
  /*
   * Credit is counted in billionths of a token, and each nanosecond earns as many of them as the
   * rate has tokens per second: whole numbers, so no credit is lost by rounding. A full bucket
   * keeps earning up to the next token, which compensates for late calls.
   */
  private static final long TOKEN = 1_000_000_000L;
  private static final long FULL_NS = 2_000_000_000L;
  private static final int BURSTS_PER_SEC = 10;

  /** The result of {@link #readyNs} if a token is available. */
  static final long READY = Long.MAX_VALUE;

  /** 0 for no limit. */
  private final int perSec;

  private final long creditMax;
  private long credit;
  private long creditedNs;

  /** Creates a full bucket. */
  TokenBucket(int perSec, long nowNs) {
    this.perSec = perSec;
    this.credit = Math.max(1, perSec / BURSTS_PER_SEC) * TOKEN;
    this.creditMax = credit + TOKEN - 1;
    this.creditedNs = nowNs;
  }

  /** Returns whether a token is available. */
  boolean has(long nowNs) {
    return perSec == 0 || creditAt(nowNs) >= TOKEN;
  }

  /** Takes a token; only if {@link #has} has returned true. */
  void take(long nowNs) {
    if (perSec > 0) {
      credit = creditAt(nowNs) - TOKEN;
      creditedNs = nowNs;
    }
  }

  /** Returns the time at which the next token is available, monotonic, or {@link #READY}. */
  long readyNs(long nowNs) {
    return has(nowNs) ? READY : creditedNs + (TOKEN - credit + perSec - 1) / perSec;
  }

  private long creditAt(long nowNs) {
    // Long enough to fill any bucket, short enough not to overflow.
    long elapsedNs = Math.min(FULL_NS, nowNs - creditedNs);
    return Math.min(creditMax, credit + elapsedNs * perSec);
  }
}
