// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.ToolVersion;
import io.systole.loadtest.runner.LoadTestException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Exit codes: 0 all beats were answered 200, 1 something was not as it should be,
 * 2 bad usage.
 */
@Command(
    name = "load-test",
    description =
        "Drives a registry that speaks Eureka v2 with the heartbeats of a simulated fleet.",
    mixinStandardHelpOptions = true,
    versionProvider = LoadTest.VersionProvider.class,
    subcommands = {
      RunCommand.class,
      PeakCommand.class,
      CapacityCommand.class,
      ScenarioCommand.class,
      CompareCommand.class,
      MergeCommand.class,
      ReportCommand.class
    })
public final class LoadTest {
  static final int FAILED = 1;
  static final int BAD_USAGE = 2;

  private LoadTest() {}

  /** Runs what the arguments say and ends the process with the exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new LoadTest())
        .setParameterExceptionHandler((refusal, arguments) -> refused(refusal))
        .setExecutionExceptionHandler((failure, command, parsed) -> {
          if (!(failure instanceof LoadTestException)) {
            throw failure;
          }
          command.getErr().println("FAILED: " + failure.getMessage());
          return FAILED;
        });
  }

  /** Prints what is wrong as the last line: all options before it would hide it. */
  private static int refused(ParameterException refusal) {
    CommandLine command = refusal.getCommandLine();
    UnmatchedArgumentException.printSuggestions(refusal, command.getErr());
    command.getErr().println("options: " + command.getCommandSpec().qualifiedName() + " --help");
    command.getErr().println("error: " + refusal.getMessage());
    return BAD_USAGE;
  }

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"systole-load-test " + ToolVersion.version()};
    }
  }
}
