// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A swarm that runs beside; ends with {@link #end}, or without figures with {@link #close}. */
final class ReaderPoolProcess implements AutoCloseable {
  private final Process process;
  private final Path log;

  private ReaderPoolProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Many that fetch the delta once a second each. */
  static ReaderPoolProcess deltas(int port, String prefix, int connections, Path log)
      throws IOException {
    return start(port, prefix, connections, List.of(), log);
  }

  /** Many that ask for everything and read so many bytes a second. */
  static ReaderPoolProcess slow(int port, String prefix, int connections, int bytesPerSec, Path log)
      throws IOException {
    return start(port, prefix, connections, List.of("--slow-bytes=" + bytesPerSec), log);
  }

  private static ReaderPoolProcess start(
      int port, String prefix, int connections, List<String> options, Path log) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        ReaderPool.class.getName(),
        "--port=" + port,
        "--prefix=" + prefix,
        "--connections=" + connections));
    command.addAll(options);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(log.toFile());
    return new ReaderPoolProcess(builder.start(), log);
  }

  /**
   * Ends the swarm.
   *
   * @return what it saw
   * @throws IOException if it failed
   */
  JsonNode end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("swarm ended with status " + process.exitValue() + "; see " + log);
    }
    return new ObjectMapper().readTree(said);
  }

  @Override
  public void close() {
    ProcessTerminator.of(process);
  }
}
