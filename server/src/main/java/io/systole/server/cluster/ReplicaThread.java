// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that sends the messages of a {@link Replica}. */
public final class ReplicaThread implements AutoCloseable {
  /*
   * The thread parks between two calls of tick(). Work that is due earlier unparks it; a permit that
   * is set while it runs makes the next park return at once, so none is missed.
   */

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaThread.class);

  /** Bounds the cost of a failure that every call has. */
  private static final long AFTER_FAILURE_NS = TimeUnit.SECONDS.toNanos(1);

  private final Replica replica;
  private final Thread thread = new Thread(this::run, "systole-cluster");
  private volatile boolean isStopping;

  public ReplicaThread(Replica replica) {
    this.replica = replica;
    thread.setDaemon(true);
  }

  /** Starts the thread. */
  public void start() {
    replica.onWork(() -> LockSupport.unpark(thread));
    thread.start();
  }

  private void run() {
    while (!isStopping) {
      LockSupport.parkNanos(tickSafely());
    }
  }

  /** An error, even one from logging another, must not end the thread. */
  private long tickSafely() {
    try {
      return replica.tick();
    } catch (RuntimeException | Error failure) {
      LOG.error("the cluster's thread failed and continues", failure);
      return AFTER_FAILURE_NS;
    }
  }

  /** Stops the thread, and waits until it has ended or the caller is interrupted. */
  @Override
  public void close() {
    isStopping = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
