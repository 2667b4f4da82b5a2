// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportText;
import io.systole.loadtest.runner.LoadDriver;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.Progress;
import io.systole.loadtest.runner.Workload;
import io.systole.loadtest.scenario.ScenarioParseException;
import java.net.URI;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** From a checked command line to printed figures and an exit code. */
final class CommandRunner {
  private CommandRunner() {}

  /** Drives one workload, prints, writes; returns the exit code. */
  static int of(
      CommandSpec command,
      OutputOptions output,
      UnaryOperator<Report> judge,
      Supplier<Workload> workload)
      throws LoadTestException, InterruptedException {
    Workload checked = checked(command, workload);
    printHint(command, checked.target());
    LoadDriver driver = checked(command, () -> new LoadDriver(checked, progress(command)));
    return played(command, output, driver::endEarly, () -> judge.apply(driver.drive()));
  }

  /** Prints the likely service URL to standard error when this one looks incomplete. */
  static void printHint(CommandSpec command, URI target) {
    String hint = ServiceUrl.hint(target);
    if (!hint.isEmpty()) {
      command.commandLine().getErr().println(hint);
    }
  }

  /** What is driven or played, from the first connection to the report. */
  interface LoadRunBody {
    Report perform() throws LoadTestException, InterruptedException;
  }

  /** Has something driven to its end, or to an early one; prints, writes; returns the exit code. */
  static int played(
      CommandSpec command, OutputOptions output, Runnable endEarly, LoadRunBody performance)
      throws LoadTestException, InterruptedException {
    ShutdownHook interrupt = ShutdownHook.to(endEarly);
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
    } catch (ScenarioParseException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  static Progress progress(CommandSpec command) {
    return new Progress(command.commandLine().getErr(), Progress.isErrorTerminal());
  }

  /** Prints whether all is as it should be, and why; returns the exit code. */
  static int outcome(CommandSpec command, boolean isPassed, String outcome) {
    var out = command.commandLine().getOut();
    out.println((isPassed ? "PASSED: " : "FAILED: ") + outcome);
    out.flush();
    return isPassed ? 0 : LoadTest.FAILED;
  }

  /** Prints a report and writes its files; returns the exit code. */
  static int report(CommandSpec command, OutputOptions output, Report made)
      throws LoadTestException {
    Report report = output.labelled(made);
    var out = command.commandLine().getOut();
    out.print(ReportText.of(report));
    output.write(report, out);
    return outcome(command, report.passed(), report.outcome());
  }
}
