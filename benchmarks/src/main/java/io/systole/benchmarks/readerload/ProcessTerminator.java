// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.util.concurrent.TimeUnit;

/** Ends a process that was started here. */
final class ProcessTerminator {
  private static final int STOP_SECS_MAX = 20;

  private ProcessTerminator() {}

  /** Asks it to end, and makes it if it doesn't; it has ended afterwards, or nearly so. */
  static void of(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
