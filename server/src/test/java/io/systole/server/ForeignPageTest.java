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

/** Requests of a web page of another site, which must not cancel or evict instances. */
class ForeignPageTest {
  private static final String CANCEL_BATCH = """
      {"replicationList": [{"appName": "PAY", "id": "i", "action": "Cancel"}]}""";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Origin: http://evil.example",
        "Origin: null"
      })
  void write_ofAForeignPage_isDenied(String field) throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);

      assertThat(status(node, "POST /systole/evict/PAY/i", field, "")).isEqualTo(403);
      assertThat(status(node, "DELETE /eureka/apps/PAY/i", field, "")).isEqualTo(403);
      assertThat(status(node, "POST /eureka/peerreplication/batch", field, CANCEL_BATCH))
          .isEqualTo(403);
      assertThat(status(node, "GET /eureka/apps/PAY/i", field, "")).isEqualTo(200);

      assertThat(node.server.registry().leaseCount()).isEqualTo(1);
      assertThat(metrics(node)).containsPattern("systole_net_requests_denied_total\\{.*} 3.0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"X: y", "Sec-Fetch-Site: same-origin", "Origin: http://h"})
  void write_ofSameOriginOrNoBrowser_isApplied(String field) throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
      node.server.registry().register(Instances.up("PAY", "j", 90), Origin.CLIENT);

      assertThat(status(node, "POST /systole/evict/PAY/j", field, "")).isEqualTo(204);
      assertThat(status(node, "POST /eureka/peerreplication/batch", field, CANCEL_BATCH))
          .isEqualTo(200);

      assertThat(node.server.registry().leaseCount()).isZero();
    }
  }

  @Test
  void read_ofAReboundName_is421() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--allowed-hosts", "eureka"))) {
      assertThat(status(node, "GET /eureka/apps", "X: y", "")).isEqualTo(421);
    }
  }

  private static String metrics(LiveNode node) throws IOException {
    return exchange(node, "GET /metrics", "X: y", "").text();
  }

  private static int status(LiveNode node, String request, String field, String body)
      throws IOException {
    return exchange(node, request, field, body).status();
  }

  private static LiveNode.NodeResponse exchange(
      LiveNode node, String request, String field, String body) throws IOException {
    String whole = request + " HTTP/1.1\r\nHost: h\r\n" + field
        + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
        + body;
    return node.exchange(whole.getBytes(StandardCharsets.US_ASCII));
  }
}
