// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.systole.protocol.time.Clock;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * The requests that wait for their turn on one event loop. The loop polls its sockets between two
 * slices of them, so that no number of registrations delays a heartbeat by more than a slice.
 * Confined to the loop.
 */
final class DeferredRequests {
  /** The time that requests other than heartbeats may take between two polls of the sockets. */
  static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /**
   * The maximum number of waiting requests: more than may wait without being refused for overload.
   */
  static final int COUNT_MAX = 32_768;

  private final EventLoop loop;
  private final Clock clock;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean isScheduled;

  DeferredRequests(EventLoop loop, Clock clock) {
    this.loop = loop;
    this.clock = clock;
  }

  /** Adds a request after those waiting; returns false if there are too many. */
  boolean offer(Runnable request) {
    if (waiting.size() == COUNT_MAX) {
      return false;
    }
    waiting.add(request);
    schedule();
    return true;
  }

  int count() {
    return waiting.size();
  }

  /** Schedules a slice as a timer, for the reason given in {@link FairScheduler}. */
  private void schedule() {
    if (!isScheduled && !waiting.isEmpty()) {
      isScheduled = true;
      var unused = loop.schedule(this::runSlice, 0, TimeUnit.NANOSECONDS);
    }
  }

  private void runSlice() {
    isScheduled = false;
    long beganNs = clock.monotonicNs();
    try {
      while (!waiting.isEmpty() && clock.monotonicNs() - beganNs < SLICE_NS) {
        waiting.remove().run();
      }
    } finally {
      schedule();
    }
  }
}
