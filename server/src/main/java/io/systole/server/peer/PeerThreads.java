// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peer thread, to which all links are confined, and the threads of tasks that take seconds.
 * Thread-safe.
 */
final class PeerThreads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerThreads.class);

  private final ScheduledExecutorService links =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-peers", true));
  private final ExecutorService comparisons = Executors.newFixedThreadPool(
      ComparisonQueue.RUNNING_MAX, new DefaultThreadFactory("systole-compare", true));
  private final ExecutorService loads =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-load", true));

  /** Runs a task on the peer thread, unless closed. */
  void execute(Runnable task) {
    try {
      links.execute(task);
    } catch (RejectedExecutionException closed) {
      // Nothing is replicated any more.
    }
  }

  /**
   * Runs a task on the peer thread after a delay.
   *
   * @return false if closed; the task is not run then
   */
  boolean schedule(Runnable task, long delayMs) {
    try {
      var unused = links.schedule(task, delayMs, TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException closed) {
      return false;
    }
  }

  /** Runs a task on the peer thread periodically, whatever it throws. */
  void repeat(Runnable task, long delayMs, long intervalMs) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (Throwable failure) {
        // Anything thrown would end the repetition.
        LOG.error("peer task failed", failure);
      }
    };
    var unused = links.scheduleWithFixedDelay(guarded, delayMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /** Runs a comparison, in the order of the calls. */
  void executeComparison(Runnable task) {
    comparisons.execute(task);
  }

  /** Runs the load of a registry in the background, which may take hours. */
  void executeLoad(Runnable task) {
    loads.execute(task);
  }

  /** Runs the tasks submitted to the peer thread, but no later or delayed ones. */
  @Override
  public void close() {
    links.shutdown();
    comparisons.shutdownNow();
    loads.shutdownNow();
  }
}
