// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.Requester;
import io.systole.server.route.Response;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class InstanceDetailsEndpointTest {
  private static final InstanceKey PAY = new InstanceKey("PAY", "pay-0");

  private final ManagementFixture fixture = new ManagementFixture(EvictionRules.STOCK, false);
  private RemovalHistory journal = RemovalHistory.NONE;

  private Response sent(String id, String query) {
    return InstanceDetailsEndpoint.QUERY
        .guard(new InstanceDetailsEndpoint(fixture.registry, fixture.evictor, journal))
        .handle(ManagementFixture.request(Map.of("app", "pay", "id", id), query));
  }

  private JsonNode details(String query) {
    Response response = sent("pay-0", query);
    assertThat(response.status()).isEqualTo(200);
    return ManagementFixture.read(response);
  }

  private void override(InstanceStatus status) {
    fixture.registry.statusOverrides().set(PAY, status, Registry.NO_TIMESTAMP, Origin.OPERATOR);
  }

  @Test
  void show_unknownInstance_is404WithTheReasonOfExplain() {
    fixture.register("PAY", 1);

    Response response = sent("other", "");

    assertThat(response.status()).isEqualTo(404);
    assertThat(ManagementFixture.read(response))
        .isEqualTo(ManagementFixture.read(fixture.explain("PAY", "other")));
  }

  @Test
  void show_invalidLimit_is400() {
    assertThat(sent("pay-0", "limit=many").status()).isEqualTo(400);
  }

  @Test
  void show_lease_hasItsExplanationAndDocument() {
    fixture.register("PAY", 1);

    JsonNode response = details("");

    assertThat(response.path("state").asString()).isEqualTo("valid");
    assertThat(response.path("summary").asString())
        .isEqualTo("The lease is valid for another 1 min 30 s.");
    assertThat(response.path("explain")).isEqualTo(fixture.explanation("PAY", "pay-0"));
    assertThat(response.at("/document/instanceId").asString()).isEqualTo("pay-0");
    assertThat(response.at("/document/leaseInfo/durationInSecs").asInt()).isEqualTo(90);
    assertThat(response.path("history").toString())
        .isEqualTo("[{\"at\":\"2026-01-01T00:00:00Z\",\"atMs\":1767225600000,"
            + "\"cause\":\"registration\",\"by\":\"client\",\"status\":\"UP\"}]");
  }

  @Test
  void show_evictedByAnOperator_namesWhoDidIt() {
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(1_000);
    override(InstanceStatus.DOWN);
    fixture.clock.advanceMs(1_000);
    fixture.registry.expiry().evict(PAY, new Requester("oncall", "10.0.0.9:4711"));

    JsonNode response = details("");

    assertThat(response.path("state").asString()).isEqualTo("removed");
    assertThat(response.path("document").isNull()).isTrue();
    assertThat(response.path("history").findValuesAsString("cause"))
        .containsExactly("eviction", "amendment", "registration");
    assertThat(response.at("/history/0").toString())
        .isEqualTo("{\"at\":\"2026-01-01T00:00:02Z\",\"atMs\":1767225602000,"
            + "\"cause\":\"eviction\",\"by\":\"operator\",\"status\":null,"
            + "\"because\":\"evicted by an operator\",\"principal\":\"oncall\","
            + "\"from\":\"10.0.0.9:4711\"}");
    assertThat(response.at("/history/1/by").asString()).isEqualTo("operator");
    assertThat(response.at("/history/1/status").asString()).isEqualTo("DOWN");
  }

  @Test
  void show_cancelledAfterAnEarlierCancel_namesTheSenderOfEach() {
    fixture.register("PAY", 1);
    fixture.registry.cancel(
        PAY, Registry.NO_TIMESTAMP, Origin.CLIENT, new Requester("first", "10.0.0.1:1"));
    fixture.clock.advanceMs(5_000);
    fixture.register("PAY", 1);
    fixture.registry.cancel(
        PAY, Registry.NO_TIMESTAMP, Origin.CLIENT, new Requester("second", "10.0.0.2:2"));

    JsonNode history = details("").path("history");

    assertThat(history.findValuesAsString("principal")).containsExactly("second", "first");
  }

  @Test
  void show_olderChanges_areReadFromTheJournal() {
    fixture.register("PAY", 1);
    long[] requested = new long[2];
    journal = new RemovalHistory() {
      @Override
      public @Nullable RemovalDescription lastKnown(InstanceKey key) {
        return null;
      }

      @Override
      public RecordedChanges changesBefore(InstanceKey key, long version, int limit) {
        requested[0] = version;
        requested[1] = limit;
        return new RecordedChanges(
            List.of(new RecordedChange(7, 1_000, Cause.EVICTION, Origin.NODE, null)), true);
      }
    };

    JsonNode response = details("limit=5");

    assertThat(requested).containsExactly(fixture.registry.version(), 4);
    assertThat(response.path("history").findValuesAsString("cause"))
        .containsExactly("registration", "eviction");
    assertThat(response.at("/history/1/because").asString())
        .isEqualTo("evicted by this node after the lease expired");
    assertThat(response.path("isHistoryCut").asBoolean()).isTrue();
    assertThat(details("limit=1").path("history").size()).isEqualTo(1);
    assertThat(details("limit=0").path("history").isEmpty()).isTrue();
  }
}
