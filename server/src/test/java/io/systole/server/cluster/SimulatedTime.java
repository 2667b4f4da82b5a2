// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.time.Clock;
import io.systole.server.time.ManualClock;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** The time of a simulation, with the events that are due later. Confined to one thread. */
final class SimulatedTime {
  private record Event(long atMs, long number, Runnable action) {}

  private final ManualClock clock = new ManualClock();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::number));
  private long nowMs;
  private long eventsAdded;
  private long eventsRun;

  /** Returns the time since the start. */
  long nowMs() {
    return nowMs;
  }

  /** Returns the monotonic time of all clocks. */
  long nowNs() {
    return clock.monotonicNs();
  }

  /** Returns the wall clock without any offset, epoch ms. */
  long wallMs() {
    return clock.wallMs();
  }

  /** Returns the number of events so far. */
  long eventsRun() {
    return eventsRun;
  }

  /** Runs an action at a time; those of the same time run in the order of these calls. */
  void at(long atMs, Runnable action) {
    events.add(new Event(Math.max(atMs, nowMs), eventsAdded++, action));
  }

  void after(long delayMs, Runnable action) {
    at(nowMs + delayMs, action);
  }

  /** Advances the time and runs the events that are due by then, each at its own time. */
  void advance(long passedMs) {
    long endMs = nowMs + passedMs;
    for (Event next = events.peek(); next != null && next.atMs <= endMs; next = events.peek()) {
      events.remove();
      moveTo(next.atMs);
      eventsRun++;
      next.action.run();
    }
    moveTo(endMs);
  }

  private void moveTo(long atMs) {
    if (atMs > nowMs) {
      clock.advanceMs(atMs - nowMs);
      nowMs = atMs;
    }
  }

  /** A clock whose wall time differs from the others'. */
  final class SkewedClock implements Clock {
    private long offsetMs;

    SkewedClock(long offsetMs) {
      this.offsetMs = offsetMs;
    }

    /** Steps the wall clock. */
    void stepTo(long nextOffsetMs) {
      offsetMs = nextOffsetMs;
    }

    @Override
    public long wallMs() {
      return clock.wallMs() + offsetMs;
    }

    @Override
    public long monotonicNs() {
      return clock.monotonicNs();
    }
  }

  /** Returns a duration in ms, rounded up and at least 1. */
  static long roundUpMs(long durationNs) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(durationNs + 999_999));
  }
}
