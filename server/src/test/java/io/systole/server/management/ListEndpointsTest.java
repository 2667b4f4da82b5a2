// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.route.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The lists of applications and instances. */
class ListEndpointsTest {
  private final ManagementFixture fixture = new ManagementFixture(
      new EvictionRules(true, 0.85, 30, RenewalThresholdMode.LEASES, Set.of(ProtectionRule.APP), 0),
      false);

  private Response applications(String query) {
    return ManagementFixture.get(
        ApplicationListEndpoint.QUERY,
        new ApplicationListEndpoint(fixture.registry, fixture.evictor),
        query);
  }

  private Response instances(String query) {
    return ManagementFixture.get(
        InstanceListEndpoint.QUERY,
        new InstanceListEndpoint(fixture.registry, fixture.clock),
        query);
  }

  private static List<String> ids(Response response) {
    assertThat(response.status()).isEqualTo(200);
    List<String> ids = new ArrayList<>();
    ManagementFixture.read(response)
        .path("instances")
        .forEach(instance ->
            ids.add(instance.path("app").asString() + "/" + instance.path("id").asString()));
    return ids;
  }

  @Test
  void applications_none_isEmpty() {
    JsonNode response = ManagementFixture.read(applications(""));

    assertThat(response.path("total").asInt(-1)).isZero();
    assertThat(response.path("matching").asInt(-1)).isZero();
    assertThat(response.path("applications").isEmpty()).isTrue();
  }

  @Test
  void applications_expiredAndProtected_areCounted() {
    fixture.register("PAY", 10);
    fixture.clock.advanceMs(95_000);
    fixture.register("BILL", 2);
    fixture
        .registry
        .statusOverrides()
        .set(
            new InstanceKey("BILL", "bill-1"),
            InstanceStatus.DOWN,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);

    JsonNode response = ManagementFixture.read(applications(""));

    assertThat(response.path("total").asInt()).isEqualTo(2);
    assertThat(response.at("/applications/0").toString())
        .isEqualTo("{\"name\":\"BILL\",\"instances\":2,\"statuses\":{\"UP\":1,\"DOWN\":1},"
            + "\"expired\":0,\"protected\":0}");
    assertThat(response.at("/applications/1").toString())
        .isEqualTo("{\"name\":\"PAY\",\"instances\":10,\"statuses\":{\"UP\":10},"
            + "\"expired\":10,\"protected\":10}");
  }

  @Test
  void applications_searchAndLimit_areThoseThatMatchInOrder() {
    for (String app : List.of("ORDERS-EU", "PAY", "ORDERS", "ORDERS-US")) {
      fixture.register(app, 1);
    }

    JsonNode response = ManagementFixture.read(applications("search=rders&limit=2"));

    assertThat(response.path("total").asInt()).isEqualTo(4);
    assertThat(response.path("matching").asInt()).isEqualTo(3);
    assertThat(response.path("applications").findValuesAsString("name"))
        .containsExactly("ORDERS", "ORDERS-EU");
  }

  @Test
  void instances_all_areByApplicationAndId() {
    fixture.register("PAY", 2);
    fixture.register("BILL", 2);

    Response response = instances("limit=3");

    assertThat(ids(response)).containsExactly("BILL/bill-0", "BILL/bill-1", "PAY/pay-0");
    assertThat(ManagementFixture.read(response).path("matching").asInt()).isEqualTo(4);
  }

  @Test
  void instances_one_hasItsMembers() {
    fixture.registry.register(
        Instances.up("PAY", "i", 90).toBuilder().port(8080).build(), Origin.CLIENT);
    fixture.clock.advanceMs(10_000);

    assertThat(ManagementFixture.read(instances("")).at("/instances/0").toString())
        .isEqualTo("{\"app\":\"PAY\",\"id\":\"i\",\"hostName\":\"h1\",\"ipAddr\":\"10.0.0.1\","
            + "\"port\":8080,\"status\":\"UP\",\"overriddenStatus\":null,"
            + "\"lastRenewal\":\"2026-01-01T00:00:00Z\",\"lastRenewalMs\":1767225600000,"
            + "\"validForMs\":80000}");

    fixture.clock.advanceMs(85_000);
    assertThat(ManagementFixture.read(instances(""))
            .at("/instances/0/expiredForMs")
            .asInt())
        .isEqualTo(5_000);
  }

