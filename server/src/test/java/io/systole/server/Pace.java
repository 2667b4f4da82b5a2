// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.util.Arrays;

/**
 * Lets the node's time pass as fast as readers read and writers write: a tick ends when every
 * reader has begun and finished a fetch within it, and every change of it was answered. So no
 * reader ever misses what is told for two ticks, however slow its thread is. Any thread may call.
 */
final class Pace {
  /** One change, from its request to its answer. */
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
  private int underWay;
  private boolean isOver;

  /** @param changesPerTick made at most within a tick, whoever makes them */
  Pace(ManualClock clock, long tickMs, int changesPerTick, int readers) {
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
   * A reader has finished what it began in this tick. Waits when it has read often enough, so that
   * quick ones don't read the same again and again.
   */
  synchronized void finished(int reader, long begunTick) throws InterruptedException {
    finished[reader] = begunTick;
    timesInTick[reader]++;
    turn();
    while (timesInTick[reader] >= TIMES_PER_TICK && !isOver) {
      wait();
    }
  }

  /** Makes a change as soon as one is due; false when it is over. */
  boolean change(Act act) throws IOException, InterruptedException {
    synchronized (this) {
      while (allowed == 0 && !isOver) {
        wait();
      }
      if (isOver) {
        return false;
      }
      allowed--;
      underWay++;
    }
    try {
      act.run();
      return true;
    } finally {
      synchronized (this) {
        underWay--;
        turn();
      }
    }
  }

  /** Stops the time and has all changes end. */
  synchronized void end() {
    isOver = true;
    notifyAll();
  }

  private void turn() {
    boolean haveAllRead = Arrays.stream(finished).allMatch(last -> last >= tick);
    if (haveAllRead && underWay == 0 && !isOver) {
      tick++;
      Arrays.fill(timesInTick, 0);
      clock.advanceMs(tickMs);
      allowed = changesPerTick;
      notifyAll();
    }
  }
}
