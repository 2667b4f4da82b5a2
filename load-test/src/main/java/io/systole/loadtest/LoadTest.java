// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.TextLines;
import io.systole.loadtest.report.ToolVersion;
import io.systole.loadtest.runner.LoadTestException;
import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line. Exit codes: 0 success, 1 failed or invalid run, 2 usage error. */
@Command(
    name = "load-test",
    description = "Load generator for registries that implement the Eureka v2 API.",
    mixinStandardHelpOptions = true,
    versionProvider = LoadTest.VersionProvider.class,
    subcommands = {
      RunCommand.class,
      PeakCommand.class,
      CapacityCommand.class,
      ScenarioCommand.class,
      CompareCommand.class,
      CompareRegistriesCommand.class,
      MergeCommand.class,
      ReportCommand.class
    })
public final class LoadTest {
  private LoadTest() {}

  /** Runs the command and exits with its exit code. */
  public static void main(String[] arguments) {
    System.exit(exitCode(commandLine().execute(arguments), System.out));
  }

  /**
   * Returns the exit code of a command, or a failure if {@code out} has lost some of its output.
   */
  static int exitCode(int code, PrintStream out) {
    if (code != 0 || !out.checkError()) {
      return code;
    }
    System.err.println("FAILED: cannot write to standard output");
    return CommandRunner.FAILED;
  }

  static CommandLine commandLine() {
    return new CommandLine(new LoadTest())
        .setParameterExceptionHandler((exception, arguments) -> reportUsageError(exception))
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          if (!(failure instanceof LoadTestException)) {
            throw failure;
          }
          command
              .getErr()
              .println("FAILED: " + TextLines.escaped(String.valueOf(failure.getMessage())));
          return CommandRunner.FAILED;
        });
  }

  /** Prints the error as the last line, so that it is not scrolled away by the usage. */
  private static int reportUsageError(ParameterException exception) {
    CommandLine command = exception.getCommandLine();
    UnmatchedArgumentException.printSuggestions(exception, command.getErr());
    command.getErr().println("options: " + command.getCommandSpec().qualifiedName() + " --help");
    command.getErr().println("error: " + exception.getMessage());
    return CommandRunner.USAGE_ERROR;
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"systole-load-test " + ToolVersion.version()};
    }
  }
}
