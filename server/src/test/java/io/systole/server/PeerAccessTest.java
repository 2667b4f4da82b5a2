// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replication requests from 127.0.0.1, with {@code --allow-peers}. */
class PeerAccessTest {
  private static final String BATCH = """
      {"replicationList":[{"appName":"PAY","id":"i","action":"Cancel"}]}""";
  private static final String REPLICATED = "x-netflix-discovery-replication: true\r\n";

  @Test
  void request_ofAnUnlistedPeer_is403AndChangesNothing() throws IOException {
    try (LiveNode node = start("10.0.0.0/8,::1")) {
      assertThat(status(node, "POST /eureka/peerreplication/batch", "", BATCH)).isEqualTo(403);
      assertThat(status(node, "POST /v2/peerreplication/batch/", "", BATCH)).isEqualTo(403);
      assertThat(status(node, "POST /eureka/peerreplication/batch", "", "{")).isEqualTo(403);
      assertThat(status(node, "DELETE /eureka/apps/PAY/i", REPLICATED, "")).isEqualTo(403);
      assertThat(status(node, "PUT /eureka/apps/PAY/i", REPLICATED, "")).isEqualTo(403);

      assertThat(node.server.registry().leaseCount()).isEqualTo(1);
      assertThat(node.server.registry().renewal().count()).isZero();
      assertThat(exchange(node, "GET /metrics", "", "").text())
          .contains("systole_net_requests_denied_total{reason=\"unknown_peer\"} 5.0");
    }
  }

  @Test
  void request_ofAClient_isServed() throws IOException {
    try (LiveNode node = start("10.0.0.0/8")) {
      assertThat(status(node, "PUT /eureka/apps/PAY/i", "", "")).isEqualTo(200);
      assertThat(status(node, "PUT /eureka/apps/PAY/i?x=%41", "", "")).isEqualTo(200);
      assertThat(status(
              node, "DELETE /v2/apps/PAY/i", "x-netflix-discovery-replication: TRUE\r\n", ""))
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"any", "127.0.0.1", "10.0.0.0/8,127.0.0.0/8"})
  void request_ofAnAllowedPeer_isApplied(String peers) throws IOException {
    try (LiveNode node = start(peers)) {
      assertThat(status(node, "PUT /eureka/apps/PAY/i", REPLICATED, "")).isEqualTo(200);

      LiveNode.NodeResponse first = exchange(node, "POST /v2/peerreplication/batch/", "", BATCH);
      LiveNode.NodeResponse second = exchange(node, "POST /v2/peerreplication/batch/", "", "{");

      assertThat(first.text()).isEqualTo("{\"responseList\":[{\"statusCode\":200}]}");
      assertThat(second.status()).isEqualTo(400);
      assertThat(first.headers().get("systole-node"))
          .hasSize(36)
          .isEqualTo(second.headers().get("systole-node"));
    }
  }

  private static LiveNode start(String peers) throws IOException {
    LiveNode node = LiveNode.start(Map.of("--allow-peers", peers));
    node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
    return node;
  }

  private static int status(LiveNode node, String request, String field, String body)
      throws IOException {
    LiveNode.NodeResponse response = exchange(node, request, field, body);
    assertThat(response.text()).isEmpty();
    return response.status();
  }

  private static LiveNode.NodeResponse exchange(
      LiveNode node, String request, String field, String body) throws IOException {
    String whole = request + " HTTP/1.1\r\nHost: h\r\n" + field
        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    return node.exchange(whole.getBytes(StandardCharsets.US_ASCII));
  }
}
