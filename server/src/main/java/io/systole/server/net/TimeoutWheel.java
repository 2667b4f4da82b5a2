// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * A hashed timer wheel of the connections of one event loop, by the time of their next timeout
 * check. The cost of a tick depends on the number of due checks, not on that of open connections.
 * Confined to the loop.
 */
final class TimeoutWheel {
  /*
   *     scheduled in a bucket --tick reached--> due --checked--> scheduled again, or removed
   *
   * Activity on a connection postpones its deadlines without touching the wheel: a check that runs
   * too early does nothing and is scheduled again. Only a deadline before the scheduled check needs
   * a call, of `advance`.
   *
   * A deadline beyond the span of the wheel is placed in the farthest bucket. The bucket of the
   * current tick is emptied at every poll, so a deadline within it is found by the next poll.
   */

  /** A repeated check that determines the time of its next run. */
  interface Task {
    /** Runs the check and returns the time of the next, monotonic ns. */
    long check(long nowNs);
  }

  /** The head or a member of a circular doubly linked list of timeouts. */
  private static class Link {
    private Link previous = this;
    private Link next = this;

    final boolean isLinked() {
      return next != this;
    }

    final void unlink() {
      previous.next = next;
      next.previous = previous;
      previous = this;
      next = this;
    }

    /** Inserts the other before this link: at the end of the list, if this is its head. */
    final void append(Link other) {
      other.previous = previous;
      other.next = this;
      previous.next = other;
      previous = other;
    }

    /** Moves the members of the other list to the end of this one. */
    final void appendAll(Link head) {
      if (head.isLinked()) {
        head.next.previous = previous;
        previous.next = head.next;
        head.previous.next = this;
        previous = head.previous;
        head.previous = head;
        head.next = head;
      }
    }
  }

  /** The entry of one task in the wheel. */
  static final class WheelTimeout extends Link {
    private final TimeoutWheel wheel;
    private final Task task;
    private long tick;

    private WheelTimeout(TimeoutWheel wheel, Task task) {
      this.wheel = wheel;
      this.task = task;
    }

    /** Brings the check forward to this time if it is scheduled later and was not removed. */
    void rescheduleEarlier(long deadlineNs) {
      if (isLinked() && wheel.tickOf(deadlineNs) < tick) {
        unlink();
        wheel.schedule(this, deadlineNs);
        wheel.onScheduled.accept(deadlineNs);
      }
    }
  }

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(100);

  /** A power of two; with the tick, the wheel spans 51 s. */
  private static final int BUCKETS = 512;

  private final long startNs;
  private final LongConsumer onScheduled;
  private final Link[] buckets = new Link[BUCKETS];
  private final Link due = new Link();
  private long currentTick;
  private int size;

  /**
   * Creates an empty wheel.
   *
   * @param onScheduled receives the deadline of each check, monotonic ns, that is added or brought
   *     forward
   */
  TimeoutWheel(long nowNs, LongConsumer onScheduled) {
    this.startNs = nowNs;
    this.onScheduled = onScheduled;
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] = new Link();
    }
  }

  /** Returns a timeout that is not scheduled yet. */
  WheelTimeout timeout(Task task) {
    return new WheelTimeout(this, task);
  }

  /** Schedules the first check of a timeout. */
  void add(WheelTimeout timeout, long deadlineNs) {
    size++;
    schedule(timeout, deadlineNs);
    onScheduled.accept(deadlineNs);
  }

  /** Schedules no further check; does nothing for a timeout that was removed before. */
  void remove(WheelTimeout timeout) {
    if (timeout.isLinked()) {
      size--;
      timeout.unlink();
    }
  }

  private long tickOf(long ns) {
    return Math.floorDiv(ns - startNs, TICK_NS);
  }

  private void schedule(WheelTimeout timeout, long deadlineNs) {
    long soonest = Math.max(currentTick, tickOf(deadlineNs));
    timeout.tick = Math.min(soonest, currentTick + BUCKETS - 1);
    bucketOf(timeout.tick).append(timeout);
  }

  private Link bucketOf(long tick) {
    return buckets[(int) (tick & (BUCKETS - 1))];
  }

  /** Returns whether a check is scheduled before a time, or within the same tick. */
  boolean hasCheckBefore(long ns) {
    long last = Math.min(tickOf(ns), currentTick + BUCKETS - 1);
    for (long tick = currentTick; tick <= last; tick++) {
      if (bucketOf(tick).isLinked()) {
        return true;
      }
    }
    return due.isLinked();
  }

  /** Marks all checks due whose time has come; {@link #runDue} runs them. */
  void poll(long nowNs) {
    long tick = Math.max(currentTick, tickOf(nowNs));
    long first = Math.max(currentTick, tick - BUCKETS + 1);
    for (long passed = first; passed <= tick; passed++) {
      due.appendAll(bucketOf(passed));
    }
    currentTick = tick;
  }

  /** Marks every check due, regardless of its time. */
  void pollAll() {
    for (Link bucket : buckets) {
      due.appendAll(bucket);
    }
  }

  /**
   * Runs checks that are due.
   *
   * @param max maximum number of checks to run
   * @return whether due checks remain
   */
  boolean runDue(long nowNs, int max) {
    for (int i = 0; i < max && due.isLinked(); i++) {
      WheelTimeout timeout = timeoutOf(due.next);
      // Linked at the end during the check, which may remove it.
      timeout.unlink();
      due.append(timeout);
      long nextNs = timeout.task.check(nowNs);
      if (timeout.isLinked()) {
        timeout.unlink();
        schedule(timeout, nextNs);
      }
    }
    return due.isLinked();
  }

  /** Returns the tasks that are scheduled or due, in no particular order. */
  List<Task> tasks() {
    List<Task> tasks = new ArrayList<>(size);
    addTasks(due, tasks);
    for (Link bucket : buckets) {
      addTasks(bucket, tasks);
    }
    return tasks;
  }

  private void addTasks(Link head, List<Task> tasks) {
    for (Link at = head.next; at != head; at = at.next) {
      tasks.add(timeoutOf(at).task);
    }
  }

  /** Casts a member of a list; only the list heads are not timeouts. */
  private WheelTimeout timeoutOf(Link member) {
    return (WheelTimeout) member;
  }
}
