// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

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
 * A process of the load test. Commands that load a server register a fleet, warm up and measure;
 * their output marks the start of each phase, which lets other actions start at the right time.
 */
public final class LoadTestProcess implements AutoCloseable {
  /**
   * The result of one run.
   *
   * @param p99Ms from the due time of a heartbeat to its response
   * @param sentP99Ms from its sending to its response; the difference is the lag of the generator
   * @param notRenewed heartbeats that were due and received no 200
   * @param cpuUs CPU time of the server per response, other work included; 0 if unknown
   */
  public record Result(
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
  public static final String WARMING_UP = "warming up";

  public static final String MEASURING = "measuring";

  private final Process process;
  private final BufferedReader lines;
  private final Path json;

  private LoadTestProcess(Process process, Path json) {
    this.process = process;
    this.lines = process.inputReader();
    this.json = json;
  }

  /**
   * Starts a command by the launcher of the load test, in the checkout at {@code root}.
   *
   * @param json file of its report
   * @param arguments the command and its options
   */
  public static LoadTestProcess start(Path root, Path json, List<String> arguments)
      throws IOException {
    Files.deleteIfExists(json);
    List<String> command = new ArrayList<>();
    command.add(root.resolve("load-test/bin/load-test").toString());
    command.addAll(arguments);
    command.add("--json=" + json);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    return new LoadTestProcess(builder.start(), json);
  }

  /**
   * Waits until a phase begins.
   *
   * @throws IOException if the load test ends first; its last line of output is in the message
   */
  public void await(String phase) throws IOException {
    String last = "";
    for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(phase)) {
        return;
      }
      last = line;
    }
    throw new IOException("load test ended before " + phase + ": " + last);
  }

  /** Waits for the end of a run and returns its result. */
  public Result end() throws IOException, InterruptedException {
    return read(report());
  }

  /** Requests the end of a measurement; the report then has the figures so far. */
  public void endEarly() {
    // Process.destroy would also close the output that is still to be read.
    process.toHandle().destroy();
  }

  /**
   * Waits for the end of the command and returns its report.
   *
   * @throws IOException if it ends without one
   */
  public JsonNode report() throws IOException, InterruptedException {
    String last = "";
    @Nullable String line;
    while ((line = lines.readLine()) != null) {
      last = line;
    }
    int status = process.waitFor();
    if (!Files.exists(json)) {
      throw new IOException("load test ended with status " + status + " and no report: " + last);
    }
    return new ObjectMapper().readTree(Files.readString(json));
  }

  /** Reads a report. Heartbeats without a 200 are part of the result, not an error. */
  public static Result read(JsonNode report) throws IOException {
    JsonNode window = report.path("window");
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
        notRenewed(report),
        report.path("cost").path("targetCpuUs").asDouble(0),
        report.path("outcome").asString("?"));
  }

  /** Returns the number of heartbeats in a report that were due and received no 200. */
  public static long notRenewed(JsonNode report) {
    JsonNode window = report.path("window");
    return window.path("due").asLong() - window.path("renewals").asLong();
  }

  /**
   * Returns the reason for which the figures of a report are not those of the server, because the
   * load generator fell behind; empty if they are.
   */
  public static String invalidReason(JsonNode report) {
    JsonNode generator = report.path("generator");
    return generator.path("isValid").asBoolean(true)
        ? ""
        : generator.path("reason").asString("?");
  }

  @Override
  public void close() {
    RunningServer.terminate(process);
  }
}
