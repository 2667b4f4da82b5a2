// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.ProtectionRule;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Explanations of all instances in random scenarios, compared with the effects they predict. */
class ExplainedScenariosTest {
  /** An instance that is alive in every scenario. */
  private static final InstanceKey BEACON = new InstanceKey("BEACON", "beacon");

  /** A scenario derived from a seed, with an optional share. */
  private static final class Seeded {
    final Map<InstanceKey, String> zones = new LinkedHashMap<>();
    final ManagementFixture fixture;

    /**
     * @param share the renewal share; negative for one derived from the seed
     * @param moreRenewals additional renewals of the beacon in the last minute
     */
    Seeded(long seed, double share, int moreRenewals) {
      Random random = new Random(seed);
      Set<ProtectionRule> protections = EnumSet.noneOf(ProtectionRule.class);
      for (ProtectionRule rule :
          List.of(ProtectionRule.REGISTRY, ProtectionRule.APP, ProtectionRule.ZONE)) {
        if (random.nextInt(3) > 0) {
          protections.add(rule);
        }
      }
      double ownShare = 0.3 + 0.69 * random.nextDouble();
      if (seed % 4 == 2) {
        // More candidates than the cap, while zones protect others.
        protections.clear();
        protections.add(ProtectionRule.ZONE);
        ownShare = 0.95;
      }
      EvictionRules rules = new EvictionRules(
          seed % 4 > 0,
          share < 0 ? ownShare : share,
          30,
          random.nextBoolean() ? RenewalThresholdMode.NETFLIX : RenewalThresholdMode.LEASES,
          protections,
          seed % 3 == 0 ? 0 : 200_000);
      fixture = new ManagementFixture(rules, random.nextBoolean());
      populate(random);
      live(random, moreRenewals);
    }

    private void populate(Random random) {
      add(BEACON, "");
      int apps = 10 + random.nextInt(5);
      for (int app = 0; app < apps; app++) {
        int size = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 20 + random.nextInt(40);
        for (int i = 0; i < size; i++) {
          int zone = random.nextInt(5);
          add(new InstanceKey("APP" + app, "i-" + app + "-" + i), zone > 3 ? "" : "zone-" + zone);
        }
      }
    }

    private void add(InstanceKey key, String zone) {
      zones.put(key, zone);
      fixture.register(key.app(), key.id(), zone);
      // Different start times, none of them a whole millisecond.
      fixture.clock.advanceNs(7_654_321);
    }

    private void live(Random random, int moreRenewals) {
      double silentShare = random.nextDouble() * 0.5;
      int silentApp = random.nextInt(12);
      int silentZone = random.nextInt(12);
      Map<InstanceKey, Integer> lastBeat = new HashMap<>();
      zones.forEach((key, zone) -> {
        boolean isSilent = key.app().equals("APP" + silentApp)
            || zone.equals("zone-" + silentZone)
            || random.nextDouble() < silentShare;
        lastBeat.put(key, isSilent && !key.equals(BEACON) ? random.nextInt(12) : 99);
      });
      for (int beat = 0; beat < 14; beat++) {
        fixture.clock.advanceMs(30_000);
        for (InstanceKey key : zones.keySet()) {
          if (beat <= lastBeat.getOrDefault(key, 0)) {
            fixture.renew(key);
          }
        }
        if (beat == 13) {
          for (int i = 0; i < moreRenewals; i++) {
            fixture.renew(BEACON);
          }
        }
        if (beat % 2 == 1) {
          fixture.rate.endMinute();
        }
      }
    }

    Map<InstanceKey, JsonNode> explained() {
      Map<InstanceKey, JsonNode> all = new LinkedHashMap<>();
      zones.keySet().forEach(key -> all.put(key, explained(key)));
      return all;
    }

    JsonNode explained(InstanceKey key) {
      return fixture.explanation(key.app(), key.id());
    }

    boolean exists(InstanceKey key) {
      return fixture.registry.expiry().deadline(key) != null;
    }
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Repetitions.of(3));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void forecast_ofEveryInstance_isWhatTheRunDoes(long seed) {
    Seeded seeded = new Seeded(seed, -1, 0);
    Map<InstanceKey, JsonNode> explained = seeded.explained();

    seeded.fixture.evictor.run();

    assertThat(explained).hasSizeGreaterThan(150);
    checkOutcome(seeded, explained);
  }

