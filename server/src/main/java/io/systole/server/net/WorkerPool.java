// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.server.route.Route.Pool;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The worker threads for requests that would block an event loop, as one thread pool with a bounded
 * queue per {@link Pool}.
 */
final class WorkerPool {
  /** One query reads the journal at a time; more would only share the disk. */
  private static final int JOURNAL_THREADS = 1;

  /** A journal query may take seconds; a client further back in the queue would time out. */
  static final int JOURNAL_QUEUE_MAX = 16;

  /** The number of cores per body-decoding thread; the remaining cores serve the event loops. */
  private static final int CORES_PER_BODY_THREAD = 4;

  /** A batch takes milliseconds to decode, and peers may wait for only 200 (spec §5.3). */
  static final int BODY_QUEUE_MAX = 64;

  private final Map<Pool, ThreadPoolExecutor> pools = new EnumMap<>(Pool.class);

  /**
   * @param threadCount threads of the general pool
   * @param queueMax tasks queued for the general pool
   */
  WorkerPool(int threadCount, int queueMax) {
    int cores = Runtime.getRuntime().availableProcessors();
    add(Pool.GENERAL, threadCount, queueMax);
    add(Pool.JOURNAL, JOURNAL_THREADS, JOURNAL_QUEUE_MAX);
    add(Pool.BODIES, Math.max(1, cores / CORES_PER_BODY_THREAD), BODY_QUEUE_MAX);
  }

  private void add(Pool pool, int threadCount, int queueMax) {
    String name = "systole-" + pool.name().toLowerCase(Locale.ROOT);
    pools.put(
        pool,
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(queueMax),
            new DefaultThreadFactory(name, true)));
  }

  /** Runs a task on a thread of the pool; returns false if its queue is full. */
  boolean offer(Pool pool, Runnable task) {
    try {
      threads(pool).execute(task);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  /**
   * Returns the number of tasks in the longer of the queues of general tasks and of bodies. Queries
   * of the journal are no sign of load. Takes no lock.
   */
  int queued() {
    return Math.max(
        threads(Pool.GENERAL).getQueue().size(), threads(Pool.BODIES).getQueue().size());
  }

  private ThreadPoolExecutor threads(Pool pool) {
    ThreadPoolExecutor threads = pools.get(pool);
    if (threads == null) {
      throw new IllegalStateException("no thread pool for " + pool);
    }
    return threads;
  }

  void stop() {
    pools.values().forEach(ThreadPoolExecutor::shutdown);
  }
}
