// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Shares an event loop among the long bodies of its connections: each takes a short turn, and
 * between two rounds of turns the loop sees to its sockets, so that no body, and no number of them,
 * holds up a heartbeat for longer than one round. Used on the loop alone.
 */
final class FairScheduler {
  /** A piece of work that doesn't throw. */
  interface ScheduledTask {
    /** Does a bounded part of it; returns the bytes that were moved. */
    int take();
  }

  /** A round ends when so many bytes were moved. */
  private static final int ROUND_BYTES = 256 * 1024;

  /** What a turn counts for at least: it costs something though it moves nothing. */
  private static final int TURN_BYTES_MIN = 4 * 1024;

  private final EventLoop loop;
  private final ArrayDeque<ScheduledTask> waiting = new ArrayDeque<>();
  private boolean isScheduled;

  FairScheduler(EventLoop loop) {
    this.loop = loop;
  }

  /** Has the work take a turn, behind those that wait already. */
  void add(ScheduledTask turn) {
    waiting.add(turn);
    if (!isScheduled) {
      schedule();
    }
  }

  /**
   * By the timer and not as a task: a loop runs the tasks that tasks add for up to a second before
   * it looks at its sockets again, but timers only once each time around.
   */
  private void schedule() {
    isScheduled = true;
    var unused = loop.schedule(this::round, 0, TimeUnit.NANOSECONDS);
  }

  private void round() {
    isScheduled = false;
    int moved = 0;
    while (moved < ROUND_BYTES && !waiting.isEmpty()) {
      moved += Math.max(TURN_BYTES_MIN, waiting.remove().take());
    }
    if (!waiting.isEmpty() && !isScheduled) {
      schedule();
    }
  }
}
