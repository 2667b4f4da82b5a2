// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs the shell commands of a restart. */
final class ShellCommands {
  private static final long COMMAND_SECS_MAX = 60;

  private ShellCommands() {}

  /** Creates a file for the output of the commands. */
  static Path createLog() throws IOException {
    return Files.createTempFile("systole-restart-", ".log");
  }

  /**
   * Runs a command to its end, or for a minute; what it leaves running in the background runs on.
   *
   * @return what became of it, in a few words
   */
  static String run(String name, String command, Path output)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
    try {
      process.getOutputStream().close();
      if (process.waitFor(COMMAND_SECS_MAX, TimeUnit.SECONDS)) {
        return name + " command exited with " + process.exitValue();
      }
      return name + " command was stopped after " + COMMAND_SECS_MAX + " s";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
