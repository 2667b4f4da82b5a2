// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.client.HeartbeatClient;
import io.systole.loadtest.record.Lateness;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the event loops, every few milliseconds, for a sign of life. A loop that is slow to give one
 * is as slow to read answers, also while nothing is due. For one thread.
 */
final class LoopProbe {
  private final HeartbeatClient client;
  private Lateness lateness = new Lateness();
  private CompletableFuture<Long> seenNs = CompletableFuture.completedFuture(0L);
  private long askedNs;
  private boolean isAsked;
  private long lagMaxNs;

  LoopProbe(HeartbeatClient client) {
    this.client = client;
  }

  /** Notes the last sign, if it has come, and asks for the next. */
  void turn(long nowNs) {
    if (!seenNs.isDone()) {
      // All that is known of the slowest loop yet.
      lagMaxNs = Math.max(lagMaxNs, nowNs - askedNs);
      return;
    }
    if (isAsked && !seenNs.isCompletedExceptionally()) {
      lateness.record(askedNs, seenNs.join());
      lagMaxNs = Math.max(lagMaxNs, seenNs.join() - askedNs);
    }
    isAsked = true;
    askedNs = nowNs;
    seenNs = client.state().thenApply(state -> System.nanoTime());
  }

  /** Returns the longest wait since the last call, ns. */
  long takeLagMaxNs() {
    long taken = lagMaxNs;
    lagMaxNs = 0;
    return taken;
  }

  /** Returns all lateness since the last call. */
  Lateness takeLateness() {
    Lateness taken = lateness;
    lateness = new Lateness();
    return taken;
  }
}
