// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that send the messages of a {@link Replica}. */
public final class ReplicaThread implements AutoCloseable {
  /*
   * Each thread parks between two calls. Work that is due earlier unparks it; a permit that is set
   * while it runs makes the next park return at once, so none is missed.
   */

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaThread.class);

  /** The delay after a failure, which bounds the cost if every call fails. */
  private static final long AFTER_FAILURE_NS = TimeUnit.SECONDS.toNanos(1);

  private static final long NO_REQUEST_NS = TimeUnit.SECONDS.toNanos(60);

  private final Replica replica;
  private final Thread ticker = new Thread(() -> run(this::tick), "systole-cluster");
  private final Thread responder = new Thread(() -> run(this::respond), "systole-cluster-respond");
  private volatile boolean isStopping;

  public ReplicaThread(Replica replica) {
    this.replica = replica;
    ticker.setDaemon(true);
    responder.setDaemon(true);
  }

  /** Starts the threads. */
  public void start() {
    replica.onWork(() -> LockSupport.unpark(ticker));
    replica.onRequest(() -> LockSupport.unpark(responder));
    ticker.start();
    responder.start();
  }

  /** @param action returns the time until its next call is due */
  private void run(LongSupplier action) {
    while (!isStopping) {
      LockSupport.parkNanos(runSafely(action));
    }
  }

  private long tick() {
    return replica.tick();
  }

  private long respond() {
    return replica.respond() ? 0 : NO_REQUEST_NS;
  }

  /** No failure, not even an error, may end the thread. */
  private static long runSafely(LongSupplier action) {
    try {
      return action.getAsLong();
    } catch (RuntimeException | Error failure) {
      LOG.error("a thread of the cluster failed and continues", failure);
      return AFTER_FAILURE_NS;
    }
  }

  /**
   * Stops the threads, and waits until that of the ticks has ended or the caller is interrupted. A
   * response to a member that reads nothing ends when the group is left.
   */
  @Override
  public void close() {
    isStopping = true;
    LockSupport.unpark(ticker);
    LockSupport.unpark(responder);
    try {
      ticker.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
