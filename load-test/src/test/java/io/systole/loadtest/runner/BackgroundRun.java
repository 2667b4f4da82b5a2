// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report;
import java.util.concurrent.CompletableFuture;

/** A load run on a background thread. */
final class BackgroundRun {
  private BackgroundRun() {}

  /**
   * Starts a run on its own thread. The common pool may have only one thread, which the JDK's HTTP
   * client needs for its responses since JDK 25.
   */
  static CompletableFuture<Report> start(WorkloadRunner runner) {
    CompletableFuture<Report> report = new CompletableFuture<>();
    Thread thread = new Thread(
        () -> {
          try {
            report.complete(runner.run());
          } catch (LoadTestException | InterruptedException | RuntimeException e) {
            report.completeExceptionally(e);
          }
        },
        "background-run");
    thread.setDaemon(true);
    thread.start();
    return report;
  }
}
