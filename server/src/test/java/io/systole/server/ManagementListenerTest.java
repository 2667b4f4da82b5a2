// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.InvalidOptionException;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Management and metrics on a separate address. */
class ManagementListenerTest {
  private static final List<String> MANAGEMENT_PATHS = List.of(
      "GET /metrics",
      "GET /",
      "GET /eureka",
      "GET /systole/ui/page.css",
      "GET /systole/overview",
      "GET /systole/recent",
      "GET /systole/self-preservation",
      "POST /systole/simulate",
      "POST /systole/evict/PAY/i");

  private static HeartbeatServer node(Map<String, String> options) throws IOException {
    Map<String, String> flags = new HashMap<>(options);
    flags.put("--bind", "127.0.0.1");
    flags.put("--port", "0");
    HeartbeatServer node =
        new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    node.registry().register(Instances.up("PAY", "i", 90), Origin.CLIENT);
    return node;
  }

  private static int status(int port, String request) throws IOException {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(request + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      return ParsedResponse.statusesIn(client.rest()).get(0);
    }
  }

  @Test
  void start_managementPort_servesManagementAndMetricsOnlyThere() throws IOException {
    try (HeartbeatServer node = node(Map.of("--management-port", "0", "--simulation", "true"))) {
      int main = node.start().getPort();
      int management = node.managementAddress().getPort();

      for (String request : MANAGEMENT_PATHS) {
        assertThat(status(main, request)).as("main: %s", request).isEqualTo(404);
      }
      assertThat(node.registry().leaseCount()).isEqualTo(1);
      for (String request : MANAGEMENT_PATHS) {
        assertThat(status(management, request)).as(request).isIn(200, 204);
      }
      assertThat(node.registry().leaseCount()).isZero();
      assertThat(status(main, "GET /health")).isEqualTo(200);
      assertThat(status(management, "GET /health")).isEqualTo(200);
      assertThat(status(main, "GET /v2/apps")).isEqualTo(200);
      assertThat(status(management, "GET /v2/apps")).isEqualTo(404);
      assertThat(status(management, "PUT /v2/apps/PAY/i")).isEqualTo(404);
    }
  }

  @Test
  void start_noManagementPort_servesAllOnTheMainAddress() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      assertThat(node.start()).isEqualTo(node.managementAddress());

      assertThat(status(node.managementAddress().getPort(), "GET /metrics")).isEqualTo(200);
    }
  }

  @Test
  void managementAddress_beforeTheStart_isRefused() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      assertThatThrownBy(node::managementAddress).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void read_managementBindWithoutPort_isInvalid() {
    assertThatThrownBy(() -> ConfigParser.read(Map.of("--management-bind", "10.0.0.1"), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage("--management-bind=10.0.0.1 has no effect without --management-port");
  }

  @Test
  void run_managementPortTaken_cannotServeAndNamesTheAddress() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      int status = Main.run(
          new String[] {"--bind", "127.0.0.1", "--port", "0", "--management-port", port},
          Map.of(),
          new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
          new PrintStream(err, true, UTF_8));

      assertThat(status).isEqualTo(Main.CANNOT_SERVE);
      assertThat(err.toString(UTF_8))
          .contains("can't listen on the management address 127.0.0.1:" + port);
    }
  }
}
