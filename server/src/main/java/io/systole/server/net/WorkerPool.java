// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.server.route.Route.Pool;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads for what would keep an event loop too long: a pool of its own, with a queue of its
 * own, for each kind of work.
 */
final class WorkerPool {
  /** One journal is read at a time; more readers would only share the disk. */
  private static final int JOURNAL_THREADS = 1;

  /** Look-ups may take seconds each: who stands behind more of them would have given up. */
  static final int JOURNAL_QUEUE_MAX = 16;

  /** Cores for each thread that decodes bodies; the others are left to the event loops. */
  private static final int CORES_PER_BODY_THREAD = 4;

  /** Batches are decoded in milliseconds each, and peers wait for as little as 200 (spec §5.3). */
  static final int BODY_QUEUE_MAX = 64;

  private final Map<Pool, ThreadPoolExecutor> pools = new EnumMap<>(Pool.class);

  /**
   * Threads and queue of the general pool.
   *
   * @param queueMax work that may wait
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
            new ArrayBlockingQueue<>(queueMax),
            new DefaultThreadFactory(name, true)));
  }

  /** Runs the work on a thread of the pool; false when too much waits there already. */
  boolean offer(Pool pool, Runnable work) {
    ThreadPoolExecutor threads = pools.get(pool);
    if (threads == null) {
      throw new IllegalStateException("no threads for " + pool);
    }
    try {
      threads.execute(work);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  void stop() {
    pools.values().forEach(ThreadPoolExecutor::shutdown);
  }
}
