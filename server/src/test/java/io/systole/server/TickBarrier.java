// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.util.Arrays;

/**
 * A barrier that advances the node's clock at the pace of readers and writers: a tick ends when
 * every reader has begun and finished a fetch within it and every change in it has its response. No
 * reader can miss a change that is visible for two ticks, even on a slow thread. Thread-safe.
 */
final class TickBarrier {
  /** One change, from its request to its response. */
  interface Act {
    void run() throws IOException;
  }

  private static final int TIMES_PER_TICK = 2;

  private final ManualClock clock;
  private final long tickMs;
  private final int changesPerTick;
  private final long[] finished;
  private final int[] timesInTick;
  private long tick = 1;
  private int allowed;
  private int inFlight;
  private boolean isOver;

  /** @param changesPerTick maximum number of changes of all writers within a tick */
  TickBarrier(ManualClock clock, long tickMs, int changesPerTick, int readers) {
    this.clock = clock;
    this.tickMs = tickMs;
    this.changesPerTick = changesPerTick;
    this.finished = new long[readers];
    this.timesInTick = new int[readers];
    this.allowed = changesPerTick;
  }

  synchronized long tick() {
    return tick;
  }

  /**
   * Records that a reader has finished a fetch begun in this tick. Blocks a reader that has fetched
   * often enough in this tick.
   */
  synchronized void finished(int reader, long begunTick) throws InterruptedException {
    finished[reader] = begunTick;
    timesInTick[reader]++;
    turn();
    while (timesInTick[reader] >= TIMES_PER_TICK && !isOver) {
      wait();
    }
  }

  /** Makes a change as soon as the tick allows one; returns false after {@link #end}. */
  boolean change(Act act) throws IOException, InterruptedException {
    synchronized (this) {
      while (allowed == 0 && !isOver) {
        wait();
      }
      if (isOver) {
        return false;
      }
      allowed--;
      inFlight++;
    }
    try {
      act.run();
      return true;
    } finally {
      synchronized (this) {
        inFlight--;
        turn();
      }
    }
  }

  /** Stops the clock and releases all threads. */
  synchronized void end() {
    isOver = true;
    notifyAll();
  }

  private void turn() {
    boolean haveAllRead = Arrays.stream(finished).allMatch(last -> last >= tick);
    if (haveAllRead && inFlight == 0 && !isOver) {
      tick++;
      Arrays.fill(timesInTick, 0);
      clock.advanceMs(tickMs);
      allowed = changesPerTick;
      notifyAll();
    }
  }
}
