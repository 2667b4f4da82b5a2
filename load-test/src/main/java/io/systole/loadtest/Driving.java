// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.drive.LoadDriver;
import io.systole.loadtest.drive.LoadFailed;
import io.systole.loadtest.drive.Progress;
import io.systole.loadtest.drive.Workload;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.ReportText;
import io.systole.loadtest.report.html.Page;
import io.systole.loadtest.report.html.Side;
import io.systole.loadtest.scenario.BadScenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** From a checked command line to printed figures and an exit code. */
final class Driving {
  private Driving() {}

  /** Drives one workload, prints, writes; returns the exit code. */
  static int of(CommandSpec command, OutputOptions output, Supplier<Workload> workload)
      throws LoadFailed, IOException, InterruptedException {
    LoadDriver driver = checked(command, () -> new LoadDriver(workload.get(), progress(command)));
    return played(command, output, driver::endEarly, driver::drive);
  }

  /** What is driven or played, from the first connection to the report. */
  interface Performance {
    Report perform() throws LoadFailed, InterruptedException;
  }

  /** Has something driven to its end, or to an early one; prints, writes; returns the exit code. */
  static int played(
      CommandSpec command, OutputOptions output, Runnable endEarly, Performance performance)
      throws LoadFailed, IOException, InterruptedException {
    Interrupt interrupt = Interrupt.to(endEarly);
    try {
      return report(command, output, performance.perform());
    } finally {
      interrupt.end();
    }
  }

  /** Returns what options make, or refuses the command line with what they say is wrong. */
  static <T> T checked(CommandSpec command, Supplier<T> made) {
    try {
      return made.get();
    } catch (BadScenario e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  static Progress progress(CommandSpec command) {
    return new Progress(command.commandLine().getErr(), Progress.isErrorTerminal());
  }

  /** Prints whether all is as it should be, and why; returns the exit code. */
  static int verdict(CommandSpec command, boolean isPassed, String verdict) {
    var out = command.commandLine().getOut();
    out.println((isPassed ? "PASSED: " : "FAILED: ") + verdict);
    out.flush();
    return isPassed ? 0 : LoadTest.FAILED;
  }

  private static int report(CommandSpec command, OutputOptions output, Report report)
      throws IOException {
    command.commandLine().getOut().print(ReportText.of(report));
    int code = verdict(command, report.passed(), report.verdict());
    Path json = output.json();
    if (json != null) {
      Files.writeString(json, ReportJson.of(report));
    }
    Path html = output.html();
    if (html != null) {
      Files.write(html, Page.of(List.of(Side.of(report))).getBytes(UTF_8));
    }
    return code;
  }
}
