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

  /** Limits {@link #taskCount}, to which the tasks of the loop are added. */
  private static final int TASKS_MAX = Integer.MAX_VALUE / 2;

  /** The weight of a slice relative to the next one in the estimated time of a request. */
  private static final double EARLIER_WEIGHT = 0.75;

  private final EventLoop loop;
  private final Clock clock;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean isScheduled;

  /**
   * The weighted time of the requests handled last, and their weighted number. A slice has one long
   * request or a hundred short ones, so an average of the slices' averages would be too long.
   */
  private double handledNs = AdmissionControl.TASK_NS;

  private double handledCount = 1;

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
    double tasksPerRequest =
        Math.max(1, handledNs / handledCount / (double) AdmissionControl.TASK_NS);
    return (int) Math.min(TASKS_MAX, count() * tasksPerRequest);
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
      handledNs = EARLIER_WEIGHT * handledNs + tookNs;
      handledCount = EARLIER_WEIGHT * handledCount + handled;
    } finally {
      schedule();
    }
  }
}
