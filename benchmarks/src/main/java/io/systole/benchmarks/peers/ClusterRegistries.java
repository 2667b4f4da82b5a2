// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.servers.LoadTestProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A comparison of the registries of a cluster by the load test, in a separate process. */
final class ClusterRegistries implements AutoCloseable {
  /**
   * The result of a comparison.
   *
   * @param instances of each server
   * @param differing instances that are not the same at all servers
   */
  record Compared(List<Integer> instances, int differing) {}

  private final LoadTestProcess process;

  private ClusterRegistries(LoadTestProcess process) {
    this.process = process;
  }

  /**
   * Starts a comparison that is repeated until the registries are equal.
   *
   * @param secsMax maximum time until then; 0 for a single comparison
   */
  static ClusterRegistries start(
      ClusterNode.Settings settings, List<ClusterNode> nodes, int secsMax) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("compare-registries"));
    nodes.forEach(node -> arguments.add(node.url().toString()));
    arguments.add("--wait=" + secsMax);
    Path json = settings.directory().resolve("registries.json");
    return new ClusterRegistries(LoadTestProcess.start(settings.root(), json, arguments));
  }

  /** Compares once. */
  static Compared compare(ClusterNode.Settings settings, List<ClusterNode> nodes)
      throws IOException, InterruptedException {
    try (ClusterRegistries comparison = start(settings, nodes, 0)) {
      return comparison.end();
    }
  }

  /** Waits for the end of the comparison. */
  Compared end() throws IOException, InterruptedException {
    return read(process.report());
  }

  static Compared read(JsonNode report) {
    List<Integer> instances = new ArrayList<>();
    report
        .path("servers")
        .forEach(server -> instances.add(server.path("instances").asInt()));
    return new Compared(instances, report.path("differing").asInt());
  }

  @Override
  public void close() {
    process.close();
  }
}
