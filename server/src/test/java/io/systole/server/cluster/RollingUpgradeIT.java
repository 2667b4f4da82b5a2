// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.ReservedPort;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.HeartbeatOutcomes;
import io.systole.server.NodeProcess;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that are stopped and started on their data, one after the other, under heartbeats. */
@Tag("extended")
class RollingUpgradeIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int INSTANCES = 50;

  /** A heartbeat that is a whole interval late counts as not sent; clients may take a second. */
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** One node of the two. */
  private static final class Node {
    private final ReservedPort port;
    private final Path log;
    private final List<String> options;
    private NodeProcess process;

    Node(Path folder, ReservedPort port, String peers) throws Exception {
      this.port = port;
      log = folder.resolve(port.number() + ".log");
      options = List.of(
          "--port",
          Integer.toString(port.number()),
          "--data-dir",
          folder.resolve(Integer.toString(port.number())).toString(),
          "--peers",
          peers,
          "--lame-duck",
          "1s");
      start();
    }

    void start() throws Exception {
      process = NodeProcess.start(log, NodeProcess.SMALL_JVM, options);
    }

    void stop() throws Exception {
      process.process().destroy();
      assertThat(process.process().waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.process().exitValue()).as(Files.readString(log)).isZero();
    }

    boolean isPeerUp() throws Exception {
      URI peers = URI.create("http://127.0.0.1:" + port.number() + "/systole/peers");
      return HTTP.send(HttpRequest.newBuilder(peers).build(), BodyHandlers.ofString())
          .body()
          .contains("\"up\"");
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private final HeartbeatOutcomes outcomes = new HeartbeatOutcomes();

  @AfterEach
  void stopNodes() {
    for (Node node : nodes) {
      node.process.close();
      node.port.close();
    }
  }

  private static URI urlOf(ReservedPort port) {
    return URI.create("http://127.0.0.1:" + port.number() + "/eureka");
  }

  private HeartbeatClient client() throws Exception {
    return new ClientBuilder()
        .servers(nodes.stream().map(node -> urlOf(node.port)).toList())
        .connections(2)
        .observers(() -> outcomes)
        .build();
  }

  private static InstanceInfo instance(int number) {
    return InstanceInfo.builder()
        .app("UPGRADED")
        .instanceId("i-" + number)
        .hostName("h")
        .ipAddr("127.0.0.1")
        .leaseInfo(LeaseInfo.of(INTERVAL, INTERVAL.multipliedBy(10)))
        .build();
  }

  private void awaitRenewals(int rounds) {
    long until = outcomes.renewed() + (long) rounds * INSTANCES;
    await().atMost(LIMIT).until(() -> outcomes.renewed() >= until);
  }

  @Test
  void nodesRestarted_oneAfterTheOther_everyHeartbeatIsRenewed(@TempDir Path folder)
      throws Exception {
    List<ReservedPort> ports = List.of(new ReservedPort(), new ReservedPort());
    String peers = urlOf(ports.get(0)) + "," + urlOf(ports.get(1));
    for (ReservedPort port : ports) {
      nodes.add(new Node(folder, port, peers));
    }
    try (HeartbeatClient client = client()) {
      for (int i = 0; i < INSTANCES; i++) {
        Registration registration = client.register(instance(i));
        registration.whenRegistered().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      for (Node node : nodes) {
        for (Node other : nodes) {
          await().atMost(LIMIT).until(other::isPeerUp);
        }
        awaitRenewals(2);

        node.stop();
        awaitRenewals(2);
        node.start();
      }
      awaitRenewals(2);
    }

    assertThat(outcomes.refused()).as("statuses other than 200").isEmpty();
    assertThat(outcomes.failures()).as("heartbeats without a response").isEmpty();
  }
}
