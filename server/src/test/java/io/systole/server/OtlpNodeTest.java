// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.systole.server.monitoring.OtlpReceiver;
import io.systole.server.monitoring.OtlpReceiver.ReceivedExport;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that exports its metrics by OTLP. */
@Timeout(120)
class OtlpNodeTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);

  private static LiveNode start(OtlpReceiver receiver, String... others) throws IOException {
    Map<String, String> options = others.length == 0
        ? Map.of("--otlp-url", receiver.url(""), "--otlp-interval", "1s")
        : Map.of("--otlp-url", receiver.url(""), "--otlp-interval", "1s", others[0], others[1]);
    return LiveNode.start(options);
  }

  private static int status(LiveNode node, String request) throws IOException {
    return node.exchange((request + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(US_ASCII))
        .status();
  }

  private static void register(LiveNode node) throws IOException {
    String document = PlainInstance.of("A", "i-1");
    String request = "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\n"
        + "Content-Length: " + document.length() + "\r\nHost: h\r\n\r\n" + document;
    assertThat(node.exchange(request.getBytes(US_ASCII)).status()).isEqualTo(204);
  }

  private static double sum(Metric metric) {
    return metric.getSum().getDataPointsList().stream()
        .mapToDouble(NumberDataPoint::getAsDouble)
        .sum();
  }

  @Test
  void start_receiver_exportsLeasesRenewalsAndTheNode() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        LiveNode node = start(receiver)) {
      register(node);
      assertThat(status(node, "PUT /v2/apps/A/i-1?status=UP")).isEqualTo(200);
      int before = receiver.exports().size();
      await().atMost(WAIT_MAX).until(() -> receiver.exports().size() >= before + 2);

      ReceivedExport export = receiver.exports().get(before + 1);
      String address = node.server.managementAddress().getHostString() + ":"
          + node.server.managementAddress().getPort();
      assertThat(export.attributes())
          .containsEntry("service.name", "systole")
          .containsEntry("service.instance.id", address)
          .containsEntry("service.version", BuildInfo.CURRENT.version());
      assertThat(export
              .metric("systole.registry.leases")
              .getGauge()
              .getDataPoints(0)
              .getAsDouble())
          .isEqualTo(1);
      assertThat(sum(export.metric("systole.registry.renewals"))).isEqualTo(1);
      assertThat(export.metrics())
          .containsKeys(
              "process.cpu",
              "jvm.memory.used",
              "systole.net.request.duration",
              "systole.eviction.renewal.delay")
          .doesNotContainKey("process.cpu.time");
    }
  }

  /** Meters of peers are added while the node serves. */
  @Test
  void start_receiverAndPeer_exportsThePeer() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        LiveNode node = start(receiver, "--peers", "http://127.0.0.1:1/eureka")) {
      await()
          .atMost(WAIT_MAX)
          .until(() -> receiver.exports().stream()
              .anyMatch(export -> export.metrics().containsKey("systole.peer.up")));

      assertThat(node.exchange("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII))
              .text())
          .contains("systole_peer_up{");
    }
  }

  @Test
  void start_receiverHangs_servesAndStops() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(OtlpReceiver.HANG)) {
      LiveNode node = start(receiver);
      try (node) {
        await().atMost(WAIT_MAX).until(() -> !receiver.exports().isEmpty());

        register(node);
        assertThat(status(node, "GET /metrics")).isEqualTo(200);
      }
      assertThat(node.server.registry().leaseCount()).isEqualTo(1);
    }
  }
}
