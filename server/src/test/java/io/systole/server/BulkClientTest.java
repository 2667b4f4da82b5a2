// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.api.RegistrationState;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseHandles;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client with renewal frames, against real nodes. */
class BulkClientTest {
  private static final int INSTANCES = 300;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final InstanceKey FIFTH = new InstanceKey("DEMO", "i5");

  @Test
  void renew_manyInstances_isByFrames() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of());
        FilteringProxy proxy = new FilteringProxy(node.port());
        HeartbeatClient client = client(proxy.url())) {
      Registry registry = node.server.registry();
      List<Registration> all = registerAll(client);
      awaitFrames(registry, 10 * INSTANCES);

      long renewals = registry.renewal().count(RenewOutcome.RENEWED);
      assertThat(registry.handles().refusedCount()).isZero();
      assertThat(registry.handles().renewedCount()).isGreaterThan(renewals / 2);
      assertThat(registry.counters().registrations()).isEqualTo(INSTANCES);
      assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
    }
  }

  @Test
  void renew_leaseEvictedAndItsSlotReused_renewsNeitherForTheOther() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of());
        FilteringProxy proxy = new FilteringProxy(node.port());
        HeartbeatClient client = client(proxy.url())) {
      Registry registry = node.server.registry();
      List<Registration> all = registerAll(client);
      awaitFrames(registry, INSTANCES);
      InstanceKey other = new InstanceKey("OTHER", "i");

      int slotBefore = registry.replicated().find(FIFTH);
      registry.atomically(() -> {
        registry.expiry().evict(FIFTH);
        return registry.register(Instances.up("OTHER", "i", 90), Origin.CLIENT);
      });
      int slot = registry.replicated().find(other);
      long registeredNs = registry.replicated().lastContactNs(slot);
      node.passTime(3_000);
      awaitUntil(() -> registry.find(FIFTH) != null);
      awaitFrames(registry, 10 * INSTANCES);

      assertThat(slot).isEqualTo(slotBefore);
      assertThat(registry.replicated().lastContactNs(slot)).isEqualTo(registeredNs);
      assertThat(registry.handles().refusedCount()).isPositive();
      assertThat(registry.counters().registrations()).isEqualTo(INSTANCES + 2);
      assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
      awaitUntil(() -> registry.replicated().lastContactNs(registry.replicated().find(FIFTH))
          == node.clock.monotonicNs());
    }
  }

  /** The next heartbeat applies an override, whatever form it has. */
  @Test
  void renew_statusIsOverridden_isAppliedByAHeartbeat() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of());
        FilteringProxy proxy = new FilteringProxy(node.port());
        HeartbeatClient client = client(proxy.url())) {
      Registry registry = node.server.registry();
      registerAll(client);
      awaitFrames(registry, INSTANCES);

      registry.statusOverrides().adopt(FIFTH, InstanceStatus.OUT_OF_SERVICE);

      awaitUntil(
          () -> requireNonNull(registry.find(FIFTH)).status() == InstanceStatus.OUT_OF_SERVICE);
      awaitFrames(registry, INSTANCES);
    }
  }

  @Test
  void renew_nodeRestartsWithItsData_registersNothingAgain(@TempDir Path directory)
      throws Exception {
    Map<String, String> options = Map.of("--data-dir", directory.toString());
    LiveNode first = LiveNode.start(options);
    try (FilteringProxy proxy = new FilteringProxy(first.port());
        HeartbeatClient client = client(proxy.url())) {
      List<Registration> all = registerAll(client);
      awaitFrames(first.server.registry(), INSTANCES);
      first.close();
      try (LiveNode second = LiveNode.start(options)) {
        proxy.use(second.port());
        Registry registry = second.server.registry();
        awaitFrames(registry, 5 * INSTANCES);

        assertThat(registry.counters().registrations()).isZero();
        assertThat(registry.handles().refusedCount()).isZero();
        assertThat(registry.renewal().count(RenewOutcome.UNKNOWN_INSTANCE)).isZero();
        assertThat(all).allMatch(one -> one.state() == RegistrationState.ALIVE);
      }
    } finally {
      first.close();
    }
  }

  @Test
  void renew_nodeRestartsEmpty_registersAllAgain() throws Exception {
    LiveNode first = LiveNode.start(Map.of());
    try (FilteringProxy proxy = new FilteringProxy(first.port());
        HeartbeatClient client = client(proxy.url())) {
      registerAll(client);
      awaitFrames(first.server.registry(), INSTANCES);
      first.close();
      try (LiveNode second = LiveNode.start(Map.of())) {
        proxy.use(second.port());
        Registry registry = second.server.registry();
        awaitFrames(registry, 5 * INSTANCES);

        assertThat(registry.counters().registrations()).isEqualTo(INSTANCES);
        assertThat(registry.leaseCount()).isEqualTo(INSTANCES);
      }
    } finally {
      first.close();
    }
  }

  @Test
  void renew_proxyRemovesTheField_isByHeartbeats() throws Exception {
    try (LiveNode node = LiveNode.start(Map.of());
        FilteringProxy proxy = new FilteringProxy(node.port())) {
      proxy.remove("Systole-Lease");
      try (HeartbeatClient client = client(proxy.url())) {
        Registry registry = node.server.registry();
        registerAll(client);
        awaitUntil(() -> registry.renewal().count(RenewOutcome.RENEWED) >= 10 * INSTANCES);

        assertThat(registry.handles().frameCount()).isZero();
        assertThat(registry.counters().registrations()).isEqualTo(INSTANCES);
      }
    }
  }

  @Test
  void renew_memberOfANativeCluster_isReplicated() throws Exception {
    List<Integer> ports = EmbeddedMember.ports(2);
    try (EmbeddedMember first = EmbeddedMember.start(ports, 0);
        EmbeddedMember second = EmbeddedMember.start(ports, 1);
        HeartbeatClient client = client(URI.create("http://127.0.0.1:" + first.port + "/v2"))) {
      registerAll(client);
      awaitFrames(first.server.registry(), INSTANCES);

      awaitUntil(() -> second.server.registry().leaseCount() == INSTANCES
          && second.server.registry().renewal().replicatedCount() > 2 * INSTANCES);
    }
  }

  private static HeartbeatClient client(URI url) {
    return new ClientBuilder()
        .server(url)
        .loops(2)
        .connections(4)
        .interval(Duration.ofMillis(200))
        .bulkWindow(Duration.ofMillis(50))
        .changesPerSecMax(0)
        .memberInterval(Duration.ZERO)
        .responseTimeout(Duration.ofSeconds(30))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(50))
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(50))
        .cancelOnClose(false)
        .closeTimeout(Duration.ofSeconds(5))
        .build();
  }

  private static List<Registration> registerAll(HeartbeatClient client) {
    List<Registration> all = IntStream.range(0, INSTANCES)
        .mapToObj(i -> client.register(dirtyMs ->
            Instances.up("DEMO", "i" + i, 90).toBuilder().lastDirtyMs(dirtyMs).build()))
        .toList();
    CompletableFuture<?>[] registered =
        all.stream().map(Registration::whenRegistered).toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(registered)).succeedsWithin(SOON);
    return all;
  }

  /** Waits until frames have renewed this many more leases. */
  private static void awaitFrames(Registry registry, int renewals) {
    LeaseHandles handles = registry.handles();
    long before = handles.renewedCount();
    awaitUntil(() -> handles.renewedCount() >= before + renewals);
  }

  private static void awaitUntil(Callable<Boolean> condition) {
    await().atMost(SOON).until(condition);
  }
}
