// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timers of a node, and its thread for metrics: one thread each. Thread-safe. */
final class NodeThreads {
  private static final Logger LOG = LoggerFactory.getLogger(NodeThreads.class);

  private final ScheduledExecutorService timer;

  /** Separate from the timer, whose evictions take long in a large registry. */
  private final ScheduledExecutorService events;

  /** Separate from the events: reading all leases for a new stream must not look like a stall. */
  private final ScheduledExecutorService pages;

  /** Separate from everything driven by clients: metrics must be available under overload. */
  private final ExecutorService scrapes =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-metrics", true));

  NodeThreads() {
    this(NodeThreads::newTimer);
  }

  /** @param newTimer creates a timer whose thread has a name */
  NodeThreads(Function<String, ScheduledExecutorService> newTimer) {
    this.timer = newTimer.apply("systole-timer");
    this.events = newTimer.apply("systole-events");
    this.pages = newTimer.apply("systole-page");
  }

  private static ScheduledExecutorService newTimer(String name) {
    return Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory(name, true));
  }

  /** The thread of event streams and long polls. */
  ScheduledExecutorService events() {
    return events;
  }

  /** The thread of the page's streams. */
  ScheduledExecutorService pages() {
    return pages;
  }

  /** The thread of metrics. */
  ExecutorService scrapes() {
    return scrapes;
  }

  /**
   * Repeats tasks on the timer one after the other, {@code intervalMs} after the end of the last,
   * also after failures. They share a wake-up of the thread.
   */
  void repeat(long intervalMs, Runnable... tasks) {
    repeat(timer, intervalMs, tasks);
  }

  /** Repeats a task on the thread of the events, as {@link #repeat} does. */
  void repeatWithEvents(long intervalMs, Runnable task) {
    repeat(events, intervalMs, task);
  }

  /** Repeats a task on the timer at a fixed rate, whatever its duration, also after failures. */
  void repeatAtFixedRate(long intervalMs, Runnable task) {
    var unused = timer.scheduleAtFixedRate(
        () -> runGuarded(task), intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /** Catches failures, which would silently cancel the task. */
  private static void repeat(
      ScheduledExecutorService executor, long intervalMs, Runnable... tasks) {
    Runnable guarded = () -> {
      for (Runnable task : tasks) {
        runGuarded(task);
      }
    };
    var unused =
        executor.scheduleWithFixedDelay(guarded, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  private static void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      LOG.error("timer task failed", failure);
    }
  }

  /** Stops the timers. */
  void stopTimers() {
    timer.shutdownNow();
    events.shutdownNow();
    pages.shutdownNow();
  }

  /** Stops the thread of metrics. */
  void stopScrapes() {
    scrapes.shutdownNow();
  }
}
