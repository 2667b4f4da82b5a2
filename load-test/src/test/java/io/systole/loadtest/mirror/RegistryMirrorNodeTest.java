// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.mirror.MirrorBuilder;
import io.systole.client.mirror.RegistryMirror;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's mirror of a real node; here because the client's tests cannot use the server. */
@Timeout(60)
class RegistryMirrorNodeTest {
  private final Map<InstanceKey, InstanceInfo> registered = new HashMap<>();

  private static HeartbeatServer node(int port) throws IOException {
    Map<String, String> flags = Map.of(
        "--port", Integer.toString(port),
        "--bind", "127.0.0.1",
        "--loops", "1");
    return new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
  }

  private static MirrorBuilder mirrorOf(int port) {
    return new MirrorBuilder()
        .server(URI.create("http://127.0.0.1:" + port + "/eureka"))
        .interval(Duration.ofMillis(20))
        .streamCheckInterval(Duration.ofMillis(20))
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(20));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mirror_ofARandomHistory_holdsWhatTheNodeHolds(boolean isStreaming) throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    try (HeartbeatServer node = node(0)) {
      int port = node.start().getPort();
      change(node, random, 200);
      try (RegistryMirror mirror = mirrorOf(port).stream(isStreaming).build()) {
        mirror.whenReady().get(20, TimeUnit.SECONDS);

        for (int round = 0; round < 20; round++) {
          change(node, random, 1 + random.nextInt(50));

          assertFollows(mirror, node);
        }

        assertThat(mirror.state().isStreaming()).isEqualTo(isStreaming);
        assertThat(mirror.state().fullCount()).isEqualTo(1);
        assertThat(mirror.state().mismatchCount()).isZero();
        assertThat(mirror.state().failureCount()).isZero();
        assertThat(mirror.state().streamLossCount()).isZero();
        assertThat(mirror.state().eventCount() > 0).isEqualTo(isStreaming);
      }
    }
  }

  @Test
  void mirror_whenItsNodeIsRestartedEmpty_keepsAllUntilTheyReturn() throws Exception {
    SplittableRandom random = new SplittableRandom(8);
    int port;
    RegistryMirror mirror;
    try (HeartbeatServer node = node(0)) {
      port = node.start().getPort();
      change(node, random, 100);
      mirror = mirrorOf(port).build();
      mirror.whenReady().get(20, TimeUnit.SECONDS);
      assertFollows(mirror, node);
    }
    int before = mirror.size();

    try (mirror;
        HeartbeatServer node = node(port)) {
      node.start();
      until(() -> mirror.state().isDoubted());
      assertThat(mirror.size()).isEqualTo(before);
      registered.values().forEach(instance -> node.registry().register(instance, Origin.CLIENT));

      until(() -> !mirror.state().isDoubted() && mirror.state().isStreaming());
      assertFollows(mirror, node);
      assertThat(mirror.size()).isEqualTo(before);
    }
  }

  private void assertFollows(RegistryMirror mirror, HeartbeatServer node) {
    until(() -> mirror.snapshot().version() == node.registry().version());
    List<String> expected = new ArrayList<>();
    registered.values().stream()
        .sorted(Comparator.comparing(InstanceInfo::app).thenComparing(InstanceInfo::id))
        .forEach(instance -> expected.add(text(instance)));
    assertThat(mirror.snapshot().stream().map(RegistryMirrorNodeTest::text).toList())
        .isEqualTo(expected);
  }

  private static String text(InstanceInfo instance) {
    return instance.app() + "/" + instance.id() + " " + instance.status() + " "
        + instance.metadata();
  }

  private static void until(Callable<Boolean> isSo) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(2))
        .until(isSo);
  }

  private void change(HeartbeatServer node, SplittableRandom random, int count) {
    for (int change = 0; change < count; change++) {
      InstanceKey key = new InstanceKey("APP-" + random.nextInt(5), "i-" + random.nextInt(60));
      if (random.nextInt(3) == 0) {
        node.registry().cancel(key, Origin.CLIENT);
        registered.remove(key);
      } else {
        InstanceInfo instance = InstanceInfo.builder()
            .instanceId(key.id())
            .app(key.app())
            .hostName("h")
            .ipAddr("127.0.0.1")
            .dataCenterInfo(DataCenterInfo.MY_OWN)
            .status(random.nextBoolean() ? InstanceStatus.UP : InstanceStatus.DOWN)
            .metadata(Map.of("turn", Integer.toString(random.nextInt(1000))))
            .leaseInfo(LeaseInfo.DEFAULT)
            .lastDirtyMs(System.nanoTime())
            .build();
        node.registry().register(instance, Origin.CLIENT);
        registered.put(key, instance);
      }
    }
  }
}
