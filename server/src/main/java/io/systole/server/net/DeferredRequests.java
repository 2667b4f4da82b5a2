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

  /** The estimate is a moving average; the last slice has a weight of 1/4, here as a shift. */
  private static final int ESTIMATE_SHIFT = 2;

  private final EventLoop loop;
  private final Clock clock;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean isScheduled;

  /** The estimated time of a request, by those handled last. */
  private long requestNs = AdmissionControl.TASK_NS;

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

  /**
   * Returns the number of tasks of {@link AdmissionControl#TASK_NS} that take as long as the
   * waiting requests will: a frame of renewals takes as long as many registrations.
   */
  int taskCount() {
    return (int) Math.min(Integer.MAX_VALUE / 2, count() * requestNs / AdmissionControl.TASK_NS);
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
    long tookNs = 0;
    int handled = 0;
    try {
      while (!waiting.isEmpty() && tookNs < SLICE_NS) {
        waiting.remove().run();
        handled++;
        tookNs = clock.monotonicNs() - beganNs;
      }
      estimate(tookNs / Math.max(1, handled));
    } finally {
      schedule();
    }
  }

  private void estimate(long averageNs) {
    requestNs += (averageNs - requestNs) >> ESTIMATE_SHIFT;
    requestNs = Math.max(AdmissionControl.TASK_NS, requestNs);
  }
}