  @ParameterizedTest
  @CsvSource({
    "app=pay, PAY/A-1 PAY/b-2",
    "status=down, PAY/b-2",
    "search=a-1, PAY/A-1",
    "search=HOST-B, PAY/b-2",
    "search=.0.7, PAY/b-2",
    "search=ill, BILL/c",
    "search=none, ''",
    "search=&app=bill, BILL/c",
    "app=pay&status=UP&search=10., PAY/A-1"
  })
  void instances_filtered_areThoseThatMatchAll(String query, String expected) {
    register("PAY", "A-1", "host-a", "10.0.0.1", InstanceStatus.UP);
    register("PAY", "b-2", "host-b", "10.0.0.7", InstanceStatus.DOWN);
    register("BILL", "c", "host-c", "10.0.0.3", InstanceStatus.STARTING);

    assertThat(ids(instances(query)))
        .containsExactlyElementsOf(
            expected.isEmpty() ? List.of() : List.of(expected.split(" ", -1)));
  }

  private void register(String app, String id, String host, String address, InstanceStatus status) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .hostName(host)
        .ipAddr(address)
        .status(status)
        .build();
    fixture.registry.register(instance, Origin.CLIENT);
  }

  @Test
  void instances_unknownApplication_areFlagged() {
    fixture.register("PAY", 1);

    JsonNode response = ManagementFixture.read(instances("app=pya"));

    assertThat(response.path("note").asString()).isEqualTo("Application PYA has no leases.");
    assertThat(ManagementFixture.read(instances("app=pay")).has("note")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"status=gone", "limit=x", "query=pay"})
  void instances_invalidQuery_isRefused(String query) {
    assertThat(instances(query).status()).isEqualTo(400);
  }

  @Test
  void search_tooLong_isRefused() {
    assertThat(instances("search=" + "a".repeat(200)).status()).isEqualTo(200);
    assertThat(instances("search=" + "a".repeat(201)).status()).isEqualTo(400);
    assertThat(applications("search=" + "a".repeat(201)).status()).isEqualTo(400);
  }

  /** Compared with a search in texts of one case. */
  @Test
  void search_randomTexts_findsWhatIsContainedInAnyCase() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      String text = randomText(random, 12);
      String part = randomText(random, 3);
      boolean isContained = text.toUpperCase(Locale.ROOT).contains(part.toUpperCase(Locale.ROOT));
      found += isContained ? 1 : 0;

      TextSearch search = TextSearch.of(ManagementFixture.request(Map.of(), "search=" + part));

      assertThat(search.matches(text))
          .as("%s in %s, seed %d", part, text, seed)
          .isEqualTo(isContained);
    }
    assertThat(found).isBetween(1_000, 19_000);
  }

  private static String randomText(Random random, int lengthMax) {
    return random
        .ints(random.nextInt(lengthMax + 1), 0, 6)
        .mapToObj(i -> "abAB-1".substring(i, i + 1))
        .collect(Collectors.joining());
  }

  @Test
  void selection_moreThanTheLimit_holdsTheFirstOnly() {
    FirstSelection<Integer> first = new FirstSelection<>(3, Integer::compare);
    for (int i = 0; i < 1_000; i++) {
      first.add(i * 617 % 1_000);
    }

    assertThat(first.inOrder()).containsExactly(0, 1, 2);
    assertThat(first.added()).isEqualTo(1_000);

    FirstSelection<Integer> none = new FirstSelection<>(0, Integer::compare);
    none.add(1);
    assertThat(none.inOrder()).isEmpty();
  }

  @Test
  void instances_longNames_areLeftOutBeyondTheLimit() {
    String hostName = "h".repeat(60_000);
    for (int i = 0; i < 100; i++) {
      fixture.registry.register(
          Instances.up("PAY", "i-" + i, 90).toBuilder().hostName(hostName).build(), Origin.CLIENT);
    }

    JsonNode response = ManagementFixture.read(instances("limit=10000"));

    assertThat(response.path("matching").asInt()).isEqualTo(100);
    assertThat(response.path("instances").size()).isEqualTo(69);
  }
}
