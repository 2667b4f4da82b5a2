// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.benchmarks.servers.RunningServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A {@link ReaderPool} in a separate process. {@link #end} returns its statistics, {@link #close}
 * discards them.
 */
final class ReaderPoolProcess implements AutoCloseable {
  private final Process process;
  private final Path log;

  private ReaderPoolProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Starts readers that fetch the delta once a second each. */
  static ReaderPoolProcess deltas(int port, String prefix, int connections, Path log)
      throws IOException {
    return start(port, prefix, connections, List.of(), log);
  }

  /** Starts readers that request the full registry and read it at a fixed rate. */
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
   * Ends the pool and returns its statistics.
   *
   * @throws IOException if it failed
   */
  JsonNode end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(
          "reader pool ended with status " + process.exitValue() + "; see " + log);
    }
    return new ObjectMapper().readTree(output);
  }

  @Override
  public void close() {
    RunningServer.terminate(process);
  }
}
