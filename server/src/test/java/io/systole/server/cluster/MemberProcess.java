// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockRegistry;
import io.systole.server.NodeProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** A member of a native cluster, in a separate process that can be killed and suspended. */
final class MemberProcess implements ClusterServer {
  private static final List<String> JVM_FLAGS =
      List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private static final Duration RESPONSE_MAX = Duration.ofSeconds(2);
  private static final long STOP_SECONDS_MAX = 30;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String name;
  private final MemberAddress address;
  private final ReservedPort port = new ReservedPort();
  private final Path log;
  private final List<String> options;
  private final StockRegistry registry;
  private NodeProcess process;

  /**
   * Starts a member and waits until it is ready.
   *
   * @param folder of its log and data
   * @param members addresses of all members
   * @param furtherOptions names and values
   */
  MemberProcess(
      String name,
      Path folder,
      MemberAddress address,
      List<MemberAddress> members,
      List<String> furtherOptions)
      throws IOException, InterruptedException {
    this.name = name;
    this.address = address;
    this.log = folder.resolve(name + ".log");
    this.options = options(folder.resolve(name), members);
    this.registry = new StockRegistry(url("/eureka"));
    this.process = launch(furtherOptions);
  }

  private List<String> options(Path data, List<MemberAddress> members) {
    String addresses =
        members.stream().map(MemberAddress::cluster).collect(Collectors.joining(","));
    return List.of(
        "--bind",
        address.host(),
        "--port",
        Integer.toString(port.number()),
        "--data-dir",
        data.toString(),
        "--lame-duck",
        "0",
        "--self-preservation",
        "false",
        "--eviction-interval",
        "500ms",
        "--cluster",
        "tested",
        "--cluster-members",
        addresses,
        "--cluster-bind",
        address.clusterHost(),
        "--cluster-port",
        Integer.toString(MemberAddress.CLUSTER_PORT));
  }

  private NodeProcess launch(List<String> furtherOptions) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(options);
    all.addAll(furtherOptions);
    return NodeProcess.start(log, address.prefix(), JVM_FLAGS, all);
  }

  private URI url(String path) {
    return URI.create("http://" + address.host() + ":" + port.number() + path);
  }

  @Override
  public StockRegistry registry() {
    return registry;
  }

  /** Returns its state of the cluster as shown to operators; empty without a response. */
  JsonNode status() throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url("/systole/cluster")).timeout(RESPONSE_MAX).build();
    try {
      return JSON.readTree(HTTP.send(request, BodyHandlers.ofString()).body());
    } catch (IOException notNow) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  /** Returns the number of members in its view; 0 unless all of them, and itself, are complete. */
  int completeMembers() throws InterruptedException {
    JsonNode status = status();
    JsonNode members = status.path("members");
    boolean isComplete = status.path("isComplete").asBoolean(false);
    for (JsonNode member : members) {
      isComplete &= member.path("isComplete").asBoolean(false);
    }
    return isComplete ? members.size() : 0;
  }

  /** Returns everything that the member has logged. */
  String log() throws IOException {
    return Files.readString(log);
  }

  @Override
  public void kill() {
    process.close();
    process.process().onExit().join();
  }

  /** Stops the member in order. */
  void stop() throws IOException, InterruptedException {
    process.process().destroy();
    assertThat(process.process().waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS))
        .as("%s has stopped", name)
        .isTrue();
    assertThat(process.process().exitValue()).as(log()).isZero();
  }

  /** Suspends the process, which keeps its connections. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** Resumes the process. */
  void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.process().pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  /** Starts the member again if it has ended, and resumes it if it is suspended. */
  void ensureRunning() throws IOException, InterruptedException {
    if (process.process().isAlive()) {
      resume();
    } else {
      startAgain();
    }
  }

  @Override
  public void startAgain() throws IOException, InterruptedException {
    startAgain(List.of());
  }

  /** Starts the member again on its data, with these options besides the common ones. */
  void startAgain(List<String> furtherOptions) throws IOException, InterruptedException {
    process = launch(furtherOptions);
  }

  @Override
  public void close() {
    kill();
    port.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
