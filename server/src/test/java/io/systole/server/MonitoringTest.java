// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.management.RemovalHistory;
import io.systole.server.net.LiveClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Metrics and health of a node that is overloaded, or refuses reads after its start. */
@Timeout(60)
class MonitoringTest {
  /** Regression: metrics shared a worker with journal queries, which filled its queue. */
  @Test
  void monitoring_journalPoolFull_isAnswered() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    RemovalHistory blocked = key -> {
      begun.countDown();
      awaitUninterrupted(mayEnd);
      return null;
    };
    List<LiveClient> flood = new ArrayList<>();
    try (LiveNode node = LiveNode.startWithJournal(blocked)) {
      for (int i = 0; i < 80; i++) {
        flood.add(node.connect());
        flood.get(i).send(get("/systole/explain/none/i-" + i));
      }
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();

      // The last is sent when the pool and its queue are full.
      assertThat(flood.get(79).response().status()).isEqualTo(503);
      for (String path : List.of("/metrics", "/v2/status", "/health", "/systole/recent")) {
        assertThat(status(node, path)).as(path).isEqualTo(200);
      }
      mayEnd.countDown();
      assertThat(flood.get(0).response().status()).isEqualTo(404);
    } finally {
      mayEnd.countDown();
      for (LiveClient client : flood) {
        client.close();
      }
    }
  }

  @Test
  void probes_ofANode_respondOnBothAddresses() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of())) {
      for (String path : List.of(
          "/health/live",
          "/health/ready",
          "/actuator",
          "/actuator/health",
          "/actuator/health/liveness",
          "/actuator/health/readiness",
          "/actuator/info",
          "/actuator/prometheus")) {
        assertThat(status(node, path)).as(path).isEqualTo(200);
      }
      assertThat(text(node, "/actuator/prometheus")).contains("systole_registry_leases");
    }
    try (LiveNode node = LiveNode.start(Map.of("--management-port", "0"))) {
      assertThat(status(node, "/health/ready")).isEqualTo(200);
      assertThat(status(node, "/actuator/health")).isEqualTo(200);
      assertThat(status(node, "/actuator/prometheus")).isEqualTo(404);
    }
  }

  /** A node that stops must not be killed for it. */
  @Test
  void probes_stoppingNode_isLiveButNotReady() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of("--lame-duck", "10m"))) {
      Thread stop = new Thread(node.server::stop);
      stop.start();
      try {
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> status(node, "/health/ready") == 503);
        assertThat(text(node, "/health/ready")).contains("\"code\":\"draining\"");
        assertThat(status(node, "/actuator/health")).isEqualTo(503);
        assertThat(status(node, "/health/live")).isEqualTo(200);
      } finally {
        stop.interrupt();
        stop.join(30_000);
      }
    }
  }

  @Test
  void metrics_afterARequest_haveTheMemoryOfNettysAllocator() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of())) {
      node.exchange(get("/health").getBytes(StandardCharsets.US_ASCII));

      String text =
          node.exchange(get("/metrics").getBytes(StandardCharsets.US_ASCII)).text();

      assertThat(text)
          .containsPattern("systole_net_buffers_bytes\\{memory=\"direct\"} [1-9]")
          .contains("systole_net_buffers_bytes{memory=\"heap\"} ");
    }
  }

  @Test
  void metrics_scraperThatDoesNotRead_delaysNoOther() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of());
        LiveClient stalled = node.connect()) {
      // More than the buffers of both sockets hold.
      stalled.send(get("/metrics").repeat(1_000));

      for (int i = 0; i < 20; i++) {
        assertThat(status(node, "/metrics")).isEqualTo(200);
      }
    }
  }

  /** Regression: only the 403 of the reads showed that they were refused. */
  @Test
  void monitoring_readsRefusedAfterTheStart_reportsUntilWhen() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--wait-when-empty", "1h"))) {
      assertThat(status(node, "/v2/apps")).isEqualTo(403);
      assertThat(status(node, "/health")).isEqualTo(200);
      assertThat(text(node, "/health")).contains("\"reads\":{\"status\":\"REFUSED\"");
      double until = readsRefusedUntil(node);

      node.clock.advanceMs(3_600_000);

      assertThat(until).isEqualTo(LiveNode.START_WALL_MS / 1_000.0 + 3_600);
      assertThat(status(node, "/v2/apps")).isEqualTo(200);
      assertThat(text(node, "/health")).isEqualTo("{\"status\":\"UP\"}");
      assertThat(readsRefusedUntil(node)).isZero();
    }
  }

  private static double readsRefusedUntil(LiveNode node) throws IOException {
    String name = "systole_registry_reads_refused_until_timestamp_seconds ";
    String line = text(node, "/metrics")
        .lines()
        .filter(metric -> metric.startsWith(name))
        .findFirst()
        .orElseThrow();
    return Double.parseDouble(line.substring(name.length()));
  }

  private static String text(LiveNode node, String path) throws IOException {
    return node.exchange(get(path).getBytes(StandardCharsets.US_ASCII)).text();
  }

  private static int status(LiveNode node, String path) throws IOException {
    return node.exchange(get(path).getBytes(StandardCharsets.US_ASCII)).status();
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
