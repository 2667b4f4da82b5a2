// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs the shell commands of restarts. */
final class ShellCommands {
  private static final long COMMAND_SECS_MAX = 60;

  /** The variable of the node's number, so that one command serves several nodes. */
  private static final String NODE = "NODE";

  private ShellCommands() {}

  /** Creates a file for the output of the commands. */
  static Path createLog() throws IOException {
    return Files.createTempFile("systole-restart-", ".log");
  }

  /**
   * Runs a command for a node and waits for it, a minute at most. Processes that it leaves in the
   * background keep running.
   *
   * @throws IOException if the command cannot be run, exits with another status than 0, or takes
   *     longer
   */
  static void run(String name, String command, int node, Path log)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put(NODE, Integer.toString(node));
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
