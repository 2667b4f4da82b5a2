// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.loadtest.stats.GeneratorLag;
import java.util.concurrent.CompletableFuture;

/**
 * A periodic request to the event loops for their state. A loop that is slow to give it is as slow
 * to read answers, also while nothing is due. For one thread.
 */
final class EventLoopLagProbe {
  /*
   * After every event of a loop no beat waits while one of its connections may carry it. So a beat
   * that waits while a connection is open waits for a place in flight. One that waits while none is
   * waits for the target.
   */
  /**
   * The findings of some time.
   *
   * @param lag of the answers of the loops
   * @param fullNs for how long beats waited for a place in flight
   */
  record Probed(GeneratorLag lag, long fullNs) {}

  /** One answer of all loops. */
  private record Sign(long atNs, boolean isFull) {
    static Sign of(ClientState state) {
      return new Sign(System.nanoTime(), state.beatsWaiting() > 0 && state.connectionsOpen() > 0);
    }
  }

  private final HeartbeatClient client;
  private GeneratorLag lag = new GeneratorLag();
  private CompletableFuture<Sign> sign = new CompletableFuture<>();
  private long lastSignNs;
  private long fullNs;
  private long requestedNs;
  private boolean isRequested;
  private long lagMaxNs;

  EventLoopLagProbe(HeartbeatClient client, long nowNs) {
    this.client = client;
    this.lastSignNs = nowNs;
  }

  /** Records the last state, if it has come, and requests the next. */
  void turn(long nowNs) {
    if (isRequested && !sign.isDone()) {
      // All that is known of the slowest loop yet.
      lagMaxNs = Math.max(lagMaxNs, nowNs - requestedNs);
      return;
    }
    if (isRequested && !sign.isCompletedExceptionally()) {
      record(sign.join());
    }
    isRequested = true;
    requestedNs = nowNs;
    sign = client.state().thenApply(Sign::of);
  }

  private void record(Sign seen) {
    lag.record(requestedNs, seen.atNs);
    lagMaxNs = Math.max(lagMaxNs, seen.atNs - requestedNs);
    fullNs += seen.isFull ? Math.max(0, seen.atNs - lastSignNs) : 0;
    lastSignNs = Math.max(lastSignNs, seen.atNs);
  }

  /** Returns the longest wait since the last call, ns. */
  long takeLagMaxNs() {
    long taken = lagMaxNs;
    lagMaxNs = 0;
    return taken;
  }

  /** Returns the findings since the last call. */
  Probed take(long nowNs) {
    Probed taken = new Probed(lag, fullNs);
    lag = new GeneratorLag();
    fullNs = 0;
    lastSignNs = nowNs;
    return taken;
  }
}
