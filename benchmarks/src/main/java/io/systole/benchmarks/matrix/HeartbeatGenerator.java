// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the generator, in a process for each load.
 *
 * @param program the compiled generator
 * @param log file to which its errors are appended
 */
record HeartbeatGenerator(Path program, Path log) {
  private static final int STATUS_BAD_RESPONSES = 1;
  private static final long RUN_MINUTES_MAX = 10;

  /**
   * A server to load.
   *
   * @param pid of the process whose CPU time is measured
   * @param instances registered, or to register
   * @param options for its protocol
   */
  record Target(int port, long pid, int instances, List<String> options) {}

  /** Registers all instances. */
  GeneratorResult register(Target target) throws IOException, InterruptedException {
    return run(target, List.of("register"));
  }

  /**
   * Runs a mode of the generator.
   *
   * @return its result, which may count bad responses
   * @throws IOException if it fails or takes more than ten minutes
   */
  GeneratorResult run(Target target, List<String> mode) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(target.options());
    command.addAll(List.of("-p", Long.toString(target.pid())));
    command.add(Integer.toString(target.port()));
    command.add(Integer.toString(target.instances()));
    command.addAll(mode);
    Process process = new ProcessBuilder(command)
        .redirectError(Redirect.appendTo(log.toFile()))
        .start();
    try {
      if (!process.waitFor(RUN_MINUTES_MAX, TimeUnit.MINUTES)) {
        throw new IOException("generator ran more than " + RUN_MINUTES_MAX + " min: " + command);
      }
      if (process.exitValue() > STATUS_BAD_RESPONSES) {
        throw new IOException(
            "generator ended with status " + process.exitValue() + "; see " + log);
      }
      return GeneratorResult.parse(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }
}
