// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A JVM shutdown hook that ends a run early and waits until the report is written. */
final class ShutdownHook {
  private static final int REPORT_SECS_MAX = 100;

  private final CountDownLatch reported = new CountDownLatch(1);
  private final Thread thread;

  private ShutdownHook(Runnable endEarly) {
    thread = new Thread(() -> endAndAwaitReport(endEarly), "shutdown-hook");
  }

  /** Installs the hook; {@code endEarly} runs once at most, on the hook's thread. */
  static ShutdownHook install(Runnable endEarly) {
    ShutdownHook instance = new ShutdownHook(endEarly);
    Runtime.getRuntime().addShutdownHook(instance.thread);
    return instance;
  }

  private void endAndAwaitReport(Runnable endEarly) {
    endEarly.run();
    try {
      if (!reported.await(REPORT_SECS_MAX, TimeUnit.SECONDS)) {
        System.err.println("FAILED: no report within " + REPORT_SECS_MAX + " s of the signal");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes the hook: the report is complete. */
  void remove() {
    reported.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and the hook has run.
    }
  }
}
