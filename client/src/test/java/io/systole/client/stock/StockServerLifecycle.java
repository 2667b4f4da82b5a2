// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;
import static org.awaitility.Awaitility.await;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.SendMode;
import io.systole.client.mirror.MirrorBuilder;
import io.systole.client.mirror.RegistryMirror;
import io.systole.client.stock.StockRegistry.StoredInstance;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** The tests for each stock server. They share one server and leave it empty. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class StockServerLifecycle {
  /** A restarted server with the default limit of responses per connection. */
  static final int LAST = Integer.MAX_VALUE - 1;

  static final int INSTANCES = 200;
  static final int INTERVAL_MS = 500;
  static final Duration SOON = Duration.ofSeconds(30);

  private final StockProgram program;
  private final EventCounts received = new EventCounts();
  private StockServer server;

  @SuppressWarnings("NullAway.Init") // the server is started before the tests
  StockServerLifecycle(StockProgram program) {
    this.program = program;
  }

  @BeforeAll
  void start() throws IOException {
    server = StockServer.start(program, StockServer.UNBOUNDED);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void arrive() {
    assertThat(server.registry().all()).as("left behind").isEmpty();
    received.reset();
  }

  StockServer server() {
    return server;
  }

  EventCounts received() {
    return received;
  }

  ClientBuilder options() {
    return new ClientBuilder()
        .server(server.url())
        .connections(4)
        .reconnectDelay(Duration.ofMillis(10), Duration.ofMillis(200))
        .cancelOnClose(true)
        .observers(() -> received);
  }

  /** Builds a client of which no heartbeat is due by chance, however long its interval. */
  private static HeartbeatClient withoutHeartbeats(ClientBuilder options) {
    HeartbeatClient client = options.build();
    client.pace(SendMode.REST);
    return client;
  }

  static List<Registration> register(HeartbeatClient client, List<InstanceInfo> fleet) {
    List<Registration> all = fleet.stream().map(client::register).toList();
    assertThat(all(all.stream().map(Registration::whenRegistered).toList())).succeedsWithin(SOON);
    return all;
  }

  private static CompletableFuture<Void> all(List<CompletableFuture<Void>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new));
  }

  /** Waits for a change of a server by requests, which take processor time from it. */
  static ConditionFactory awaitServer() {
    return await().atMost(SOON).pollInterval(StockServer.POLL_INTERVAL);
  }

  static List<String> ids(List<InstanceInfo> fleet) {
    return fleet.stream().map(InstanceInfo::id).toList();
  }

  Set<String> idsHeld() {
    return server.registry().all().keySet();
  }

  @Test
  void register_200OfSeveralApplications_areStored() {
    List<InstanceInfo> fleet = StockFleet.of("sent", INSTANCES);
    try (HeartbeatClient client = withoutHeartbeats(options())) {

      register(client, fleet);

      assertThat(received.counts()).isEqualTo(Map.of("registration 204", INSTANCES));
      assertThat(server.registry().all().values())
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("lastDirtyMs", "lastRenewedMs")
          .containsExactlyInAnyOrderElementsOf(
              fleet.stream().map(StoredInstance::of).toList())
          .allSatisfy(held -> assertThat(held.lastDirtyMs()).isPositive());
    }
  }

  @Test
  void beats_ofShortLeases_keepAllWhileOneWithoutBeatsExpires() {
    List<InstanceInfo> fleet = StockFleet.withLeases(StockFleet.of("kept", INSTANCES), 1, 3);
    InstanceInfo dying = StockFleet.withLeases(StockFleet.of("dying", 1), 1, 3).get(0);
    try (HeartbeatClient client = options().build();
        HeartbeatClient silent = withoutHeartbeats(options().observers(EventCounts::new))) {
      register(client, fleet);
      StoredInstance before = server.registry().held(fleet.get(0));
      register(silent, List.of(dying));

      awaitServer().until(() -> !server.registry().holds(dying));

      assertThat(fleet).allMatch(server.registry()::holds);
      assertThat(server.registry().held(fleet.get(0)).lastRenewedMs())
          .isGreaterThan(before.lastRenewedMs());
      assertThat(received.counts()).containsOnlyKeys("registration 204", "beat 200");
    }
  }

  @Test
  void beat_leaseDeletedByAnother_registersAgainWithLargerTimestamp() {
    List<InstanceInfo> fleet = StockFleet.of("deleted", 25);
    try (HeartbeatClient client =
        options().interval(Duration.ofMillis(INTERVAL_MS)).build()) {
      register(client, fleet);
      List<StoredInstance> before = fleet.stream().map(server.registry()::held).toList();

      fleet.forEach(server.registry()::delete);

      awaitServer().until(() -> fleet.stream().allMatch(server.registry()::holds));
      received.awaitMore("beat 200", 2 * fleet.size());
      assertThat(before)
          .allSatisfy(old -> assertThat(server.registry().held(old.app(), old.id()))
              .extracting(StoredInstance::lastDirtyMs, LONG)
              .isGreaterThan(old.lastDirtyMs()));
      assertThat(received.counts())
          .containsOnlyKeys("registration 204", "beat 200", "beat 404")
          .containsEntry("beat 404", fleet.size())
          .containsEntry("registration 204", 2 * fleet.size());
    }
  }

  @Test
  void cancel_half_keepsOthers() {
    List<InstanceInfo> fleet = StockFleet.of("half", INSTANCES);
    List<InstanceInfo> rest = fleet.subList(INSTANCES / 2, INSTANCES);
    try (HeartbeatClient client =
        options().interval(Duration.ofMillis(INTERVAL_MS)).build()) {
      List<Registration> registrations = register(client, fleet);
      received.awaitMore("beat 200", INSTANCES);
      // A heartbeat in flight might arrive after the cancel.
      client.pace(SendMode.REST);
      await().atMost(SOON).until(() -> received.open() == 0);

      var cancels =
          registrations.stream().limit(INSTANCES / 2).map(Registration::cancel).toList();

      assertThat(all(cancels)).succeedsWithin(SOON);
      assertThat(idsHeld()).containsExactlyInAnyOrderElementsOf(ids(rest));
      client.pace(SendMode.INTERVAL);
      received.awaitMore("beat 200", rest.size());
      assertThat(received.counts()).containsOnlyKeys("registration 204", "beat 200");
    }
  }

  @Test
  void update_statusAndMetadata_areStored() {
    InstanceInfo instance = StockFleet.of("updated", 1).get(0);
    Map<String, String> metadata = Map.of("now", "<changed>");
    try (HeartbeatClient client =
        options().interval(Duration.ofMillis(INTERVAL_MS)).build()) {
      Registration registration = register(client, List.of(instance)).get(0);

      assertThat(registration.status(InstanceStatus.DOWN)).succeedsWithin(SOON);
      assertThat(server.registry().held(instance)).returns("DOWN", StoredInstance::status);
      assertThat(registration.metadata(metadata)).succeedsWithin(SOON);
      assertThat(registration.status(InstanceStatus.UP)).succeedsWithin(SOON);

      received.awaitMore("beat 200", 2);
      assertThat(server.registry().held(instance))
          .returns("UP", StoredInstance::status)
          .returns(metadata, StoredInstance::metadata);
      assertThat(received.counts()).containsOnlyKeys("registration 204", "beat 200");
    }
  }

  @Test
  void mirror_changingInstances_equalsServer() {
    List<InstanceInfo> fleet = StockFleet.of("mirrored", INSTANCES);
    try (HeartbeatClient client = withoutHeartbeats(options());
        RegistryMirror mirror = new MirrorBuilder()
            .server(server.url())
            .interval(Duration.ofMillis(200))
            .build()) {
      assertThat(mirror.whenReady()).succeedsWithin(SOON);
      List<Registration> registrations = register(client, fleet);
      await().atMost(SOON).until(() -> mirror.size() == INSTANCES);

      register(client, StockFleet.of("late", 10));
      assertThat(registrations.get(0).status(InstanceStatus.DOWN)).succeedsWithin(SOON);
      assertThat(all(registrations.stream()
              .skip(INSTANCES - 5)
              .map(Registration::cancel)
              .toList()))
          .succeedsWithin(SOON);

      awaitServer()
          .untilAsserted(() -> assertThat(seenBy(mirror))
              .containsExactlyInAnyOrderElementsOf(server.registry().all().values()));
      assertThat(mirror.size()).isEqualTo(INSTANCES + 5);
      assertThat(mirror.state().deltaCount()).isPositive();
      assertThat(mirror.state().failureCount()).isZero();
    }
  }

  private static List<StoredInstance> seenBy(RegistryMirror mirror) {
    return mirror.applications().stream()
        .flatMap(app -> mirror.instances(app).stream())
        .map(StoredInstance::of)
        .toList();
  }

  @Test
  @Order(LAST)
  void beats_serverKilledAndStartedEmpty_registerAllAgain() throws IOException {
    List<InstanceInfo> fleet = StockFleet.of("restarted", INSTANCES);
    try (HeartbeatClient client =
        options().interval(Duration.ofMillis(INTERVAL_MS)).build()) {
      register(client, fleet);
      received.awaitMore("beat 200", INSTANCES);

      server.kill();
      server.startEmpty(StockServer.AS_IT_COMES);

      awaitServer().until(() -> fleet.stream().allMatch(server.registry()::holds));
      received.awaitMore("beat 200", INSTANCES);
      assertThat(idsHeld()).containsExactlyInAnyOrderElementsOf(ids(fleet));
      assertThat(received.responses()).containsOnlyKeys("registration 204", "beat 200", "beat 404");
    }
  }
}
