// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** List-based header fields sent in several lines (RFC 9110 §5.3). */
class ListFieldsTest {
  private static LiveNode.NodeResponse get(LiveNode node, String... lines) throws IOException {
    String request =
        "GET /v2/apps HTTP/1.1\r\nHost: h\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
    return node.exchange(request.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void accept_inTwoLines_isOneList() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      LiveNode.NodeResponse response =
          get(node, "Accept: text/html;q=0.1", "Accept: application/json");

      assertThat(response.type()).isEqualTo("application/json");
    }
  }

  @Test
  void acceptEncoding_inTwoLines_isOneList() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      LiveNode.NodeResponse response = get(node, "Accept-Encoding: br", "accept-encoding: gzip");

      assertThat(response.isGzipped()).isTrue();
    }
  }

  @Test
  void ifNoneMatch_inTwoLines_isOneList() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
      String tag = get(node, "Accept: application/json").headers().get("etag");

      LiveNode.NodeResponse response = get(
          node, "Accept: application/json", "If-None-Match: \"other\"", "If-None-Match: " + tag);

      assertThat(response.status()).isEqualTo(304);
    }
  }

  @Test
  void connection_inTwoLines_isOneList() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      LiveNode.NodeResponse response = get(node, "Connection: keep-alive", "Connection: close");

      assertThat(response.headers()).containsEntry("connection", "close");
    }
  }
}
