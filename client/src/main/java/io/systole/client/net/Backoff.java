// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.SplittableRandom;

/**
 * An exponential backoff: delays double from a minimum to a maximum, and the upper half of each is
 * random, so that clients which lost a server together do not reconnect together.
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

  /** Returns the next delay, from half to the whole of the current step. */
  public long nextMs() {
    long stepMs = nextMs;
    nextMs = Math.min(maxMs, 2 * nextMs);
    return stepMs - random.nextLong(stepMs / 2 + 1);
  }

  /** Restarts at the minimum. */
  public void reset() {
    nextMs = minMs;
  }
}
