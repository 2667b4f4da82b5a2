// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import picocli.CommandLine;

/** Runs the commands that measure whole servers. */
public final class MeasurementRunner {
  private MeasurementRunner() {}

  /**
   * Runs a command line. An {@link IOException} is reported in one line, any other exception with
   * its stack trace.
   *
   * @param command a picocli command
   * @return 0 measured, 1 failed, 2 usage error
   */
  public static int run(Object command, String... arguments) {
    return run(new CommandLine(command), arguments);
  }

  static int run(CommandLine commandLine, String... arguments) {
    return commandLine
        .setExecutionExceptionHandler((failure, failed, parsed) -> {
          if (!(failure instanceof IOException)) {
            throw failure;
          }
          failed.getErr().println(failed.getCommandName() + ": " + failure.getMessage());
          return CommandLine.ExitCode.SOFTWARE;
        })
        .execute(arguments);
  }
}
