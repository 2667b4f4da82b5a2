// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The compiled programs.
 *
 * @param generator loads servers
 * @param responder a server with a constant response
 */
record CPrograms(Path generator, Path responder) {
  private static final String COMPILER = "gcc";
  private static final List<String> FLAGS = List.of("-O2", "-std=gnu11", "-Wall", "-Wextra");
  private static final long COMPILE_SECONDS_MAX = 120;

  /**
   * Compiles both programs into a directory.
   *
   * @param sources the directory of their sources
   * @throws IOException if there is no gcc, or it reports an error
   */
  static CPrograms compile(Path sources, Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    return new CPrograms(
        compile(sources, "generator", directory), compile(sources, "responder", directory));
  }

  private static Path compile(Path sources, String name, Path directory)
      throws IOException, InterruptedException {
    Path program = directory.resolve(name);
    ProcessBuilder builder = new ProcessBuilder(COMPILER);
    builder.command().addAll(FLAGS);
    builder
        .command()
        .addAll(List.of("-o", program.toString(), sources.resolve(name + ".c").toString()));
    Process compiler = start(builder.redirectErrorStream(true));
    String output =
        new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!compiler.waitFor(COMPILE_SECONDS_MAX, TimeUnit.SECONDS)) {
      compiler.destroyForcibly();
      throw new IOException(COMPILER + " took more than " + COMPILE_SECONDS_MAX + " s");
    }
    if (compiler.exitValue() != 0) {
      throw new IOException(COMPILER + " cannot compile " + name + ".c: " + output);
    }
    return program;
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    try {
      return builder.start();
    } catch (IOException absent) {
      throw new IOException(
          "the load generator needs " + COMPILER + ", which cannot be started; install it", absent);
    }
  }
}
