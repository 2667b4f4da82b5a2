// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few threads for what would keep an event loop too long. */
final class Workers {
  private final ThreadPoolExecutor threads;

  Workers(int threadCount, int queueMax) {
    this.threads = new ThreadPoolExecutor(
        threadCount,
        threadCount,
        0,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(queueMax),
        new DefaultThreadFactory("systole-worker", true));
  }

  /** Runs the work on a worker; false when too much waits already. */
  boolean offer(Runnable work) {
    try {
      threads.execute(work);
      return true;
    } catch (RejectedExecutionException full) {
      return false;
    }
  }

  void stop() {
    threads.shutdown();
  }
}
