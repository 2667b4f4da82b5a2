// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.peers.MetricsPage;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerMeter;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A node in a separate process, alone or a member of a native cluster. */
final class MemberServer implements AutoCloseable {
  private static final int TIMEOUT_MS = 2_000;
  private static final int CLUSTER_PORT = 7800;
  private static final String METRICS = "systole_cluster_";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The settings that the members of a cluster share.
   *
   * @param root the checkout
   * @param directory the directory of logs
   * @param heap the maximum heap of each
   * @param registrySizeMax the option {@code --max-registry-size} of each
   * @param network the first three bytes of the members' addresses, in the loopback network
   * @param members the number of addresses; 1 for a node without a cluster
   */
  record Settings(
      Path root, Path directory, String heap, String registrySizeMax, String network, int members) {
    List<String> jvmOptions() {
      return List.of("-Xmx" + heap);
    }

    private String address(int index) {
      return network + "." + (index + 1);
    }

    private List<String> clusterArguments(int index) {
      List<String> addresses = new ArrayList<>();
      for (int i = 0; i < members; i++) {
        addresses.add(address(i) + ":" + CLUSTER_PORT);
      }
      return members == 1
          ? List.of()
          : List.of(
              "--cluster",
              "measured",
              "--cluster-members",
              String.join(",", addresses),
              "--cluster-bind",
              address(index),
              "--cluster-port",
              Integer.toString(CLUSTER_PORT));
    }
  }

  private final RunningServer server;
  private final ServerMeter meter;

  private MemberServer(RunningServer server) throws IOException {
    this.server = server;
    this.meter = new ServerMeter(server.pid());
  }

  /**
   * Starts a node and waits until it accepts connections.
   *
   * @param index the index of its address
   */
  static MemberServer start(Settings settings, int index) throws IOException, InterruptedException {
    Path log =
        settings.directory().resolve("cluster-" + settings.members() + "-" + (index + 1) + ".log");
    Files.deleteIfExists(log);
    int port = RunningServer.freePort();
    List<String> command = new ArrayList<>(ServerUnderTest.SYSTOLE.command(
        settings.root(), port, new LaunchOptions(settings.jvmOptions(), 0)));
    command.addAll(List.of("--lame-duck", "0"));
    command.addAll(List.of("--max-registry-size", settings.registrySizeMax()));
    command.addAll(settings.clusterArguments(index));
    return new MemberServer(RunningServer.start(port, command, log));
  }

  int port() {
    return server.port();
  }

  ServerMeter meter() {
    return meter;
  }

  /** Returns the number of members in its view; 0 unless all of them are complete. */
  int completeMembers() throws IOException {
    JsonNode status = JSON.readTree(get("/systole/cluster"));
    boolean isComplete = status.path("isComplete").asBoolean(false);
    for (JsonNode member : status.path("members")) {
      isComplete &= member.path("isComplete").asBoolean(false);
    }
    return isComplete ? status.path("members").size() : 0;
  }

  private byte[] get(String path) throws IOException {
    URLConnection connection =
        URI.create("http://127.0.0.1:" + port() + path).toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    try (InputStream body = connection.getInputStream()) {
      return body.readAllBytes();
    }
  }

  long leases() throws IOException {
    return Math.round(MetricsPage.read(port()).sum("systole_registry_leases"));
  }

  /** Returns the counters of the cluster, by name. */
  Map<String, Double> clusterCounters() throws IOException {
    return MetricsPage.read(port()).values(METRICS);
  }

  void kill() {
    ProcessHandle.of(server.pid()).ifPresent(ProcessHandle::destroyForcibly);
  }

  /** Suspends the process. */
  void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  /** Resumes the process. */
  void resume() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", signal, Long.toString(server.pid())).start();
    if (kill.waitFor() != 0) {
      throw new IOException("kill " + signal + " failed");
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
