// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timers of a node, and its thread for metrics: one thread each. Thread-safe. */
final class NodeThreads {
  private static final Logger LOG = LoggerFactory.getLogger(NodeThreads.class);

  private final ScheduledExecutorService timer = newTimer("systole-timer");

  /** Separate from the timer, whose evictions take long in a large registry. */
  private final ScheduledExecutorService events = newTimer("systole-events");

  /** Separate from the events: reading all leases for a new stream must not look like a stall. */
  private final ScheduledExecutorService pages = newTimer("systole-page");

  /** Separate from everything driven by clients: metrics must be available under overload. */
  private final ExecutorService scrapes =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-metrics", true));

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

  /** Repeats a task on the timer, {@code intervalMs} after each end, also after a failure. */
  void repeat(long intervalMs, Runnable task) {
    repeat(timer, intervalMs, task);
  }

  /** Repeats a task on the thread of the events, as {@link #repeat} does. */
  void repeatWithEvents(long intervalMs, Runnable task) {
    repeat(events, intervalMs, task);
  }

  /** Repeats a task on the timer at a fixed rate, whatever its duration. */
  void repeatAtFixedRate(long intervalMs, Runnable task) {
    var unused = timer.scheduleAtFixedRate(task, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /** Catches failures, which would silently cancel the task. */
  private static void repeat(ScheduledExecutorService executor, long intervalMs, Runnable task) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (RuntimeException failure) {
        LOG.error("timer task failed", failure);
      }
    };
    var unused =
        executor.scheduleWithFixedDelay(guarded, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
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
