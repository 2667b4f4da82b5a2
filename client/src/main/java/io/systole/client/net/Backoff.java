// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.SplittableRandom;

/**
 * How long to wait before the next attempt to connect: doubling from a least to a longest wait, the
 * upper half of it random, so that clients which lost a server together do not return together.
 */
public final class Backoff {
  private final long minMs;
  private final long maxMs;
  private final SplittableRandom random;
  private long nextMs;

  public Backoff(long minMs, long maxMs, SplittableRandom random) {
    this.minMs = minMs;
    this.maxMs = maxMs;
    this.random = random;
    this.nextMs = minMs;
  }

  /** Returns the next wait, from half to the whole of the current step. */
  public long nextMs() {
    long wholeMs = nextMs;
    nextMs = Math.min(maxMs, 2 * nextMs);
    return wholeMs - random.nextLong(wholeMs / 2 + 1);
  }

  /** The server has answered: the next loss is a new one. */
  public void reset() {
    nextMs = minMs;
  }
}
