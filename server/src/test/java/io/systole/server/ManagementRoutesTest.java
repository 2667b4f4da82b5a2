// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The management endpoints of a real node over HTTP. */
class ManagementRoutesTest {
  @Test
  void routes_ofANode_respond() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--simulation", "true"))) {
      node.server.registry().register(Instances.up("PAY", "pay 1", 90), Origin.CLIENT);

      assertThat(requested(node, "GET", "/systole/explain/pay/pay%201", "").text())
          .contains("\"state\" : \"valid\"");
      assertThat(requested(node, "GET", "/systole/self-preservation", "").status())
          .isEqualTo(200);
      assertThat(requested(node, "GET", "/systole/recent", "").text()).contains("pay 1");
      assertThat(
              requested(node, "POST", "/systole/simulate", "{\"share\": 0.5}").text())
          .contains("\"leases\" : 1");
      assertThat(requested(node, "POST", "/systole/simulate", "{\"share\": 5}").status())
          .isEqualTo(400);
      assertThat(requested(node, "POST", "/systole/extend/pay/pay%201", "").status())
          .isEqualTo(204);
      assertThat(requested(node, "POST", "/systole/evict/pay/pay%201", "").status())
          .isEqualTo(204);
      assertThat(requested(node, "GET", "/systole/explain/pay/pay%201", "").text())
          .contains("\"by\" : \"operator\"");
    }
  }

  @Test
  void config_ofANode_isTheTextInForce() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.server.showConfiguration(() -> "listen:\n  port: 1 # --port\n");

      assertThat(requested(node, "GET", "/systole/config", "").text())
          .isEqualTo("listen:\n  port: 1 # --port\n");
    }
  }

  /** Regression: anyone who reached the port could run simulations. */
  @Test
  void simulate_notEnabled_is404() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      assertThat(requested(node, "POST", "/systole/simulate", "").status()).isEqualTo(404);
    }
    try (LiveNode node = LiveNode.start(Map.of("--simulation", "true", "--management", "false"))) {
      assertThat(requested(node, "POST", "/systole/simulate", "").status()).isEqualTo(404);
    }
  }

  @Test
  void routes_withoutManagement_areReadOnly() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--management", "false"))) {
      node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);

      assertThat(requested(node, "GET", "/systole/explain/pay/i", "").status()).isEqualTo(200);
      assertThat(requested(node, "POST", "/systole/simulate", "").status()).isEqualTo(404);
      assertThat(requested(node, "POST", "/systole/evict/pay/i", "").status()).isEqualTo(404);
      assertThat(requested(node, "POST", "/systole/extend/pay/i", "").status()).isEqualTo(404);
      assertThat(node.server.registry().leaseCount()).isEqualTo(1);
    }
  }

  @Test
  void explain_evictedByHandBeforeARestart_isReportedFromTheJournal(@TempDir Path directory)
      throws IOException {
    Map<String, String> options = Map.of("--data-dir", directory.toString());
    try (LiveNode node = LiveNode.start(options)) {
      node.server.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
      node.server.registry().expiry().evict(new InstanceKey("PAY", "i"));
    }

    try (LiveNode again = LiveNode.start(options)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(
                  requested(again, "GET", "/systole/explain/pay/i", "").text())
              .contains("\"by\" : \"operator\"", "\"source\" : \"journal\""));
    }
  }

  private static LiveNode.NodeResponse requested(
      LiveNode node, String method, String path, String body) throws IOException {
    String request = method + " " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
        + body.length() + "\r\n\r\n" + body;
    return node.exchange(request.getBytes(StandardCharsets.US_ASCII));
  }
}
