// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.store.JournalQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovery of a node after a graceful stop or a crash. */
class RestartTest {
  @TempDir
  private Path folder;

  @Test
  void restart_afterAStop_answersHeartbeatsAtOnce() throws IOException {
    Path directory = folder.resolve("data");
    try (LiveNode node = start(directory)) {
      live(node);
    }

    try (LiveNode again = start(directory)) {
      assertRecovered(again);
    }
  }

  @Test
  void restart_afterACrash_answersHeartbeatsAtOnce() throws IOException {
    Path directory = folder.resolve("data");
    Path left = folder.resolve("left");
    try (LiveNode node = start(directory)) {
      live(node);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> lastVersion(directory) == node.server.registry().version());
      // The directory now has the content that a killed process would leave.
      copy(directory, left);
    }

    try (LiveNode again = start(left)) {
      assertRecovered(again);
    }
  }

  private static LiveNode start(Path directory) throws IOException {
    return LiveNode.start(Map.of("--data-dir", directory.toString(), "--wait-when-empty", "1h"));
  }

  private static void live(LiveNode node) {
    Registry registry = node.server.registry();
    for (String id : new String[] {"stays", "overridden", "cancelled", "evicted"}) {
      registry.register(Instances.up("A", id, 90), Origin.CLIENT);
    }
    registry
        .statusOverrides()
        .set(
            new InstanceKey("A", "overridden"),
            InstanceStatus.OUT_OF_SERVICE,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    registry.cancel(new InstanceKey("A", "cancelled"), Origin.CLIENT);
    registry.register(Instances.up("A", "evicted", 1), Origin.CLIENT);
    node.clock.advanceMs(1_001);
    assertThat(registry.expiry().evictExpired(0)).isOne();
  }

  private static void assertRecovered(LiveNode node) throws IOException {
    assertThat(
            node.statuses(beat("stays") + beat("overridden") + beat("cancelled") + last("evicted")))
        .containsExactly(200, 200, 404, 404);
    LiveNode.NodeResponse all = node.exchange(list("/v2/apps"));
    assertThat(all.status()).as("not empty, so there is no wait").isEqualTo(200);
    assertThat(all.text()).contains("OUT_OF_SERVICE_1_UP_1_").contains("\"stays\"");
    assertThat(node.exchange(list("/v2/apps/delta")).text())
        .as("recovered leases are not in the delta, but are counted")
        .contains("OUT_OF_SERVICE_1_UP_1_")
        .doesNotContain("stays");
  }

  private static byte[] list(String path) {
    return ("GET " + path
            + " HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nConnection: close\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String beat(String id) {
    return "PUT /v2/apps/A/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }

  private static String last(String id) {
    return "PUT /v2/apps/A/" + id + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  }

  private static long lastVersion(Path directory) throws IOException {
    long[] version = {0};
    new JournalQuery(directory, corruptRange -> {}).read(entry -> {
      version[0] = entry.version();
      return true;
    });
    return version[0];
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }
}
