// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.config.SetOption;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.route.Router.RouteInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

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
  void routes_ofApplicationsAndInstances_respond() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      for (String id : List.of("a", "b")) {
        node.server.registry().register(Instances.up("PAY", id, 90), Origin.CLIENT);
      }

      assertThat(requested(node, "GET", "/systole/applications?search=pa", "").text())
          .contains("\"name\" : \"PAY\"", "\"instances\" : 2");
      assertThat(
              requested(node, "GET", "/systole/instances?app=pay&limit=1", "").text())
          .contains("\"matching\" : 2", "\"id\" : \"a\"")
          .doesNotContain("\"id\" : \"b\"");
      assertThat(requested(node, "GET", "/systole/explain/pay", "").text())
          .contains("Application PAY has 2 leases, none of which has expired.");
      assertThat(requested(node, "GET", "/systole/explain/pya", "").status()).isEqualTo(404);
      assertThat(
              requested(node, "PUT", "/systole/override/pay/a?value=DOWN", "").status())
          .isEqualTo(204);
      assertThat(requested(node, "GET", "/v2/apps/PAY/a", "").text()).contains(">DOWN<");
      assertThat(requested(node, "DELETE", "/systole/override/pay", "").text())
          .contains("\"done\" : 1");
      assertThat(requested(node, "POST", "/systole/extend/pay", "").text())
          .contains("2 leases of PAY were extended.");
      assertThat(requested(node, "POST", "/systole/evict/pay", "").text())
          .contains("2 leases of PAY were evicted.");
      assertThat(requested(node, "POST", "/systole/evict/pay", "").status()).isEqualTo(404);
      assertThat(requested(node, "GET", "/systole/instances/pay/a", "").text())
          .contains("\"from\" : \"127.0.0.1:", "\"state\" : \"removed\"");
      assertThat(requested(node, "GET", "/systole/recent?limit=1", "").text())
          .containsOnlyOnce("\"cause\" : \"operator\"");
    }
  }

  @Test
  void node_ofANode_hasItsOptionsAndAddresses() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.server.showOptions(() -> List.of(new SetOption("--port", "0", "--port")));

      String text = requested(node, "GET", "/systole/node", "").text();

      assertThat(text)
          .contains(
              "\"main\" : \"127.0.0.1:" + node.server.managementAddress().getPort() + "\"",
              "\"name\" : \"--port\"",
              "\"dataDirectory\" : null",
              "\"pid\" : " + ProcessHandle.current().pid());
    }
  }

  @Test
  void logLevel_changed_isInForce() throws IOException {
    String name = "io.systole.server.peer";
    ch.qos.logback.classic.Logger logger =
        (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(name);
    try (LiveNode node = LiveNode.start(Map.of())) {
      String change = "/systole/log-level?level=debug&logger=" + name;
      assertThat(requested(node, "PUT", change, "").status()).isEqualTo(204);

      assertThat(logger.getLevel()).isEqualTo(Level.DEBUG);
      assertThat(requested(node, "GET", "/systole/log-level", "").text())
          .contains("\"" + name + "\" : \"DEBUG\"");
      for (String query : List.of("", "?level=loud", "?level=info&logger=io.systole.unknown")) {
        assertThat(requested(node, "PUT", "/systole/log-level" + query, "").status())
            .as(query)
            .isEqualTo(400);
      }
    } finally {
      logger.setLevel(null);
    }
  }

  /** A mistyped filter would look like an unfiltered result. */
  @Test
  void routes_unknownQueryParameter_areRefused() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--simulation", "true"))) {
      node.server.registry().register(Instances.up("A", "A", 90), Origin.CLIENT);
      int tried = 0;
      for (RouteInfo route : node.server.router().resources()) {
        // Browsers may be given files with a version as query.
        if (!route.template().startsWith("/systole/")
            || route.template().startsWith("/systole/ui/")) {
          continue;
        }
        String path = route.template().replaceAll("\\{[a-z]+}", "A") + "?serach=x";
        for (HttpMethod method : route.methods()) {
          LiveNode.NodeResponse response = requested(node, method.name(), path, "");
          assertThat(response.status()).as(method + path).isEqualTo(400);
          assertThat(response.text()).as(method + path).contains("serach");
          tried++;
        }
      }
      assertThat(tried).isGreaterThan(15);
      assertThat(node.server.registry().leaseCount()).isEqualTo(1);
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
      for (String path : List.of("/systole/evict/pay", "/systole/extend/pay")) {
        assertThat(requested(node, "POST", path, "").status()).isEqualTo(404);
      }
      for (String path : List.of(
          "/systole/override/pay/i?value=UP",
          "/systole/override/pay?value=UP",
          "/systole/log-level?level=info")) {
        assertThat(requested(node, "PUT", path, "").status()).isIn(404, 405);
      }
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
      assertThat(requested(again, "GET", "/systole/instances/pay/i", "").text())
          .containsSubsequence(
              "\"cause\" : \"eviction\"", "\"cause\" : \"registration\"", "\"isHistoryCut\"");
    }
  }

  private static LiveNode.NodeResponse requested(
      LiveNode node, String method, String path, String body) throws IOException {
    String request = method + " " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: "
        + body.length() + "\r\n\r\n" + body;
    return node.exchange(request.getBytes(StandardCharsets.US_ASCII));
  }
}
