// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.loadtest.stats.GeneratorLag;
import java.util.concurrent.CompletableFuture;

/**
 * A periodic request to the event loops for their state. A loop that is slow to respond is equally
 * slow to read responses, even while nothing is due. Not thread-safe.
 */
final class EventLoopLagProbe {
  /*
   * After each event, a loop leaves no heartbeat waiting if one of its connections can send it. So
   * a heartbeat that waits while a connection is open waits for the in-flight limit; one that waits
   * while none is open waits for the target.
   */
  /**
   * The measurements since the last read.
   *
   * @param lag of the loops' responses
   * @param fullNs time in which heartbeats waited for the in-flight limit
   */
  record Result(GeneratorLag lag, long fullNs) {}

  /** The combined state of all loops. */
  private record LoopState(long atNs, boolean isFull) {
    static LoopState of(ClientState state) {
      return new LoopState(
          System.nanoTime(), state.beatsWaiting() > 0 && state.connectionsOpen() > 0);
    }
  }

  private final HeartbeatClient client;
  private GeneratorLag lag = new GeneratorLag();
  private CompletableFuture<LoopState> pending = new CompletableFuture<>();
  private long lastStateNs;
  private long fullNs;
  private long requestedNs;
  private boolean isPending;
  private long lagMaxNs;

  EventLoopLagProbe(HeartbeatClient client, long nowNs) {
    this.client = client;
    this.lastStateNs = nowNs;
  }

  /** Records the last state if it has arrived, and requests the next. */
  void poll(long nowNs) {
    if (isPending && !pending.isDone()) {
      // The slowest loop has not responded yet; its lag is at least this.
      lagMaxNs = Math.max(lagMaxNs, nowNs - requestedNs);
      return;
    }
    if (isPending && !pending.isCompletedExceptionally()) {
      record(pending.join());
    }
    isPending = true;
    requestedNs = nowNs;
    pending = client.state().thenApply(LoopState::of);
  }

  private void record(LoopState state) {
    lag.record(requestedNs, state.atNs);
    lagMaxNs = Math.max(lagMaxNs, state.atNs - requestedNs);
    fullNs += state.isFull ? Math.max(0, state.atNs - lastStateNs) : 0;
    lastStateNs = Math.max(lastStateNs, state.atNs);
  }

  /** Returns the maximum lag since the last call, ns. */
  long takeLagMaxNs() {
    long taken = lagMaxNs;
    lagMaxNs = 0;
    return taken;
  }

  /** Returns the measurements since the last call. */
  Result take(long nowNs) {
    Result taken = new Result(lag, fullNs);
    lag = new GeneratorLag();
    fullNs = 0;
    lastStateNs = nowNs;
    return taken;
  }
}
