// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Until it is ended, a process that is told to end first reports what was measured till then. */
final class ShutdownHook {
  private static final int REPORT_SECS_MAX = 100;

  private final CountDownLatch reported = new CountDownLatch(1);
  private final Thread hook;

  private ShutdownHook(Runnable endEarly) {
    hook = new Thread(() -> interrupted(endEarly), "interrupt");
  }

  /** Begins to listen; {@code endEarly} runs once, on a thread of its own. */
  static ShutdownHook to(Runnable endEarly) {
    ShutdownHook interrupt = new ShutdownHook(endEarly);
    Runtime.getRuntime().addShutdownHook(interrupt.hook);
    return interrupt;
  }

  private void interrupted(Runnable endEarly) {
    endEarly.run();
    try {
      if (!reported.await(REPORT_SECS_MAX, TimeUnit.SECONDS)) {
        System.err.println("FAILED: no report within " + REPORT_SECS_MAX + " s of the interrupt");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Listens no more: all is reported. */
  void end() {
    reported.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending because of the interrupt; the hook has done its work.
    }
  }
}
