// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.client.ReservedPort;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.mirror.MirrorBuilder;
import io.systole.client.mirror.RegistryMirror;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Client and mirror in a native cluster of which they are given one member. */
@Timeout(180)
class LearnedMembersIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(50);

  private static final InstanceInfo INSTANCE = InstanceInfo.builder()
      .app("ORDERS")
      .instanceId("i-1")
      .hostName("h")
      .ipAddr("127.0.0.1")
      .leaseInfo(LeaseInfo.of(Duration.ofSeconds(30), Duration.ofSeconds(90)))
      .build();

  private final List<RegistrationEvent> events = new CopyOnWriteArrayList<>();

  private static HeartbeatServer member(int port, ReservedPort own, ReservedPort other)
      throws IOException {
    Map<String, String> flags = Map.of(
        "--port", Integer.toString(port),
        "--bind", "127.0.0.1",
        "--loops", "1",
        "--lame-duck", "0",
        "--cluster", "learned",
        "--cluster-port", Integer.toString(own.number()),
        "--cluster-members", "127.0.0.1:" + own.number() + ",127.0.0.1:" + other.number());
    return new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.SYSTEM);
  }

  private HeartbeatClient client(URI seed) {
    return new ClientBuilder()
        .server(seed)
        .connections(2)
        .interval(OFTEN)
        .memberInterval(OFTEN)
        .returnDelay(Duration.ZERO)
        .listener(events::add)
        .build();
  }

  private static RegistryMirror mirror(URI seed) {
    return new MirrorBuilder()
        .server(seed)
        .interval(OFTEN)
        .memberInterval(OFTEN)
        .build();
  }

  @Test
  void onlySeedLeaves_clientAndMirror_useTheOtherMember() throws Exception {
    // Members know each other's service URL from the start only if it has a fixed port.
    try (var firstPort = new ReservedPort();
        var firstClusterPort = new ReservedPort();
        var secondPort = new ReservedPort();
        var secondClusterPort = new ReservedPort();
        HeartbeatServer second = member(secondPort.number(), secondClusterPort, firstClusterPort)) {
      HeartbeatServer first = member(firstPort.number(), firstClusterPort, secondClusterPort);
      URI seed = URI.create("http://127.0.0.1:" + first.start().getPort() + "/v2");
      int other = second.start().getPort();
      try (HeartbeatClient client = client(seed);
          RegistryMirror mirror = mirror(seed)) {
        try (first) {
          assertThat(client.register(INSTANCE).whenRegistered()).succeedsWithin(SOON);
          assertThat(mirror.whenReady()).succeedsWithin(SOON);
          await().atMost(SOON).until(() -> client.state().join().servers().size() == 2);
          await().atMost(SOON).until(() -> mirror.state().servers().size() == 2);
          await().atMost(SOON).until(() -> second.registry().find(INSTANCE.key()) != null);
        }

        await()
            .atMost(SOON)
            .until(() -> client.state().join().servers().stream()
                .anyMatch(server -> server.url().getPort() == other && server.loopsUsing() == 1));
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(mirror.state().server())
                .isNotNull()
                .extracting(URI::getPort)
                .isEqualTo(other));
        assertThat(mirror.instance("ORDERS", "i-1")).isNotNull();
        assertThat(events).noneMatch(RegistrationEvent.Lost.class::isInstance);
      }
    }
  }
}
