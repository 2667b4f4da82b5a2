// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.util.concurrent.TimeUnit;

/** Stops child processes. */
final class ProcessTerminator {
  private static final int STOP_SECS_MAX = 20;

  private ProcessTerminator() {}

  /** Terminates a process and waits for it; kills it after {@value #STOP_SECS_MAX} s. */
  static void terminate(Process process) {
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