  private static void checkOutcome(Seeded seeded, Map<InstanceKey, JsonNode> explained) {
    int candidates = 0;
    int evicted = 0;
    double chances = 0;
    for (Map.Entry<InstanceKey, JsonNode> entry : explained.entrySet()) {
      JsonNode response = entry.getValue();
      boolean exists = seeded.exists(entry.getKey());
      switch (response.path("state").asString()) {
        case "valid", "protected" -> assertThat(exists).as(response.toString()).isTrue();
        case "due" -> assertThat(exists).as(response.toString()).isFalse();
        case "candidate" -> {
          candidates++;
          evicted += exists ? 0 : 1;
          chances += response.at("/eviction/chance").asDouble();
        }
        default -> throw new AssertionError(response.toString());
      }
    }
    assertThat((double) evicted).isCloseTo(chances, Offset.offset(1e-6));
    assertThat(evicted).isLessThanOrEqualTo(candidates);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void releasedByShare_whenSet_endsTheProtection(long seed) {
    Map<Double, Seeded> others = new HashMap<>();

    new Seeded(seed, -1, 0).explained().forEach((key, response) -> {
      for (JsonNode protection : response.at("/eviction/protectedBy").values()) {
        if (protection.has("releasedByShare")) {
          double share = protection.path("releasedByShare").asDouble();
          JsonNode then =
              others.computeIfAbsent(share, any -> new Seeded(seed, share, 0)).explained(key);
          assertThat(rulesOf(then))
              .as("%s then %s", response, then)
              .doesNotContain(protection.path("rule").asString());
          if (protection.path("rule").asString().equals("cap")) {
            assertThat(then.path("state").asString()).as(then.toString()).isEqualTo("due");
          }
        }
      }
      if (response.at("/eviction").has("releasedFromAllByShare")) {
        double share = response.at("/eviction/releasedFromAllByShare").asDouble();
        JsonNode then =
            others.computeIfAbsent(share, any -> new Seeded(seed, share, 0)).explained(key);
        assertThat(then.path("state").asString()).as(then.toString()).isIn("due", "candidate");
      }
    });
    for (Seeded other : others.values()) {
      Map<InstanceKey, JsonNode> explained = other.explained();
      other.fixture.evictor.run();
      checkOutcome(other, explained);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void releasedByMoreRenewals_whenReceived_endsTheProtectionAndOneLessDoesNot(long seed) {
    Seeded now = new Seeded(seed, -1, 0);
    Map<Integer, Seeded> others = new HashMap<>();

    now.explained().forEach((key, response) -> {
      JsonNode protection = protectionOf(response, "registry");
      if (protection.has("releasedByMoreRenewalsPerMinute")) {
        int more = protection.path("releasedByMoreRenewalsPerMinute").asInt();
        Seeded enough = others.computeIfAbsent(more, any -> new Seeded(seed, -1, more));
        Seeded tooFew = others.computeIfAbsent(more - 1, any -> new Seeded(seed, -1, more - 1));
        assertThat(rulesOf(enough.explained(key))).doesNotContain("registry");
        assertThat(rulesOf(tooFew.explained(key))).contains("registry");
      }
    });
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void renewals_ofTheExcessiveExpiredLeases_endTheProtectionOfApplicationAndZone(long seed) {
    Map<InstanceKey, JsonNode> explained = new Seeded(seed, -1, 0).explained();
    Set<String> seen = new LinkedHashSet<>();

    explained.forEach((key, response) -> {
      for (String rule : List.of("app", "zone")) {
        JsonNode protection = protectionOf(response, rule);
        // One instance of each application and zone, since each check needs a new scenario.
        if (!protection.isMissingNode() && seen.add(rule + groupOf(response, rule))) {
          int tooMany =
              protection.path("observed").asInt() - protection.path("required").asInt();
          assertThat(rulesOf(afterRenewing(seed, explained, key, rule, tooMany - 1)))
              .contains(rule);
          assertThat(rulesOf(afterRenewing(seed, explained, key, rule, tooMany)))
              .doesNotContain(rule);
        }
      }
    });
  }

  private static JsonNode afterRenewing(
      long seed, Map<InstanceKey, JsonNode> explained, InstanceKey key, String rule, int count) {
    Seeded then = new Seeded(seed, -1, 0);
    String group = groupOf(requireNonNull(explained.get(key)), rule);
    List<InstanceKey> others = new ArrayList<>();
    explained.forEach((other, response) -> {
      boolean isExpired = response.at("/lease").has("expiredForMs");
      if (isExpired && !other.equals(key) && groupOf(response, rule).equals(group)) {
        others.add(other);
      }
    });
    assertThat(others).hasSizeGreaterThanOrEqualTo(count);
    others.stream().limit(count).forEach(then.fixture::renew);
    return then.explained(key);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void releasedInMs_afterThatTime_endsTheProtectionAndAMillisecondLessDoesNot(long seed) {
    new Seeded(seed, -1, 0).explained().forEach((key, response) -> {
      for (JsonNode protection : response.at("/eviction/protectedBy").values()) {
        if (protection.has("releasedInMs") && Math.floorMod(key.hashCode(), 5) == 0) {
          String rule = protection.path("rule").asString();
          Seeded then = new Seeded(seed, -1, 0);
          then.fixture.clock.advanceMs(protection.path("releasedInMs").asLong() - 1);
          assertThat(rulesOf(then.explained(key))).contains(rule);
          then.fixture.clock.advanceMs(1);
          assertThat(rulesOf(then.explained(key))).doesNotContain(rule);
        }
      }
    });
  }

  @Test
  void scenarios_haveEveryStateAndRule() {
    Set<String> seen = new LinkedHashSet<>();
    for (long seed = 1; seed <= 10; seed++) {
      new Seeded(seed, -1, 0).explained().values().forEach(response -> {
        seen.add(response.path("state").asString());
        seen.addAll(rulesOf(response));
        response
            .at("/eviction/protectedBy")
            .values()
            .forEach(protection -> seen.addAll(protection.propertyNames()));
      });
    }

    assertThat(seen)
        .contains("valid", "due", "protected", "candidate")
        .contains("registry", "app", "zone", "cap")
        .contains("releasedByShare", "releasedByMoreRenewalsPerMinute", "releasedInMs");
  }

  private static String groupOf(JsonNode response, String rule) {
    return rule.equals("app")
        ? response.path("app").asString()
        : response.at("/lease/zone").asString();
  }

  private static JsonNode protectionOf(JsonNode response, String rule) {
    return response.at("/eviction/protectedBy").values().stream()
        .filter(protection -> protection.path("rule").asString().equals(rule))
        .findFirst()
        .orElse(response.path("missing"));
  }

  private static List<String> rulesOf(JsonNode response) {
    return response.at("/eviction/protectedBy").values().stream()
        .map(protection -> protection.path("rule").asString())
        .toList();
  }
}
