// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.RenewalThresholdMode;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ExplainEndpointTest {
  private static final InstanceKey PAY = new InstanceKey("PAY", "pay-0");

  @Test
  void explain_validLease_reportsItsNumbers() {
    World world = protecting();
    world.register("PAY", 1);
    world.clock.advanceMs(10_000);
    world.renew(PAY);
    world.clock.advanceMs(40_000);

    JsonNode response = world.explained("pay", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("valid");
    assertThat(response.path("app").asString()).isEqualTo("PAY");
    assertThat(response.path("summary").asString())
        .isEqualTo("The lease is valid for another 2 min 20 s and is extended by each renewal.");
    assertThat(response.at("/lease/registeredAt").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(response.at("/lease/lastRenewalAt").asString()).isEqualTo("2026-01-01T00:00:10Z");
    assertThat(response.at("/lease/deadlineAt").asString()).isEqualTo("2026-01-01T00:03:10Z");
    assertThat(response.at("/lease/validForMs").asLong()).isEqualTo(140_000);
    assertThat(response.at("/lateness/nowLateMs").asLong()).isEqualTo(10_000);
    assertThat(response.at("/eviction/wouldBeEvicted").asBoolean()).isFalse();
  }

  @Test
  void explain_strictLease_isValidForOneDurationAfterItsRenewal() {
    World world = new World(rules(true, ProtectionRule.APP), true);
    world.register("PAY", 1);
    world.clock.advanceMs(10_000);
    world.renew(PAY);

    JsonNode response = world.explained("PAY", "pay-0");

    assertThat(response.at("/lease/mode").asString()).isEqualTo("strict");
    assertThat(response.at("/lease/validForMs").asLong()).isEqualTo(90_000);
    assertThat(response.at("/lease/lastRenewalAt").asString()).isEqualTo("2026-01-01T00:00:10Z");
  }

  @Test
  void explain_expiredAndNothingProtections_isDue() {
    World world = protecting(ProtectionRule.APP);
    world.register("PAY", 1);
    world.clock.advanceMs(95_000);

    JsonNode response = world.explained("PAY", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("due");
    assertThat(response.path("summary").asString())
        .isEqualTo("Its lease expired 5 s ago, nothing holds it, and the next run evicts it.");
    assertThat(response.at("/eviction/wouldBeEvicted").asBoolean()).isTrue();
    assertThat(response.at("/lease/lastRenewalAt").isNull()).isTrue();
  }

  @Test
  void explain_heldByRegistry_namesTheRenewalsThatAreMissing() {
    World world = protecting(ProtectionRule.REGISTRY);
    world.register("PAY", 10);
    world.renewed("PAY", "pay-9", 15);
    world.clock.advanceMs(95_000);

    JsonNode response = world.explained("PAY", "pay-0");

    JsonNode protection = response.at("/eviction/heldBy/0");
    assertThat(response.path("summary").asString())
        .isEqualTo("Its lease expired 5 s ago, but it is held by rule registry (self-preservation):"
            + " 15 renewals came in the last minute, 19 must.");
    assertThat(protection.path("releasedByMoreRenewalsPerMinute").asInt()).isEqualTo(4);
    assertThat(protection.path("release").asString())
        .startsWith("4 more renewals a minute; or --renewal");
  }

  @Test
  void explain_heldByApplicationAndZone_namesBothAndTheTime() {
    World world = protecting(ProtectionRule.APP, ProtectionRule.ZONE);
    for (int i = 0; i < 10; i++) {
      world.register("PAY", "pay-" + i, "a");
    }
    world.clock.advanceMs(95_000);

    JsonNode protections = world.explained("PAY", "pay-0").at("/eviction/heldBy");

    assertThat(protections.size()).isEqualTo(2);
    assertThat(protections.at("/0/because").asString())
        .isEqualTo(
            "rule app: 10 leases of application PAY have expired at once, and more than 2 look"
                + " like a failure");
    assertThat(protections.at("/1/rule").asString()).isEqualTo("zone");
    assertThat(protections.at("/1/releasedInMs").asLong()).isEqualTo(3_600_000 - 5_000 + 1);
  }

  @Test
  void explain_moreDueThanARunEnds_reportsTheChance() {
    World world = new World(rules(false), false);
    world.register("PAY", 10);
    world.clock.advanceMs(95_000);

    JsonNode response = world.explained("PAY", "pay-0");

    assertThat(response.path("state").asString()).isEqualTo("drawn");
    assertThat(response.at("/eviction/chance").asDouble()).isEqualTo(0.2);
    assertThat(response.at("/eviction/heldBy/0/rule").asString()).isEqualTo("cap");
  }

  @Test
  void explain_overridden_reportsTheRuleAndWhoInsists() {
    World world = protecting();
    world.register("PAY", 1);
    world.clock.advanceMs(1_000);
    world.registry.override(
        PAY, InstanceStatus.OUT_OF_SERVICE, Registry.NO_TIMESTAMP, Origin.CLIENT);

    JsonNode status = world.explained("PAY", "pay-0").path("status");

    assertThat(status.path("status").asString()).isEqualTo("OUT_OF_SERVICE");
    assertThat(status.path("rule").asString()).isEqualTo("OVERRIDE_EXISTS");
    assertThat(status.path("ruleNumber").asInt()).isEqualTo(2);
    assertThat(status.at("/override/by").asString()).isEqualTo("client");
    assertThat(status.at("/override/lastChangedAt").asString()).isEqualTo("2026-01-01T00:00:01Z");
  }

  @Test
  void explain_registeredAgain_keepsTheStatusOfItsLease() {
    World world = protecting();
    world.register("PAY", 1);
    String first = world.explained("PAY", "pay-0").at("/status/rule").asString();
    world.register("PAY", 1);

    String again = world.explained("PAY", "pay-0").at("/status/rule").asString();

    assertThat(first).isEqualTo("ALWAYS_MATCH");
    assertThat(again).isEqualTo("LEASE_EXISTS");
  }

  @Test
  void explain_cancelled_reportsWhenAndByWhom() {
    World world = protecting();
    world.register("PAY", 1);
    world.clock.advanceMs(1_000);
    world.registry.cancel(PAY, Origin.PEER);
    world.clock.advanceMs(5_000);

    JsonNode response = world.explained("PAY", "pay-0");

    assertGone(response, "cancel", "peer", "changes");
    assertThat(response.path("goneAt").asString()).isEqualTo("2026-01-01T00:00:01Z");
  }

  @Test
  void explain_evicted_saysThatItsLeaseHadExpired() {
    World world = protecting();
    world.register("PAY", 1);
    world.clock.advanceMs(95_000);
    world.evictor.run();

    JsonNode response = world.explained("PAY", "pay-0");

    assertGone(response, "eviction", "node", "changes");
    assertThat(response.path("summary").asString()).contains("its lease had expired");
  }

  @Test
  void explain_evictedByHand_saysSo() {
    World world = protecting();
    world.register("PAY", 1);

    Response done = World.sent(LeaseActionEndpoint.eviction(world.registry), "pay", "pay-0");
    Response again = World.sent(LeaseActionEndpoint.eviction(world.registry), "pay", "pay-0");

    assertThat(done.status()).isEqualTo(204);
    assertThat(again.status()).isEqualTo(404);
    assertThat(world.registry.leaseCount()).isZero();
    assertThat(world.registry.counters().evictions()).isEqualTo(1);
    assertGone(world.explained("PAY", "pay-0"), "eviction", "operator", "changes");
  }

  @Test
  void explain_goneLongAgo_asksTheJournal() {
    World world = protecting();
    world.history = key -> new RemovalDescription(1_000, Cause.CANCEL, Origin.CLIENT);

    JsonNode response = world.explained("PAY", "pay-0");

    assertGone(response, "cancel", "client", "journal");
    assertThat(response.path("goneAt").asString()).isEqualTo("1970-01-01T00:00:01Z");
  }

  @Test
  void explain_neverKnown_is404WithTheReason() {
    World world = protecting();
    world.register("PAY", 3);

    Response response = world.requested("pay", "PAY-0");

    assertThat(response.status()).isEqualTo(404);
    assertThat(World.read(response).path("reason").asString())
        .contains("Application PAY has 3 leases, none of this id; ids are case-sensitive.")
        .contains("in the last 3 min")
        .endsWith("Without a data directory nothing older is known.");
  }

  @Test
  void extend_expiredLease_hasOneDurationMoreAndIsNotCounted() {
    World world = protecting();
    world.register("PAY", 1);
    world.clock.advanceMs(95_000);

    Response done = World.sent(LeaseActionEndpoint.extend(world.registry), "PAY", "pay-0");

    assertThat(done.status()).isEqualTo(204);
    assertThat(world.explained("PAY", "pay-0").at("/lease/validForMs").asLong()).isEqualTo(90_000);
    assertThat(world.registry.counters().renewals()).isZero();
    JsonNode recent = World.read(World.sent(new RecentEndpoint(world.registry), "", ""));
    assertThat(recent.at("/extended/0/id").asString()).isEqualTo("pay-0");
    assertThat(recent.at("/registered/0/app").asString()).isEqualTo("PAY");
    assertThat(World.sent(LeaseActionEndpoint.extend(world.registry), "PAY", "other")
            .status())
        .isEqualTo(404);
  }

  /** These took effect in the terminal of whoever asked: a control, an override of direction. */
  @Test
  void responses_idThatATerminalInterprets_isEscaped() {
    String id = "pay\u009b\u202e\u2028\u007f";
    World world = protecting();
    world.register("PAY", id, "");

    Response recent = World.sent(new RecentEndpoint(world.registry), "", "");
    Response explained = world.requested("PAY", id);

    for (Response response : List.of(recent, explained)) {
      assertThat(new String(response.bytes(), StandardCharsets.UTF_8))
          .contains("\"pay\\u009b\\u202e\\u2028\\u007f\"")
          .doesNotContainPattern("[^\n -~]");
    }
    assertThat(World.read(recent).at("/registered/0/id").asString()).isEqualTo(id);
  }

  @Test
  void extend_leaseThatIsValidForLonger_keepsIt() {
    World world = protecting();
    world.register("PAY", 1);
    world.renew(PAY);

    World.sent(LeaseActionEndpoint.extend(world.registry), "PAY", "pay-0");

    assertThat(world.explained("PAY", "pay-0").at("/lease/validForMs").asLong()).isEqualTo(180_000);
  }

  @Test
  void selfPreservation_active_reportsWhatIsMissingAndSinceWhen() {
    World world = protecting(ProtectionRule.REGISTRY);
    world.register("PAY", 10);
    world.renewed("PAY", "pay-9", 15);
    world.clock.advanceMs(95_000);
    world.evictor.tick();

    JsonNode response = World.read(World.sent(new SelfPreservationEndpoint(world.evictor), "", ""));

    assertThat(response.path("summary").asString())
        .isEqualTo("Active, nobody is evicted: 15 renewals came in the last minute; evictions need"
            + " more than 18. 9 expired leases are held.");
    assertThat(response.path("renewalsMissing").asInt()).isEqualTo(4);
    assertThat(response.path("activeSince").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(response.at("/now/heldByRule/registry").asInt()).isEqualTo(9);
    assertThat(response.at("/now/applications/mostHeld/0/held").asInt()).isEqualTo(9);
  }

  @Test
  void selfPreservation_manyApplications_reportsAHundred() {
    World world = protecting(ProtectionRule.REGISTRY);
    for (int app = 0; app < 120; app++) {
      world.register("APP" + app, 1);
    }
    world.clock.advanceMs(95_000);

    JsonNode response = World.read(World.sent(new SelfPreservationEndpoint(world.evictor), "", ""));

    assertThat(response.at("/now/applications/count").asInt()).isEqualTo(120);
    assertThat(response.at("/now/applications/mostHeld").size()).isEqualTo(100);
  }

  private static void assertGone(JsonNode response, String cause, String by, String source) {
    assertThat(response.path("state").asString()).isEqualTo("gone");
    assertThat(response.path("cause").asString()).isEqualTo(cause);
    assertThat(response.path("by").asString()).isEqualTo(by);
    assertThat(response.path("source").asString()).isEqualTo(source);
  }

  private static World protecting(ProtectionRule... rules) {
    return new World(rules(true, rules), false);
  }

  private static EvictionRules rules(boolean isSelfPreserving, ProtectionRule... rules) {
    return new EvictionRules(
        isSelfPreserving, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(rules), 3_600_000);
  }
}
