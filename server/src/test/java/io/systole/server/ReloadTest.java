// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.net.LiveClient;
import io.systole.server.peer.PeerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** New configurations of a node that serves. */
class ReloadTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";

  @Test
  void prepareReload_notApplied_changesNothing() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      Runnable unused = node.server.prepareReload(config(Map.of("--renewal-share", "50%")));

      assertThat(node.server.evictor().rules().share()).isEqualTo(0.85);
    }
  }

  @Test
  void prepareReload_nodeStops_isRefused() throws IOException {
    LiveNode node = LiveNode.start(Map.of());
    node.close();

    assertThatThrownBy(() -> node.server.prepareReload(config(Map.of())))
        .isInstanceOf(IOException.class)
        .hasMessage("the node is starting or stopping");
  }

  @Test
  void reload_connections_areLimitedByTheNewMaximum() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of());
        LiveClient first = node.connect()) {
      assertThat(statusOfHealth(first)).isEqualTo(200);

      reload(node, Map.of("--max-connections", "1"));
      try (LiveClient second = node.connect()) {
        assertThat(second.response().status()).isEqualTo(503);
      }
      reload(node, Map.of("--max-connections", "10"));
      try (LiveClient second = node.connect()) {
        assertThat(statusOfHealth(second)).isEqualTo(200);
      }

      assertThat(statusOfHealth(first)).isEqualTo(200);
    }
  }

  @Test
  void reload_sizesOfHeaders_applyToNewConnections() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of());
        LiveClient before = node.connect()) {
      assertThat(statusOfHealth(before)).isEqualTo(200);
      String twoFields = HEALTH.replace("Host: a\r\n", "Host: a\r\nX: y\r\n");

      reload(node, Map.of("--max-headers", "1"));

      try (LiveClient after = node.connect()) {
        after.send(twoFields);
        assertThat(after.response().status()).isEqualTo(431);
      }
      before.send(twoFields);
      assertThat(before.response().status()).isEqualTo(200);
    }
  }

  @Test
  void reload_rulesOfEviction_areThoseOfTheNextDecision() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      assertThat(node.server.evictor().selfPreservation().mayEvict()).isFalse();

      reload(node, Map.of("--protect", "app", "--renewal-share", "50%"));

      assertThat(node.server.evictor().rules().share()).isEqualTo(0.5);
      assertThat(node.server.evictor().rules().protections()).containsExactly(ProtectionRule.APP);
      assertThat(node.server.evictor().selfPreservation().mayEvict()).isTrue();
    }
  }

  @Test
  void reload_bytesOfTheRegistry_limitRegistrations() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      reload(node, Map.of("--max-registry-size", "1B"));

      assertThat(node.server.registry().settings().bytes().registryMax()).isEqualTo(1);
      assertThat(node.exchange(registration()).status()).isEqualTo(503);

      reload(node, Map.of());

      assertThat(node.exchange(registration()).status()).isEqualTo(204);
    }
  }

  @Test
  void reload_instances_areLimitedByTheNewMaximum() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--max-instances", "1"))) {
      assertThat(node.exchange(registration("i-1")).status()).isEqualTo(204);
      assertThat(node.exchange(registration("i-2")).status()).isEqualTo(503);

      reload(node, Map.of("--max-instances", "2"));
      assertThat(node.exchange(registration("i-2")).status()).isEqualTo(204);

      reload(node, Map.of("--max-instances", "1"));
      assertThat(node.exchange(registration("i-3")).status()).isEqualTo(503);
      assertThat(node.exchange(registration("i-2")).status()).isEqualTo(204);
      assertThat(node.server.registry().leaseCount()).isEqualTo(2);
    }
  }

  @Test
  void reload_bytesOfDeltas_limitTheChangesKept() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.exchange(registration("i-1"));
      node.exchange(registration("i-2"));
      assertThat(node.server.registry().changes().retainedBytes()).isGreaterThan(500);

      reload(node, Map.of("--max-delta-size", "500B"));
      assertThat(node.exchange(registration("i-3")).status()).isEqualTo(204);

      assertThat(node.server.registry().changes().retainedBytes()).isBetween(1L, 500L);
    }
  }

  @Test
  void reload_sizesOfRequests_applyToNewConnections() throws IOException {
    String longHead = HEALTH.replace("Host: a\r\n", "Host: a\r\nX: " + "x".repeat(40_000) + "\r\n");
    byte[] longBody = registration("i".repeat(1_000));
    try (LiveNode node = LiveNode.start(Map.of())) {
      assertThat(node.exchange(longHead.getBytes(StandardCharsets.US_ASCII)).status())
          .isEqualTo(431);
      assertThat(node.exchange(longBody).status()).isEqualTo(204);

      reload(node, Map.of("--max-head-size", "64KiB", "--max-body-size", "1KiB"));

      assertThat(node.exchange(longHead.getBytes(StandardCharsets.US_ASCII)).status())
          .isEqualTo(200);
      assertThat(node.exchange(longBody).status()).isEqualTo(413);
    }
  }

  @Test
  void reload_sizeOfBodies_limitsDecompressedOnesToo() throws IOException {
    byte[] document = document("i".repeat(1_000)).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      gzip.write(document);
    }
    byte[] head = ("POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\n"
            + "Content-Encoding: gzip\r\nContent-Length: " + compressed.size()
            + "\r\nHost: a\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
    byte[] request = Arrays.copyOf(head, head.length + compressed.size());
    System.arraycopy(compressed.toByteArray(), 0, request, head.length, compressed.size());
    try (LiveNode node = LiveNode.start(Map.of())) {
      assertThat(node.exchange(request).status()).isEqualTo(204);

      reload(node, Map.of("--max-body-size", "1KiB"));

      assertThat(node.exchange(request).status()).isEqualTo(413);
    }
  }

  @Test
  void reload_allowedHosts_applyToNewConnections() throws IOException {
    byte[] health = HEALTH.getBytes(StandardCharsets.US_ASCII);
    try (LiveNode node = LiveNode.start(Map.of("--allowed-hosts", "b"))) {
      assertThat(node.exchange(health).status()).isEqualTo(421);

      reload(node, Map.of("--allowed-hosts", "a"));

      assertThat(node.exchange(health).status()).isEqualTo(200);
    }
  }

  @Test
  void reload_allowedPeers_applyToOpenConnectionsToo() throws IOException {
    String body = "{\"replicationList\":[]}";
    String batch = "POST /v2/peerreplication/batch HTTP/1.1\r\nHost: a\r\n"
        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
        + body;
    try (LiveNode node = LiveNode.start(Map.of());
        LiveClient open = node.connect()) {
      open.send(batch);
      assertThat(open.response().status()).isEqualTo(200);

      reload(node, Map.of("--allow-peers", "10.0.0.0/8"));
      open.send(batch);
      assertThat(open.response().status()).isEqualTo(403);

      reload(node, Map.of("--allow-peers", "127.0.0.0/8"));
      open.send(batch);
      assertThat(open.response().status()).isEqualTo(200);
    }
  }

  @Test
  void reload_peers_areReplaced() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--peers", "http://127.0.0.2:1/eureka"))) {
      awaitPeers(node, "[http://127.0.0.2:1/eureka]");

      reload(node, Map.of("--peers", "http://127.0.0.3:1/eureka"));
      awaitPeers(node, "[http://127.0.0.3:1/eureka]");

      reload(node, Map.of());
      awaitPeers(node, "[]");
    }
  }

  private static void awaitPeers(LiveNode node, String urls) {
    await()
        .atMost(LIMIT)
        .until(
            () -> node.server.peers().statuses().stream()
                .map(PeerStatus::url)
                .toList()
                .toString(),
            urls::equals);
  }

  private static int statusOfHealth(LiveClient client) throws IOException {
    client.send(HEALTH);
    return client.response().status();
  }

  private static byte[] registration() {
    return registration("i-1");
  }

  private static String document(String id) {
    return """
        {"instance": {"instanceId": "%s", "app": "A", "hostName": "h", "ipAddr": "127.0.0.1",
          "status": "UP", "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        """.formatted(id);
  }

  private static byte[] registration(String id) {
    String document = document(id);
    return ("POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
            + document.length() + "\r\nHost: a\r\n\r\n" + document)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void reload(LiveNode node, Map<String, String> flags) throws IOException {
    node.server.prepareReload(config(flags)).run();
  }

  private static ServerConfig config(Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("--loops", "1");
    return ConfigParser.read(all, Map.of());
  }
}
