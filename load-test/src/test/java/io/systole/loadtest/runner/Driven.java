// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report;
import java.util.concurrent.CompletableFuture;

/** A drive beside the test. */
final class Driven {
  private Driven() {}

  /**
   * Drives on a thread of its own. The common pool may have only one, which the JDK's HTTP client
   * needs for its answers since JDK 25.
   */
  static CompletableFuture<Report> beside(LoadDriver driver) {
    CompletableFuture<Report> report = new CompletableFuture<>();
    Thread thread = new Thread(
        () -> {
          try {
            report.complete(driver.drive());
          } catch (LoadTestException | InterruptedException | RuntimeException e) {
            report.completeExceptionally(e);
          }
        },
        "driven");
    thread.setDaemon(true);
    thread.start();
    return report;
  }
}
