// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.drive.LoadDriver;
import io.systole.loadtest.drive.LoadFailed;
import io.systole.loadtest.drive.Progress;
import io.systole.loadtest.drive.Workload;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.ReportText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** From a checked command line to printed figures and an exit code. */
final class Driving {
  private static final int REPORT_SECS_MAX = 100;

  private Driving() {}

  /** Drives, prints, writes; returns the exit code. */
  static int of(CommandSpec command, LoadOptions options, Workload.Mode mode, double intervalSecs)
      throws LoadFailed, IOException, InterruptedException {
    LoadDriver driver = driver(command, options, mode, intervalSecs);
    CountDownLatch reported = new CountDownLatch(1);
    Thread interrupt = new Thread(() -> interrupted(driver, reported), "interrupt");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      return report(command, options, driver.drive());
    } finally {
      reported.countDown();
      removeHook(interrupt);
    }
  }

  private static LoadDriver driver(
      CommandSpec command, LoadOptions options, Workload.Mode mode, double intervalSecs) {
    try {
      Workload workload = options.workload(mode, intervalSecs);
      return new LoadDriver(
          workload, new Progress(command.commandLine().getErr(), Progress.isErrorTerminal()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  private static int report(CommandSpec command, LoadOptions options, Report report)
      throws IOException {
    var out = command.commandLine().getOut();
    out.print(ReportText.of(report));
    out.println((report.passed() ? "PASSED: " : "FAILED: ") + report.verdict());
    out.flush();
    Path json = options.json();
    if (json != null) {
      Files.writeString(json, ReportJson.of(report));
    }
    return report.passed() ? 0 : LoadTest.FAILED;
  }

  /** The process has been told to end: it does so after the report of what was measured. */
  private static void interrupted(LoadDriver driver, CountDownLatch reported) {
    driver.endEarly();
    try {
      if (!reported.await(REPORT_SECS_MAX, TimeUnit.SECONDS)) {
        System.err.println("FAILED: no report within " + REPORT_SECS_MAX + " s of the interrupt");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending because of the interrupt; the hook has done its work.
    }
  }
}
