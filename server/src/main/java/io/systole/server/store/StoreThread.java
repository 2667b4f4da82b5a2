// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.ChangeLog;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that runs a {@link StoreWriter} until it is stopped. */
final class StoreThread {
  /*
   * When idle, the thread parks. A thread that appends a change reads `isWaiting` (volatile), and
   * unparks this one if it is set; it is set before the log is checked for the last time, so no
   * change is missed. Between two batches the thread pauses, so a steady stream of changes does not
   * unpark it.
   */

  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(StoreThread.class);

  private final StoreWriter writer;
  private final StoreCounters counters;
  private final Clock clock;
  private final Thread thread = new Thread(this::run, "systole-store");
  private volatile boolean isWaiting;
  private volatile boolean isStopping;

  StoreThread(StoreWriter writer, StoreCounters counters, Clock clock) {
    this.writer = writer;
    this.counters = counters;
    this.clock = clock;
    thread.setDaemon(true);
  }

  /** Starts the thread, which wakes up for changes appended to the log. */
  void start(ChangeLog log) {
    log.onAppend(this::wakeIfWaiting);
    thread.start();
  }

  private void wakeIfWaiting() {
    if (isWaiting) {
      isWaiting = false;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!isStopping) {
      stepSafely();
      if (writer.isIdle()) {
        isWaiting = true;
        if (writer.isIdle() && !isStopping) {
          LockSupport.parkNanos(WAIT_NS);
        }
        isWaiting = false;
      } else {
        LockSupport.parkNanos(PAUSE_NS);
      }
    }
    writer.finish();
  }

  /** An error, even one from logging another, must not end the thread. */
  private void stepSafely() {
    try {
      writer.step();
    } catch (RuntimeException | Error failure) {
      counters.recordFailure("the store's thread failed", clock.wallMs());
      LOG.error("the store's thread failed and continues", failure);
    }
  }

  /**
   * Lets the writer finish, and waits for that.
   *
   * @return false if it has not finished within {@code waitMs}; the thread is abandoned then
   */
  boolean stop(long waitMs) {
    isStopping = true;
    LockSupport.unpark(thread);
    try {
      thread.join(Math.max(1, waitMs));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }
}
