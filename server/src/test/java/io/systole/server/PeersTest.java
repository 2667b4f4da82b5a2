// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.net.LiveClient;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nodes that replicate to each other over loopback. */
class PeersTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir
  private Path directory;

  private final List<Node> nodes = new ArrayList<>();
  private Path peersFile;

  /** A node, and its URL. */
  private record Node(HeartbeatServer server, int port) {
    String url() {
      return "http://127.0.0.1:" + port + "/eureka";
    }

    Registry registry() {
      return server.registry();
    }
  }

  @BeforeEach
  void createPeersFile() throws IOException {
    peersFile = Files.createFile(directory.resolve("peers"));
  }

  @AfterEach
  void stopNodes() {
    nodes.forEach(node -> node.server().close());
  }

  private Node start(Map<String, String> options) throws IOException {
    Map<String, String> flags = new HashMap<>(Map.of(
        "--port", "0",
        "--bind", "127.0.0.1",
        "--loops", "1",
        "--lame-duck", "0",
        "--peers-file", peersFile.toString()));
    flags.putAll(options);
    HeartbeatServer server =
        new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    Node node = new Node(server, server.start().getPort());
    nodes.add(node);
    Files.writeString(
        peersFile, String.join("\n", nodes.stream().map(Node::url).toList()) + " # all nodes\n");
    return node;
  }

  /** Starts two nodes, each of which replicates to the other. */
  private void startTwo() throws IOException {
    start(Map.of());
    start(Map.of());
    nodes.forEach(node -> node.server().peers().refresh());
    nodes.forEach(node -> awaitState(node, LinkState.UP));
  }

  private static void awaitState(Node node, LinkState state) {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                node.server().peers().statuses().stream().map(PeerStatus::state).toList(),
            states -> states.equals(List.of(state)));
  }

  private static @Nullable InstanceStatus statusAt(Node node) {
    InstanceInfo instance = node.registry().find(KEY);
    return instance == null ? null : instance.status();
  }

  private static Map<String, String> metadataAt(Node node) {
    InstanceInfo instance = node.registry().find(KEY);
    return instance == null ? Map.of() : instance.metadata();
  }

  private static void awaitStatus(Node node, @Nullable InstanceStatus status) {
    await().atMost(LIMIT).until(() -> statusAt(node) == status);
  }

  @Test
  void change_atOneNode_isMadeAtTheOther() throws IOException {
    startTwo();
    Registry first = nodes.get(0).registry();
    Registry second = nodes.get(1).registry();

    first.register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    awaitStatus(nodes.get(1), InstanceStatus.UP);
    second.statusOverrides().set(KEY, InstanceStatus.DOWN, Registry.NO_TIMESTAMP, Origin.CLIENT);
    awaitStatus(nodes.get(0), InstanceStatus.DOWN);
    first.statusOverrides().remove(KEY, InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
    awaitStatus(nodes.get(1), InstanceStatus.UP);
    first.addMetadata(KEY, Map.of("zone", "a"));
    await().atMost(LIMIT).until(() -> metadataAt(nodes.get(1)).equals(Map.of("zone", "a")));
    second.cancel(KEY, Origin.CLIENT);
    awaitStatus(nodes.get(0), null);
  }

  @Test
  void heartbeats_atOneNode_renewTheLeaseAtTheOther() throws IOException {
    startTwo();
    nodes.get(0).registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    awaitStatus(nodes.get(1), InstanceStatus.UP);
    long before = nodes.get(1).registry().renewal().count();

    try (LiveClient client = LiveClient.connect(nodes.get(0).port())) {
      // Plain, and in a form that the fast path does not take.
      client.send("PUT /v2/apps/DEMO/i-1 HTTP/1.1\r\nHost: a\r\n\r\n");
      client.responses(1);
      await().atMost(LIMIT).until(() -> nodes.get(1).registry().renewal().count() == before + 1);
      client.send("PUT /v2/apps/DEMO/i%2D1?overriddenstatus=UP&x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
      client.responses(1);
    }

    await().atMost(LIMIT).until(() -> nodes.get(1).registry().renewal().count() == before + 2);
  }

  @Test
  void renewalFrame_atOneNode_renewsTheLeasesAtTheOther() throws IOException {
    startTwo();
    Registry first = nodes.get(0).registry();
    Registry second = nodes.get(1).registry();
    List<InstanceInfo> instances = List.of(
        Instances.up("DEMO", "i-1", 90),
        Instances.up("DEMO", "i-2", 90),
        Instances.up("DEMO", "i-3", 90));
    instances.forEach(instance -> first.register(instance, Origin.CLIENT));
    await().atMost(LIMIT).until(() -> second.leaseCount() == instances.size());
    long before = second.renewal().count();
    long[] handles = instances.stream()
        .limit(2)
        .map(instance -> LookupKey.of(instance.key()))
        .map(key -> requireNonNull(first.handles().find(key, Registry.NO_TIMESTAMP)))
        .mapToLong(LeaseHandle::key)
        .sorted()
        .toArray();
    byte[] frame = RenewalFrameEncoder.encode(first.handles().epoch(), handles, handles.length);

    try (LiveClient client = LiveClient.connect(nodes.get(0).port())) {
      client.send(
          "POST /v2/renewals HTTP/1.1\r\nHost: a\r\nContent-Length: " + frame.length + "\r\n\r\n");
      client.send(frame);
      assertThat(client.response().status()).isEqualTo(200);
    }

    await().atMost(LIMIT).until(() -> second.renewal().count() == before + handles.length);
    assertThat(first.renewal().count()).isEqualTo(handles.length);
  }

  @Test
  void heartbeat_unknownToThePeer_registersThere() throws IOException {
    startTwo();
    nodes.get(0).registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    awaitStatus(nodes.get(1), InstanceStatus.UP);
    nodes.get(1).registry().cancel(KEY, Origin.PEER);

    try (LiveClient client = LiveClient.connect(nodes.get(0).port())) {
      client.send("PUT /v2/apps/DEMO/i-1 HTTP/1.1\r\nHost: a\r\n\r\n");
      client.responses(1);
    }

    awaitStatus(nodes.get(1), InstanceStatus.UP);
  }

  @Test
  void start_besideARunningPeer_loadsItsRegistryBeforeItServes() throws IOException {
    Node first = start(Map.of());
    first.registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);

    Node second = start(Map.of());

    assertThat(statusAt(second)).isEqualTo(InstanceStatus.UP);
  }

  /** The list of the stock server, the first peer, was loaded, which may be out of date. */
  @Test
  void start_besideAStockServerAndANode_loadsTheRegistryOfTheNode() throws IOException {
    Node first = start(Map.of());
    first.registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    HttpServer stock =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    stock.createContext("/", PeersTest::respondWithoutInstances);
    stock.start();
    try {
      Node second =
          start(Map.of("--peers", "http://127.0.0.1:" + stock.getAddress().getPort() + "/eureka"));

      assertThat(statusAt(second)).isEqualTo(InstanceStatus.UP);
    } finally {
      stock.stop(0);
    }
  }

  private static void respondWithoutInstances(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] empty = "{\"applications\":{\"application\":[]}}".getBytes(StandardCharsets.UTF_8);
      boolean isHead = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, isHead ? -1 : empty.length);
      if (!isHead) {
        exchange.getResponseBody().write(empty);
      }
    }
  }

  /** The restored override was sent to the peers as a difference, which set it again there. */
  @Test
  void start_overrideRemovedMeanwhile_isNotRestored() throws IOException {
    Map<String, String> durable = Map.of("--data-dir", directory.resolve("data").toString());
    Node first = start(Map.of());
    Node second = start(durable);
    first.server().peers().refresh();
    awaitState(first, LinkState.UP);
    first.registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    first
        .registry()
        .statusOverrides()
        .set(KEY, InstanceStatus.DOWN, Registry.NO_TIMESTAMP, Origin.CLIENT);
    awaitStatus(second, InstanceStatus.DOWN);
    second.server().stop();
    first
        .registry()
        .statusOverrides()
        .remove(KEY, InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);

    Node restarted = start(durable);

    assertThat(statusAt(restarted)).isEqualTo(InstanceStatus.UP);
    assertThat(restarted.registry().statusOverrides().byId()).isEmpty();
  }

  @Test
  void stop_sendsTheLastChanges() throws IOException {
    startTwo();
    nodes.get(0).registry().register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);

    nodes.get(0).server().stop();

    assertThat(statusAt(nodes.get(1))).isEqualTo(InstanceStatus.UP);
  }

  /**
   * A restarted node sent the overrides of a stock server's cached list to all others, where they
   * had been changed meanwhile.
   */
  @Test
  void comparison_overrideOfAnOutdatedList_isNotSent() throws IOException {
    startTwo();
    InstanceInfo instance = Instances.up("DEMO", "i-1", 90);
    nodes.get(0).registry().register(instance, Origin.CLIENT);
    awaitStatus(nodes.get(1), InstanceStatus.UP);
    nodes
        .get(1)
        .registry()
        .registerOutdated(
            instance.toBuilder().overriddenStatus(InstanceStatus.DOWN).build());

    compareAgain(nodes.get(1));

    assertThat(nodes.get(1).server().peers().statuses().get(0).lastDifference()).isZero();
    assertThat(statusAt(nodes.get(0))).isEqualTo(InstanceStatus.UP);
  }

  @Test
  void comparison_overrideOfAClient_isSent() throws IOException {
    startTwo();
    Registry second = nodes.get(1).registry();
    second.register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    second.statusOverrides().set(KEY, InstanceStatus.DOWN, Registry.NO_TIMESTAMP, Origin.CLIENT);
    awaitStatus(nodes.get(0), InstanceStatus.DOWN);
    nodes
        .get(0)
        .registry()
        .statusOverrides()
        .remove(KEY, InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.PEER);

    compareAgain(nodes.get(1));

    awaitStatus(nodes.get(0), InstanceStatus.DOWN);
  }

  /** Replaces the node's link, so that the peer is compared. */
  private void compareAgain(Node node) throws IOException {
    String urls = Files.readString(peersFile);
    Files.writeString(peersFile, "none");
    node.server().peers().refresh();
    await().atMost(LIMIT).until(() -> node.server().peers().statuses().isEmpty());
    Files.writeString(peersFile, urls);
    node.server().peers().refresh();
    awaitState(node, LinkState.UP);
  }

  @Test
  void peers_removedFromTheFile_areClosed() throws IOException {
    startTwo();
    Files.writeString(peersFile, "none");

    nodes.get(0).server().peers().refresh();

    await().atMost(LIMIT).until(() -> nodes.get(0).server().peers().statuses().isEmpty());
  }

  @Test
  void peer_underTwoUrls_receivesEachChangeOnce() throws IOException {
    startTwo();
    Node first = nodes.get(0);
    Files.writeString(
        peersFile, nodes.get(1).url() + "," + nodes.get(1).url().replace("/eureka", "/v2"));

    first.server().peers().refresh();

    await()
        .atMost(LIMIT)
        .until(
            () -> first.server().peers().statuses().stream()
                .map(PeerStatus::state)
                .toList(),
            states -> states.equals(List.of(LinkState.UP, LinkState.DUPLICATE)));
  }

  @Test
  void registerSelf_isSeenAtThePeerUntilTheNodeStops() throws IOException {
    start(Map.of());
    Node registered = start(Map.of("--register-self", "true"));
    registered.server().peers().refresh();
    Registry peer = nodes.get(0).registry();
    await().atMost(LIMIT).until(() -> peer.leaseCount() == 1);

    registered.server().stop();

    assertThat(peer.leaseCount()).isZero();
  }
}
