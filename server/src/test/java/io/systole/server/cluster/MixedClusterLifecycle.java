// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockProgram;
import io.systole.client.stock.StockRegistry.StoredInstance;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stock server and two Systole nodes that replicate to each other. The tests share them. Times
 * are printed and not asserted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class MixedClusterLifecycle {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int FLEET = 200;
  private static final int CHANGES = 5;

  private static final int SHORT_LEASE_SECS = 4;
  private static final int SHORT_LEASES = 4;

  private final StockProgram program;

  private final List<ClusterServer> servers = new ArrayList<>();
  private ClusterServer stock;
  private ClusterServer durableNode;
  private ClusterServer emptyNode;

  @SuppressWarnings("NullAway.Init") // the servers are started before the tests
  MixedClusterLifecycle(StockProgram program) {
    this.program = program;
  }

  @BeforeAll
  void start(@TempDir Path folder) throws IOException, InterruptedException {
    List<ReservedPort> ports = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ports.add(new ReservedPort());
    }
    List<URI> urls = List.of(
        URI.create("http://127.0.0.1:" + ports.get(0).number() + program.basePath()),
        URI.create("http://127.0.0.1:" + ports.get(1).number() + "/eureka"),
        URI.create("http://127.0.0.1:" + ports.get(2).number() + "/eureka/v2"));
    durableNode = NodeClusterServer.start(
        "node with data directory", folder, ports.get(1), folder.resolve("data").toString(), urls);
    servers.add(durableNode);
    emptyNode =
        NodeClusterServer.start("node without data directory", folder, ports.get(2), "none", urls);
    servers.add(emptyNode);
    stock = StockClusterServer.start(program, ports.get(0), urls.subList(1, 3));
    servers.add(stock);
    awaitLinks();
  }

  /** Waits until every server replicates to every other. */
  private void awaitLinks() {
    for (ClusterServer server : servers) {
      InstanceInfo first = Instances.up("FIRST", "i-" + servers.indexOf(server), 90);
      new InstanceRequests(server, first).register();
      awaitAtOthers(server, "first registration", other -> other.registry().holds(first));
    }
  }

  @AfterAll
  void stop() {
    servers.forEach(ClusterServer::close);
  }

  private List<ClusterServer> othersThan(ClusterServer server) {
    return servers.stream().filter(other -> other != server).toList();
  }

  @Test
  @Order(1)
  void change_atOneServer_isMadeAtTheOthers() {
    for (ClusterServer server : servers) {
      InstanceInfo instance = Instances.up("CHANGED", "i-" + servers.indexOf(server), 90);
      InstanceRequests requests = new InstanceRequests(server, instance);

      change(
          server,
          "register",
          204,
          requests::register,
          instance,
          held -> held.status().equals("UP"));
      change(
          server,
          "status override",
          200,
          () -> requests.overrideStatus(InstanceStatus.OUT_OF_SERVICE),
          instance,
          held -> held.status().equals("OUT_OF_SERVICE")
              && held.overriddenStatus().equals("OUT_OF_SERVICE"));
      change(
          server,
          "removal of override",
          200,
          () -> requests.removeOverride(InstanceStatus.UP),
          instance,
          held -> held.status().equals("UP") && held.overriddenStatus().equals("UNKNOWN"));
      change(
          server,
          "metadata",
          200,
          () -> requests.addMetadata("zone", "b"),
          instance,
          held -> held.metadata().equals(Map.of("zone", "b")));
      assertThat(requests.cancel()).isEqualTo(200);
      awaitAtOthers(server, "cancel", other -> !other.registry().holds(instance));
    }
  }

  /** Requests a change and waits for its effect at the other servers. */
  private void change(
      ClusterServer server,
      String name,
      int status,
      IntSupplier request,
      InstanceInfo instance,
      Predicate<StoredInstance> effect) {
    assertThat(request.getAsInt()).as("%s at %s", name, server).isEqualTo(status);
    awaitAtOthers(
        server,
        name,
        other -> other.registry().holds(instance)
            && effect.test(other.registry().held(instance.app(), instance.id())));
  }

  private void awaitAtOthers(
      ClusterServer server, String name, Predicate<ClusterServer> condition) {
    long startNs = System.nanoTime();
    Map<ClusterServer, Long> seenMs = new LinkedHashMap<>();
    await(name + " at " + server)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          for (ClusterServer other : othersThan(server)) {
            if (!seenMs.containsKey(other) && condition.test(other)) {
              seenMs.put(other, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
            }
          }
          return seenMs.size() == 2;
        });
    System.out.printf("%s at %s, seen after ms: %s%n", name, server, seenMs);
  }

  @Test
  @Order(2)
  void heartbeats_atOneServer_keepTheLeaseAtAll() {
    List<InstanceInfo> renewed = IntStream.range(0, servers.size())
        .mapToObj(i -> Instances.up("RENEWED", "i-" + i, SHORT_LEASE_SECS))
        .toList();
    InstanceInfo silent = Instances.up("SILENT", "i", SHORT_LEASE_SECS);
    new InstanceRequests(stock, silent).register();
    awaitAtOthers(stock, "registration", other -> other.registry().holds(silent));
    for (int i = 0; i < servers.size(); i++) {
      new InstanceRequests(servers.get(i), renewed.get(i)).register();
    }
    await()
        .atMost(LIMIT)
        .until(() -> servers.stream()
            .allMatch(server -> renewed.stream().allMatch(server.registry()::holds)));

    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(SHORT_LEASES * SHORT_LEASE_SECS);
    await().atMost(LIMIT).pollInterval(Duration.ofSeconds(1)).until(() -> {
      for (int i = 0; i < servers.size(); i++) {
        assertThat(new InstanceRequests(servers.get(i), renewed.get(i)).renew()).isEqualTo(200);
      }
      for (ClusterServer server : servers) {
        assertThat(renewed).as("held by %s", server).allMatch(server.registry()::holds);
      }
      return System.nanoTime() - endNs > 0;
    });

    assertThat(servers).noneMatch(server -> server.registry().holds(silent));
  }

  @Test
  @Order(3)
  void kill_anyServerUnderLoad_endsEqual() throws IOException, InterruptedException {
    try (BeatingFleet fleet = new BeatingFleet("fleet", 6)) {
      fleet.register(FLEET, stock);
      // The others would answer with 404 at first; without heartbeats, leases expire meanwhile on a
      // slow machine.
      fleet.beatAt(List.of(stock));
      awaitEqual(fleet, "start");
      fleet.beatAt(servers);
      for (ClusterServer victim : servers) {
        killAndRestart(fleet, victim);
      }
    }
  }

  private void killAndRestart(BeatingFleet fleet, ClusterServer victim)
      throws IOException, InterruptedException {
    ClusterServer first = othersThan(victim).get(0);
    ClusterServer second = othersThan(victim).get(1);
    List<String> ids = fleet.ids();
    fleet.overrideStatus(ids.subList(0, CHANGES), InstanceStatus.OUT_OF_SERVICE, victim);
    awaitEqual(fleet, "overrides");

    fleet.beatAt(othersThan(victim));
    victim.kill();
    fleet.removeOverride(ids.subList(0, CHANGES), InstanceStatus.UP, first);
    fleet.overrideStatus(ids.subList(CHANGES, 2 * CHANGES), InstanceStatus.OUT_OF_SERVICE, second);
    fleet.addMetadata(ids.subList(2 * CHANGES, 3 * CHANGES), "while", "down", first);
    fleet.cancel(ids.subList(3 * CHANGES, 4 * CHANGES), second);
    List<InstanceInfo> registered = fleet.register(CHANGES, first);
    await().atMost(LIMIT).until(() -> fleet.rounds() >= 1);
    await("registrations at " + second)
        .atMost(LIMIT)
        .until(() -> registered.stream().allMatch(second.registry()::holds));
    long startNs = System.nanoTime();
    victim.startAgain();
    long startedNs = System.nanoTime();
    fleet.beatAt(servers);
    awaitEqual(fleet, "restart of " + victim);
    long equalNs = System.nanoTime();
    await().atMost(LIMIT).until(() -> fleet.rounds() >= servers.size());
    awaitEqual(fleet, "heartbeats at all after the restart of " + victim);

    Map<ClusterServer, Map<Integer, Integer>> statuses = fleet.takeStatuses();
    System.out.printf(
        "%s restarted within %d ms, equal after another %d ms; heartbeats: %s%n",
        victim,
        TimeUnit.NANOSECONDS.toMillis(startedNs - startNs),
        TimeUnit.NANOSECONDS.toMillis(equalNs - startedNs),
        statuses);
    assertThat(fleet.failures()).isEmpty();
    // A stock server serves before it has loaded the registry of a peer.
    assertThat(servers)
        .filteredOn(server -> server != stock || server != victim)
        .allSatisfy(server -> assertThat(statuses.get(server)).containsOnlyKeys(200));
  }

  /** Waits until all servers have exactly the state of the fleet. */
  private void awaitEqual(BeatingFleet fleet, String name) {
    await(name)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(servers)
            .allSatisfy(
                server -> assertThat(CanonicalInstance.differences(fleet.instances(), server))
                    .as("%s", server)
                    .isEmpty()));
  }
}
