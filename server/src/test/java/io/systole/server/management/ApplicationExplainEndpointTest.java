// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.route.Response;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Explanations of applications, and that every endpoint uses the same sentences. */
class ApplicationExplainEndpointTest {
  private static ManagementFixture fixture(ProtectionRule... rules) {
    return new ManagementFixture(
        new EvictionRules(true, 0.85, 30, RenewalThresholdMode.LEASES, Set.of(rules), 0), false);
  }

  private static Response explain(ManagementFixture fixture, String app, String query) {
    return ApplicationExplainEndpoint.QUERY
        .guard(new ApplicationExplainEndpoint(fixture.registry, fixture.evictor))
        .handle(ManagementFixture.request(Map.of("app", app), query));
  }

  private static JsonNode explanation(ManagementFixture fixture, String app) {
    Response response = explain(fixture, app, "");
    assertThat(response.status()).isEqualTo(200);
    return ManagementFixture.read(response);
  }

  private static JsonNode selfPreservation(ManagementFixture fixture) {
    return ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));
  }

  @Test
  void explain_unknownApplication_is404ThatNamesIt() {
    Response response = explain(fixture(), "pya", "");

    assertThat(response.status()).isEqualTo(404);
    assertThat(ManagementFixture.read(response).path("reason").asString())
        .isEqualTo("Application PYA has no leases.");
  }

  @Test
  void explain_invalidLimit_is400() {
    assertThat(explain(fixture(), "PAY", "limit=-1").status()).isEqualTo(400);
    assertThat(explain(fixture(), "PAY", "max=1").status()).isEqualTo(400);
  }

  @Test
  void explain_noneExpired_countsLateInstances() {
    ManagementFixture fixture = fixture();
    fixture.register("PAY", 3);
    fixture.clock.advanceMs(20_000);
    fixture.renew(new InstanceKey("PAY", "pay-0"));
    fixture.clock.advanceMs(10_001);

    JsonNode response = explanation(fixture, "pay");

    assertThat(response.path("summary").asString())
        .isEqualTo("Application PAY has 3 leases, none of which has expired. 2 instances have a"
            + " valid lease, but an overdue renewal.");
    assertThat(response.path("late").asInt()).isEqualTo(2);
    assertThat(response.path("expired").asInt(-1)).isZero();
    assertThat(response.path("statuses").toString()).isEqualTo("{\"UP\":3}");
    assertThat(response.path("instancesExpired").isEmpty()).isTrue();
  }

  @Test
  void explain_protected_hasTheSentenceOfItsInstances() {
    ManagementFixture fixture = fixture(ProtectionRule.APP);
    fixture.register("PAY", 10);
    fixture.register("BILL", 1);
    fixture.clock.advanceMs(95_000);

    JsonNode response = explanation(fixture, "PAY");

    String because = "rule app: 10 leases of application PAY have expired, more than 2 at once"
        + " indicate a failure";
    assertThat(response.path("summary").asString())
        .isEqualTo("Application PAY has 10 leases, of which 10 have expired. 10 are protected by "
            + because + ".");
    assertThat(response.at("/protectedByRule/app").asInt()).isEqualTo(10);
    assertThat(response.path("protected").asInt()).isEqualTo(10);
    JsonNode instance = fixture.explanation("PAY", "pay-3");
    assertThat(instance.path("summary").asString())
        .isEqualTo("The lease expired 5 s ago but is protected by " + because + ".");
    assertThat(response.at("/instancesExpired/3").toString())
        .isEqualTo("{\"id\":\"pay-3\",\"state\":\"protected\",\"summary\":\""
            + instance.path("summary").asString() + "\"}");
  }

  @Test
  void explain_protectedByRegistry_hasTheNumbersOfSelfPreservation() {
    ManagementFixture fixture = fixture(ProtectionRule.REGISTRY);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    fixture.clock.advanceMs(95_000);

    assertThat(explanation(fixture, "PAY").path("summary").asString())
        .isEqualTo("Application PAY has 10 leases, of which 9 have expired. 9 are protected by rule"
            + " registry (self-preservation): 15 renewals in the last minute, at least 18"
            + " required. 1 instance has a valid lease, but an overdue renewal.");
    assertThat(selfPreservation(fixture).path("summary").asString())
        .isEqualTo("Active, evictions are suspended: 15 renewals in the last minute; evictions"
            + " require more than 17. 9 expired leases are protected.");
  }

  @Test
  void explain_candidatesOfTheCap_haveTheSentencesOfTheirInstances() {
    ManagementFixture fixture = fixture();
    fixture.register("PAY", 10);
    fixture.clock.advanceMs(95_000);

    JsonNode response = explanation(fixture, "PAY");

    assertThat(response.path("summary").asString())
        .isEqualTo("Application PAY has 10 leases, of which 10 have expired. 10 are candidates of"
            + " rule cap: a run evicts at most 2 of 10 candidates, selected at random.");
    assertThat(response.path("candidates").asInt()).isEqualTo(10);
    assertThat(response.path("protected").asInt(-1)).isZero();
    for (int i = 0; i < 10; i++) {
      assertThat(response.at("/instancesExpired/" + i + "/summary").asString())
          .isEqualTo(fixture.explanation("PAY", "pay-" + i).path("summary").asString())
          .contains("with a probability of 20.0 %");
    }
  }

  @Test
  void explain_due_namesTheEffectOfTheNextRun() {
    ManagementFixture fixture = fixture();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(95_000);
    fixture.register("BILL", 20);

    assertThat(explanation(fixture, "PAY").path("summary").asString())
        .isEqualTo("Application PAY has 1 lease, of which 1 has expired. 1 is not protected; the"
            + " next run evicts it.");
  }

  @Test
  void explain_limit_listsThoseThatExpiredFirst() {
    ManagementFixture fixture = fixture();
    for (int i = 0; i < 5; i++) {
      fixture.register("PAY", "i-" + (5 - i), "");
      fixture.clock.advanceMs(1_000);
    }
    fixture.clock.advanceMs(95_000);

    JsonNode response = ManagementFixture.read(explain(fixture, "PAY", "limit=2"));

    assertThat(response.path("expired").asInt()).isEqualTo(5);
    assertThat(response.path("instancesExpired").findValuesAsString("id"))
        .containsExactly("i-5", "i-4");
  }

  /** Regression: a node was reported as self-preserving, with an alert, whenever it started. */
  @Test
  void selfPreservation_withoutLeasesOrAWholeMinute_isNotActive() {
    ManagementFixture fixture = fixture(ProtectionRule.REGISTRY);
    assertThat(selfPreservation(fixture).path("summary").asString())
        .isEqualTo("Not active: the node has no leases.");
    fixture.rate.endMinute();
    fixture.evictor.tick();
    assertThat(selfPreservation(fixture).path("isActive").asBoolean(true)).isFalse();
    assertThat(selfPreservation(fixture).has("activeSince")).isFalse();

    fixture.register("PAY", 2);
    fixture.rate.endMinute();
    fixture.rate.endMinute();
    fixture.evictor.tick();

    assertThat(selfPreservation(fixture).path("isActive").asBoolean(false)).isTrue();
    assertThat(selfPreservation(fixture).has("activeSince")).isTrue();
  }

  @Test
  void selfPreservation_beforeAWholeMinute_isNotActiveButProtects() {
    ManagementFixture fixture = fixture(ProtectionRule.REGISTRY);
    fixture.register("PAY", 2);
    fixture.clock.advanceMs(95_000);

    JsonNode response = selfPreservation(fixture);

    assertThat(response.path("isActive").asBoolean(true)).isFalse();
    assertThat(response.path("summary").asString()).endsWith("2 expired leases are protected.");
    assertThat(fixture.explanation("PAY", "pay-0").path("state").asString()).isEqualTo("protected");
  }
}
