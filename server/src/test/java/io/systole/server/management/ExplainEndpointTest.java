// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.management.RemovalHistory.RemovalDescription;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ExplainEndpointTest {
  private static final InstanceKey PAY = new InstanceKey("PAY", "pay-0");

  @Test
  void explain_validLease_reportsItsNumbers() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(10_000);
    fixture.renew(PAY);
    fixture.clock.advanceMs(40_000);

    JsonNode response = fixture.explanation("pay", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("valid");
    assertThat(response.path("app").asString()).isEqualTo("PAY");
    assertThat(response.path("summary").asString())
        .isEqualTo("The lease is valid for another 2 min 20 s.");
    assertThat(response.at("/lease/registeredAt").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(response.at("/lease/lastRenewalAt").asString()).isEqualTo("2026-01-01T00:00:10Z");
    assertThat(response.at("/lease/deadlineAt").asString()).isEqualTo("2026-01-01T00:03:10Z");
    assertThat(response.at("/lease/validForMs").asLong()).isEqualTo(140_000);
    assertThat(response.at("/renewalDelay/currentDelayMs").asLong()).isEqualTo(10_000);
    assertThat(response.at("/eviction/wouldBeEvicted").asBoolean()).isFalse();
  }

  @Test
  void explain_strictLease_isValidForOneDurationAfterItsRenewal() {
    ManagementFixture fixture = new ManagementFixture(rules(true, ProtectionRule.APP), true);
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(10_000);
    fixture.renew(PAY);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertThat(response.at("/lease/mode").asString()).isEqualTo("strict");
    assertThat(response.at("/lease/validForMs").asLong()).isEqualTo(90_000);
    assertThat(response.at("/lease/lastRenewalAt").asString()).isEqualTo("2026-01-01T00:00:10Z");
  }

  @Test
  void explain_expiredAndUnprotected_isDue() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(95_000);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("due");
    assertThat(response.path("summary").asString())
        .isEqualTo("The lease expired 5 s ago and is not protected; the next run evicts it.");
    assertThat(response.at("/eviction/wouldBeEvicted").asBoolean()).isTrue();
    assertThat(response.at("/lease/lastRenewalAt").isNull()).isTrue();
  }

  @Test
  void explain_dueAtAnotherMember_reportsThat() {
    ManagementFixture fixture = protecting(ProtectionRule.APP);
    fixture.evictor.evictIf(deadline -> !deadline.key().equals(PAY));
    fixture.register("PAY", 1);

    assertThat(fixture.explanation("PAY", "pay-0").path("summary").asString())
        .doesNotContain("member");

    fixture.clock.advanceMs(95_000);
    assertThat(fixture.explanation("PAY", "pay-0").path("summary").asString())
        .isEqualTo("The lease expired 5 s ago and is not protected; the next run evicts it."
            + " That run is one of another member of the cluster, which is responsible for the"
            + " lease.");
  }

  @Test
  void explain_protectedByRegistry_namesTheRenewalsThatAreMissing() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    fixture.clock.advanceMs(95_000);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    JsonNode protection = response.at("/eviction/protectedBy/0");
    assertThat(response.path("summary").asString())
        .isEqualTo("The lease expired 5 s ago but is protected by rule registry"
            + " (self-preservation): 15 renewals in the last minute, at least 19 required.");
    assertThat(protection.path("releasedByMoreRenewalsPerMinute").asInt()).isEqualTo(4);
    assertThat(protection.path("release").asString())
        .startsWith("4 more renewals a minute; or --renewal");
  }

  @Test
  void explain_protectedByApplicationAndZone_namesBothAndTheTime() {
    ManagementFixture fixture = protecting(ProtectionRule.APP, ProtectionRule.ZONE);
    for (int i = 0; i < 10; i++) {
      fixture.register("PAY", "pay-" + i, "a");
    }
    fixture.clock.advanceMs(95_000);

    JsonNode protections = fixture.explanation("PAY", "pay-0").at("/eviction/protectedBy");

    assertThat(protections.size()).isEqualTo(2);
    assertThat(protections.at("/0/because").asString())
        .isEqualTo(
            "rule app: 10 leases of application PAY have expired, more than 2 at once indicate a"
                + " failure");
    assertThat(protections.at("/1/rule").asString()).isEqualTo("zone");
    assertThat(protections.at("/1/releasedInMs").asLong()).isEqualTo(3_600_000 - 5_000 + 1);
  }

  @Test
  void explain_moreDueThanARunEnds_reportsTheChance() {
    ManagementFixture fixture = new ManagementFixture(rules(false), false);
    fixture.register("PAY", 10);
    fixture.clock.advanceMs(95_000);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("candidate");
    assertThat(response.at("/eviction/chance").asDouble()).isEqualTo(0.2);
    assertThat(response.at("/eviction/protectedBy/0/rule").asString()).isEqualTo("cap");
  }

  @Test
  void explain_overridden_reportsTheRuleAndTheOrigin() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(1_000);
    fixture
        .registry
        .statusOverrides()
        .set(PAY, InstanceStatus.OUT_OF_SERVICE, Registry.NO_TIMESTAMP, Origin.CLIENT);

    JsonNode status = fixture.explanation("PAY", "pay-0").path("status");

    assertThat(status.path("status").asString()).isEqualTo("OUT_OF_SERVICE");
    assertThat(status.path("rule").asString()).isEqualTo("OVERRIDE_EXISTS");
    assertThat(status.path("ruleNumber").asInt()).isEqualTo(2);
    assertThat(status.at("/override/by").asString()).isEqualTo("client");
    assertThat(status.at("/override/lastChangedAt").asString()).isEqualTo("2026-01-01T00:00:01Z");
  }

  @Test
  void explain_registeredAgain_keepsTheStatusOfItsLease() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    String first = fixture.explanation("PAY", "pay-0").at("/status/rule").asString();
    fixture.register("PAY", 1);

    String again = fixture.explanation("PAY", "pay-0").at("/status/rule").asString();

    assertThat(first).isEqualTo("ALWAYS_MATCH");
    assertThat(again).isEqualTo("LEASE_EXISTS");
  }

  @Test
  void explain_cancelled_reportsWhenAndByWhom() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(1_000);
    fixture.registry.cancel(PAY, Origin.PEER);
    fixture.clock.advanceMs(5_000);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertGone(response, "cancel", "peer", "changes");
    assertThat(response.path("removedAt").asString()).isEqualTo("2026-01-01T00:00:01Z");
    assertThat(response.path("registeredAt").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(response.path("registeredAtMs").asLong()).isEqualTo(ManualClock.START_WALL_MS);
  }

  @Test
  void explain_evicted_reportsTheExpiry() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(95_000);
    fixture.evictor.run();

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertGone(response, "eviction", "node", "changes");
    assertThat(response.path("summary").asString())
        .contains("evicted by this node after the lease expired");
  }

  @Test
  void explain_removedByAnotherMember_reportsThat() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.registry.replicated().remove(0, Cause.EVICTION);

    JsonNode evicted = fixture.explanation("PAY", "pay-0");

    assertGone(evicted, "eviction", "member", "changes");
    assertThat(evicted.path("summary").asString())
        .endsWith("evicted by another member of the cluster after the lease expired.");

    fixture.register("PAY", 1);
    fixture.registry.replicated().remove(0, Cause.CANCEL);

    assertThat(fixture.explanation("PAY", "pay-0").path("summary").asString())
        .endsWith("cancelled, or evicted by an operator, at another member of the cluster.");
  }

  @Test
  void explain_evictedByAnOperator_reportsTheOrigin() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);

    Response done =
        ManagementFixture.send(LeaseActionEndpoint.eviction(fixture.registry), "pay", "pay-0");
    Response again =
        ManagementFixture.send(LeaseActionEndpoint.eviction(fixture.registry), "pay", "pay-0");

    assertThat(done.status()).isEqualTo(204);
    assertThat(again.status()).isEqualTo(404);
    assertThat(fixture.registry.leaseCount()).isZero();
    assertThat(fixture.registry.counters().evictions()).isEqualTo(1);
    assertGone(fixture.explanation("PAY", "pay-0"), "eviction", "operator", "changes");
  }

  @Test
  void explain_removedLongAgo_isReadFromTheJournal() {
    ManagementFixture fixture = protecting();
    fixture.history = key -> new RemovalDescription(1_000, Cause.CANCEL, Origin.CLIENT);

    JsonNode response = fixture.explanation("PAY", "pay-0");

    assertGone(response, "cancel", "client", "journal");
    assertThat(response.path("removedAt").asString()).isEqualTo("1970-01-01T00:00:01Z");
  }

  @Test
  void explain_neverKnown_is404WithTheReason() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 3);

    Response response = fixture.explain("pay", "PAY-0");

    assertThat(response.status()).isEqualTo(404);
    assertThat(ManagementFixture.read(response).path("reason").asString())
        .contains("Application PAY has 3 leases, but none with this id; ids are case-sensitive.")
        .contains("in the last 3 min")
        .endsWith("Without a data directory, older removals are unknown.");
  }

  @Test
  void extend_expiredLease_hasOneDurationMoreAndIsNotCounted() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.clock.advanceMs(95_000);

    Response done =
        ManagementFixture.send(LeaseActionEndpoint.extension(fixture.registry), "PAY", "pay-0");

    assertThat(done.status()).isEqualTo(204);
    assertThat(fixture.explanation("PAY", "pay-0").at("/lease/validForMs").asLong())
        .isEqualTo(90_000);
    assertThat(fixture.registry.renewal().count()).isZero();
    JsonNode recent = ManagementFixture.read(
        ManagementFixture.send(new RecentEndpoint(fixture.registry), "", ""));
    assertThat(recent.at("/extended/0/id").asString()).isEqualTo("pay-0");
    assertThat(recent.at("/registered/0/app").asString()).isEqualTo("PAY");
    assertThat(
            ManagementFixture.send(LeaseActionEndpoint.extension(fixture.registry), "PAY", "other")
                .status())
        .isEqualTo(404);
  }

  /** Regression: control characters and direction overrides took effect in terminals. */
  @Test
  void responses_idThatATerminalInterprets_isEscaped() {
    String id = "pay\u009b\u202e\u2028\u007f";
    ManagementFixture fixture = protecting();
    fixture.register("PAY", id, "");

    Response recent = ManagementFixture.send(new RecentEndpoint(fixture.registry), "", "");
    Response explained = fixture.explain("PAY", id);

    for (Response response : List.of(recent, explained)) {
      assertThat(new String(response.bytes(), StandardCharsets.UTF_8))
          .contains("\"pay\\u009b\\u202e\\u2028\\u007f\"")
          .doesNotContainPattern("[^\n -~]");
    }
    assertThat(ManagementFixture.read(recent).at("/registered/0/id").asString()).isEqualTo(id);
  }

  @Test
  void extend_leaseThatIsValidForLonger_keepsIt() {
    ManagementFixture fixture = protecting();
    fixture.register("PAY", 1);
    fixture.renew(PAY);

    ManagementFixture.send(LeaseActionEndpoint.extension(fixture.registry), "PAY", "pay-0");

    assertThat(fixture.explanation("PAY", "pay-0").at("/lease/validForMs").asLong())
        .isEqualTo(180_000);
  }

  @Test
  void selfPreservation_active_reportsWhatIsMissingAndSinceWhen() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    fixture.register("PAY", 10);
    fixture.renewed("PAY", "pay-9", 15);
    fixture.clock.advanceMs(95_000);
    fixture.evictor.tick();

    JsonNode response = ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));

    assertThat(response.path("summary").asString())
        .isEqualTo("Active, evictions are suspended: 15 renewals in the last minute; evictions"
            + " require more than 18. 9 expired leases are protected.");
    assertThat(response.path("renewalsMissing").asInt()).isEqualTo(4);
    assertThat(response.path("releasedByShare").asDouble()).isEqualTo(14.5 / 22);
    assertThat(response.path("activeSince").asString()).isEqualTo("2026-01-01T00:01:35Z");
    assertThat(response.at("/now/protectedByRule/registry").asInt()).isEqualTo(9);
    assertThat(response.at("/now/applications/mostProtected/0/protected").asInt())
        .isEqualTo(9);
  }

  /** Regression: an idle node and one that had just started were reported as failing. */
  @Test
  void selfPreservation_noLeases_isNotActive() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    fixture.rate.endMinute();
    fixture.evictor.tick();

    JsonNode response = ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));

    assertThat(response.path("summary").asString())
        .isEqualTo("Not active: the node has no leases.");
    assertThat(response.path("isActive").asBoolean()).isFalse();
    assertThat(response.has("activeSince")).isFalse();
  }

  @Test
  void selfPreservation_firstMinuteWithLeases_isNotActive() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    fixture.evictor.tick();
    fixture.register("PAY", 2);
    fixture.rate.endMinute();
    fixture.clock.advanceMs(95_000);
    fixture.evictor.tick();

    JsonNode first = ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));
    fixture.rate.endMinute();
    JsonNode second = ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));

    assertThat(first.path("summary").asString())
        .isEqualTo("Not active: the first whole minute of renewals is not over; expired leases are"
            + " kept until then. 2 expired leases are protected.");
    assertThat(first.path("isActive").asBoolean()).isFalse();
    assertThat(second.path("isActive").asBoolean()).isTrue();
  }

  @Test
  void selfPreservation_manyApplications_reportsAHundred() {
    ManagementFixture fixture = protecting(ProtectionRule.REGISTRY);
    for (int app = 0; app < 120; app++) {
      fixture.register("APP" + app, 1);
    }
    fixture.clock.advanceMs(95_000);

    JsonNode response = ManagementFixture.read(
        ManagementFixture.send(new SelfPreservationEndpoint(fixture.evictor), "", ""));

    assertThat(response.at("/now/applications/count").asInt()).isEqualTo(120);
    assertThat(response.at("/now/applications/mostProtected").size()).isEqualTo(100);
  }

  private static void assertGone(JsonNode response, String cause, String by, String source) {
    assertThat(response.path("state").asString()).isEqualTo("removed");
    assertThat(response.path("cause").asString()).isEqualTo(cause);
    assertThat(response.path("by").asString()).isEqualTo(by);
    assertThat(response.path("source").asString()).isEqualTo(source);
  }

  private static ManagementFixture protecting(ProtectionRule... rules) {
    return new ManagementFixture(rules(true, rules), false);
  }

  private static EvictionRules rules(boolean isSelfPreserving, ProtectionRule... rules) {
    return new EvictionRules(
        isSelfPreserving, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(rules), 3_600_000);
  }
}
