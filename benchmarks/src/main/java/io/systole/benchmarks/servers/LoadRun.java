// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Settings of a run of {@code load-test peak} against a server.
 *
 * @param root the checkout
 * @param directory of reports and logs
 * @param instances registered before and renewed during the run
 * @param connections kept open
 * @param warmupSecs of load before the measurement
 * @param durationSecs of the measurement
 * @param jvmOptions of the load test, besides those of the environment
 */
public record LoadRun(
    Path root,
    Path directory,
    int instances,
    int connections,
    int warmupSecs,
    int durationSecs,
    List<String> jvmOptions) {
  /**
   * The result of one run.
   *
   * @param cpuUs CPU time of the server, microseconds per answered renewal
   * @param renewalsPerSec answered with 200
   */
  public record Sample(double cpuUs, double renewalsPerSec) {}

  /**
   * Loads the server at {@code target} with {@code inFlight} requests on each connection.
   *
   * @param pid of the server
   * @throws IOException if the load test fails or any response is not a 200
   */
  public Sample run(URI target, long pid, int inFlight, String name)
      throws IOException, InterruptedException {
    Path json = directory.resolve(name + ".json");
    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder = new ProcessBuilder(command(target, pid, inFlight, json));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    String jvm = "SYSTOLE_JAVA_OPTS";
    String requested = builder.environment().getOrDefault(jvm, "");
    builder.environment().put(jvm, requested + " " + String.join(" ", jvmOptions));
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    int status = builder.start().waitFor();
    if (status != 0) {
      throw new IOException("load test ended with status " + status + "; see " + log);
    }
    return read(Files.readString(json));
  }

  private List<String> command(URI target, long pid, int inFlight, Path json) {
    return List.of(
        root.resolve("load-test/bin/load-test").toString(),
        "peak",
        "--target=" + target,
        "--instances=" + instances,
        "--connections=" + connections,
        "--in-flight=" + inFlight,
        "--warmup=" + warmupSecs,
        "--duration=" + durationSecs,
        "--pid=" + pid,
        "--json=" + json);
  }

  /**
   * Reads a report.
   *
   * @throws IOException if any response was not a 200, or the CPU time is missing
   */
  static Sample read(String report) throws IOException {
    JsonNode root = new ObjectMapper().readTree(report);
    JsonNode window = root.path("window");
    JsonNode cpuUs = root.path("cost").path("targetCpuUs");
    boolean onlyRenewed = window.path("statuses").size() == 1
        && window.path("statuses").has("200")
        && window.path("failures").isEmpty();
    if (!root.path("passed").asBoolean(false) || !onlyRenewed) {
      throw new IOException(
          "not every response was a 200: " + root.path("outcome").asString("?"));
    }
    if (!cpuUs.isNumber()) {
      throw new IOException("report lacks the server's CPU time");
    }
    return new Sample(cpuUs.asDouble(), window.path("renewalsPerSec").asDouble());
  }
}
