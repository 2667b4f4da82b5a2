// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A round-robin scheduler of the streamed bodies of one event loop. Each task runs for a short
 * slice, and the loop polls its sockets between two rounds. No number of streamed bodies delays a
 * heartbeat by more than one round. Confined to the loop.
 */
final class FairScheduler {
  /** A task that runs in slices and doesn't throw. */
  interface ScheduledTask {
    /** Runs one bounded slice; returns the number of bytes moved. */
    int runSlice();
  }

  /** The number of bytes after which a round ends. */
  private static final int ROUND_BYTES = 256 * 1024;

  /** The least that a slice counts towards a round, even if it moves no bytes. */
  private static final int SLICE_BYTES_MIN = 4 * 1024;

  private final EventLoop loop;
  private final ArrayDeque<ScheduledTask> waiting = new ArrayDeque<>();
  private boolean isScheduled;

  FairScheduler(EventLoop loop) {
    this.loop = loop;
  }

  /** Schedules one slice of a task, after those already scheduled. */
  void schedule(ScheduledTask task) {
    waiting.add(task);
    if (!isScheduled) {
      scheduleRound();
    }
  }

  /**
   * Schedules a round as a timer rather than a task: a loop runs the tasks added by tasks for up to
   * a second before it polls its sockets again, but expired timers only once per iteration.
   */
  private void scheduleRound() {
    isScheduled = true;
    var unused = loop.schedule(this::runRound, 0, TimeUnit.NANOSECONDS);
  }

  private void runRound() {
    isScheduled = false;
    int moved = 0;
    while (moved < ROUND_BYTES && !waiting.isEmpty()) {
      moved += Math.max(SLICE_BYTES_MIN, waiting.remove().runSlice());
    }
    if (!waiting.isEmpty() && !isScheduled) {
      scheduleRound();
    }
  }
}
