// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.benchmarks.servers.RunningServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A process of {@code load-test run}: a fleet that registers, warms up and is then measured at a
 * fixed rate. Its output marks the start of each phase, which lets readers start at the right time.
 */
final class HeartbeatLoad implements AutoCloseable {
  /**
   * The result of one run.
   *
   * @param p99Ms from the due time of a heartbeat to its response
   * @param sentP99Ms from its sending to its response; the difference is the lag of the generator
   * @param notRenewed heartbeats that were due and received no 200
   * @param cpuUs CPU time of the server per response, other work included; 0 if unknown
   */
  record Result(
      double renewalsPerSec,
      double p50Ms,
      double p99Ms,
      double p999Ms,
      double maxMs,
      double sentP99Ms,
      long notRenewed,
      double cpuUs,
      String outcome) {}

  /** Phases, by the prefix of the output line that announces them. */
  static final String WARMING_UP = "warming up";

  static final String MEASURING = "measuring";

  private final Process process;
  private final BufferedReader lines;
  private final Path json;

  private HeartbeatLoad(Process process, Path json) {
    this.process = process;
    this.lines = process.inputReader();
    this.json = json;
  }

  /** Starts a run by the launcher of the load test, in the checkout at {@code root}. */
  static HeartbeatLoad start(Path root, Path json, List<String> arguments) throws IOException {
    Files.deleteIfExists(json);
    List<String> command = new ArrayList<>(
        List.of(root.resolve("load-test/bin/load-test").toString(), "run", "--json=" + json));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    return new HeartbeatLoad(builder.start(), json);
  }

  /**
   * Waits until a phase begins.
   *
   * @throws IOException if the load test ends first; its last line of output is in the message
   */
  void await(String phase) throws IOException {
    String last = "";
    for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(phase)) {
        return;
      }
      last = line;
    }
    throw new IOException("load test ended before " + phase + ": " + last);
  }

  /** Waits for the end of the run and returns its result. */
  Result end() throws IOException, InterruptedException {
    while (lines.readLine() != null) {
      // The report is in the file.
    }
    int status = process.waitFor();
    if (!Files.exists(json)) {
      throw new IOException("load test ended with status " + status + " and no report");
    }
    return read(Files.readString(json));
  }

  /** Reads a report. Heartbeats without a 200 are part of the result, not an error. */
  static Result read(String report) throws IOException {
    JsonNode root = new ObjectMapper().readTree(report);
    JsonNode window = root.path("window");
    JsonNode fromDue = window.path("fromDue");
    if (!fromDue.has("p99Ms")) {
      throw new IOException("report lacks the latency from due");
    }
    return new Result(
        window.path("renewalsPerSec").asDouble(),
        fromDue.path("p50Ms").asDouble(),
        fromDue.path("p99Ms").asDouble(),
        fromDue.path("p999Ms").asDouble(),
        fromDue.path("maxMs").asDouble(),
        window.path("fromSent").path("p99Ms").asDouble(),
        window.path("due").asLong() - window.path("renewals").asLong(),
        root.path("cost").path("targetCpuUs").asDouble(0),
        root.path("outcome").asString("?"));
  }

  @Override
  public void close() {
    RunningServer.terminate(process);
  }
}
