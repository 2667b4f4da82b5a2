// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportText;
import io.systole.loadtest.report.TextLines;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.Progress;
import io.systole.loadtest.runner.Workload;
import io.systole.loadtest.runner.WorkloadRunner;
import io.systole.loadtest.scenario.ScenarioParseException;
import java.net.URI;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The steps that commands share: check the options, run the load, print and write the report. */
final class CommandRunner {
  /** The exit code of a failed or invalid run. */
  static final int FAILED = 1;

  static final int USAGE_ERROR = 2;

  private CommandRunner() {}

  /** Runs one workload, prints and writes the report, and returns the exit code. */
  static int run(
      CommandSpec command,
      OutputOptions output,
      UnaryOperator<Report> evaluation,
      Supplier<Workload> workload)
      throws LoadTestException, InterruptedException {
    output.requireWritable(command);
    Workload checked = checked(command, workload);
    printHint(command, checked.target());
    WorkloadRunner runner = checked(command, () -> new WorkloadRunner(checked, progress(command)));
    return runAndReport(command, output, runner::endEarly, () -> evaluation.apply(runner.run()));
  }

  /** Prints the probable service URL to standard error if {@code target} looks incomplete. */
  static void printHint(CommandSpec command, URI target) {
    String hint = ServiceUrl.hint(target);
    if (!hint.isEmpty()) {
      command.commandLine().getErr().println(hint);
    }
  }

  /** A load run, from the first connection to the report. */
  interface LoadRunBody {
    Report run() throws LoadTestException, InterruptedException;
  }

  /**
   * Runs {@code body}, which {@code endEarly} can end early, reports its result and returns the
   * exit code.
   */
  static int runAndReport(
      CommandSpec command, OutputOptions output, Runnable endEarly, LoadRunBody body)
      throws LoadTestException, InterruptedException {
    ShutdownHook hook = ShutdownHook.install(endEarly);
    try {
      return report(command, output, body.run());
    } finally {
      hook.remove();
    }
  }

  /** Returns the supplied value; turns an {@link IllegalArgumentException} into a usage error. */
  static <T> T checked(CommandSpec command, Supplier<T> supplier) {
    try {
      return supplier.get();
    } catch (ScenarioParseException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  static Progress progress(CommandSpec command) {
    return new Progress(command.commandLine().getErr(), Progress.isErrorTerminal());
  }

  /** The writing of a report's files. */
  interface ReportFiles {
    void write() throws LoadTestException;
  }

  /**
   * Writes files, prints the outcome and its reason, even if a file cannot be written, and returns
   * the exit code.
   */
  static int outcome(CommandSpec command, boolean isPassed, String reason, ReportFiles files)
      throws LoadTestException {
    try {
      files.write();
    } catch (LoadTestException e) {
      outcome(command, isPassed, reason);
      throw e;
    }
    return outcome(command, isPassed, reason);
  }

  /** Prints the outcome and its reason, and returns the exit code. */
  static int outcome(CommandSpec command, boolean isPassed, String reason) {
    var out = command.commandLine().getOut();
    out.println((isPassed ? "PASSED: " : "FAILED: ") + TextLines.escaped(reason));
    out.flush();
    return isPassed ? 0 : FAILED;
  }

  /** Prints a report and writes its files; returns the exit code. */
  static int report(CommandSpec command, OutputOptions output, Report made)
      throws LoadTestException {
    Report report = output.labelled(made);
    var out = command.commandLine().getOut();
    out.print(ReportText.of(report));
    return outcome(command, report.passed(), report.outcome(), () -> output.write(report, out));
  }
}
