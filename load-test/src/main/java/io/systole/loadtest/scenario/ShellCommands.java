// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the shell commands of actions on nodes. */
final class ShellCommands {
  private static final long COMMAND_SECS_MAX = 60;

  private ShellCommands() {}

  /** Creates a file for the output of the commands. */
  static Path createLog() throws IOException {
    return Files.createTempFile("systole-restart-", ".log");
  }

  /**
   * Runs a command and waits for it, a minute at most. Processes that it leaves in the background
   * keep running.
   *
   * @param variables of its environment, so that one command serves several nodes
   * @throws IOException if the command cannot be run, exits with another status than 0, or takes
   *     longer
   */
  static void run(String name, String command, Map<String, String> variables, Path log)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(variables);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(COMMAND_SECS_MAX, TimeUnit.SECONDS)) {
        throw new IOException(name + " command did not exit within " + COMMAND_SECS_MAX
            + " s; its output is in " + log);
      }
      if (process.exitValue() != 0) {
        throw new IOException(name + " command exited with status " + process.exitValue()
            + "; its output is in " + log);
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
