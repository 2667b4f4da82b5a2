// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.LeaseCounts;
import io.systole.server.registry.LeaseDeadline;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvictionPlanTest {
  private static final long NOW_NS = 10_000_000_000_000L;
  private static final EvictionRules OFF = new EvictionRules(
      false, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(ProtectionRule.REGISTRY), 0);

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "6, 1", "7, 2", "12, 2", "13, 2", "14, 3", "100, 15", "1000, 150"})
  void of_allExpired_selectsTheComplementOfTheShare(int leases, int cap) {
    List<LeaseDeadline> expired = expired("A", leases);

    EvictionPlan plan = plan(OFF, leases, expired, 1);

    assertThat(plan.chosen()).hasSize(cap).doesNotHaveDuplicates().isSubsetOf(expired);
    assertThat(plan.protectedByRule())
        .isEqualTo(leases == cap ? Map.of() : Map.of(ProtectionRule.CAP, leases - cap));
  }

  @Test
  void of_sameSeed_selectsTheSame() {
    List<LeaseDeadline> expired = expired("A", 100);

    assertThat(plan(OFF, 100, expired, 7)).isEqualTo(plan(OFF, 100, expired, 7));
    assertThat(plan(OFF, 100, expired, 7).chosen())
        .isNotEqualTo(plan(OFF, 100, expired, 8).chosen());
  }

  @Test
  void of_manySeeds_selectsUniformly() {
    List<LeaseDeadline> expired = expired("A", 20);
    Map<LeaseDeadline, Integer> times = new HashMap<>();

    for (int seed = 0; seed < 6_000; seed++) {
      plan(OFF, 20, expired, seed)
          .chosen()
          .forEach(deadline -> times.merge(deadline, 1, Integer::sum));
    }

    // 3 of 20 in 6000 runs: 900 each, and 6 standard deviations of 27.7.
    assertThat(times).hasSize(20);
    assertThat(times.values()).allSatisfy(count -> assertThat(count).isBetween(734, 1_066));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "2, 1, false", "2, 2, true", "10, 2, false", "10, 3, true"})
  void protectingRule_moreThanTheLimitOfAnApplicationExpired_isApp(
      int leases, int expiredCount, boolean isProtected) {
    List<LeaseDeadline> expired = expired("A", expiredCount);
    EvictionDecision decision = new EvictionDecision(
        protecting(ProtectionRule.APP, 0.85, 0),
        frozen(),
        new LeaseCounts.Population(1_000, app -> leases, z -> 0),
        expired,
        GracePeriod.NONE,
        NOW_NS);

    assertThat(decision.protectingRule(expired.get(0)))
        .isEqualTo(isProtected ? ProtectionRule.APP : null);
  }

  /** The conditions of a forecast end the protection. */
  @Test
  void forecast_itsConditions_endTheProtection() {
    List<LeaseDeadline> expired = expired("A", 8);
    LeaseCounts.Population population = new LeaseCounts.Population(1_000, app -> 10, zone -> 0);
    long protectMs = 3_000;
    EvictionDecision decision = new EvictionDecision(
        protecting(ProtectionRule.APP, 0.85, protectMs),
        frozen(),
        population,
        expired,
        GracePeriod.NONE,
        NOW_NS);

    EvictionForecast forecast = EvictionForecast.of(decision, expired.get(0));

    assertThat(forecast.state()).isEqualTo(EvictionForecast.State.PROTECTED);
    ProtectionReason protection = forecast.protections().get(0);
    assertThat(protection.rule()).isEqualTo(ProtectionRule.APP);
    assertThat(protection.observed()).isEqualTo(8);
    assertThat(stateWith(expired.subList(0, (int) protection.required()), population, 0.85, NOW_NS))
        .isEqualTo(EvictionForecast.State.DUE);
    assertThat(stateWith(expired, population, protection.share().orElseThrow(), NOW_NS))
        .isEqualTo(EvictionForecast.State.DUE);
    long inNs = protection.inMs().orElseThrow() * 1_000_000;
    assertThat(stateWith(expired, population, 0.85, NOW_NS + inNs))
        .isEqualTo(EvictionForecast.State.DUE);
  }

  @Test
  void forecast_moreThanTheCap_isACandidateWithItsChance() {
    List<LeaseDeadline> expired = expired("A", 100);
    EvictionDecision decision = decision(OFF, 100, expired);

    EvictionForecast forecast = EvictionForecast.of(decision, expired.get(0));

    assertThat(forecast.state()).isEqualTo(EvictionForecast.State.CANDIDATE);
    assertThat(forecast.chance()).isEqualTo(0.15);
    double share = forecast.protections().get(0).share().orElseThrow();
    EvictionRules loose =
        new EvictionRules(false, share, 30, RenewalThresholdMode.NETFLIX, Set.of(), 0);
    assertThat(
            EvictionForecast.of(decision(loose, 100, expired), expired.get(0)).state())
        .isEqualTo(EvictionForecast.State.DUE);
  }

  @Test
  void forecast_notExpired_isValidWithTheRemainingTime() {
    LeaseDeadline deadline =
        new LeaseDeadline(new InstanceKey("A", "i"), 0, "", NOW_NS + 5_000_000, 1, false);

    EvictionForecast forecast = EvictionForecast.of(decision(OFF, 1, List.of()), deadline);

    assertThat(forecast.state()).isEqualTo(EvictionForecast.State.VALID);
    assertThat(forecast.expiredMs()).isEqualTo(-5);
  }

  private static EvictionForecast.State stateWith(
      List<LeaseDeadline> expired, LeaseCounts.Population population, double share, long nowNs) {
    EvictionDecision decision = new EvictionDecision(
        protecting(ProtectionRule.APP, share, 3_000),
        frozen(),
        population,
        expired,
        GracePeriod.NONE,
        nowNs);
    return EvictionForecast.of(decision, expired.get(0)).state();
  }

  private static EvictionRules protecting(ProtectionRule rule, double share, long protectMs) {
    return new EvictionRules(
        true, share, 30, RenewalThresholdMode.NETFLIX, Set.of(rule), protectMs);
  }

  private static EvictionPlan plan(
      EvictionRules rules, int leases, List<LeaseDeadline> expired, long seed) {
    return EvictionPlan.of(decision(rules, leases, expired), expired, new SplittableRandom(seed));
  }

  private static EvictionDecision decision(
      EvictionRules rules, int leases, List<LeaseDeadline> expired) {
    return new EvictionDecision(
        rules,
        frozen(),
        new LeaseCounts.Population(leases, app -> leases, zone -> 0),
        expired,
        GracePeriod.NONE,
        NOW_NS);
  }

  private static SelfPreservation frozen() {
    return SelfPreservation.ofClients(false, 10, 30, 0.85, 0);
  }

  private static List<LeaseDeadline> expired(String app, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new LeaseDeadline(
            new InstanceKey(app, "i" + i), i, "", NOW_NS - 2_000_000_000L, 1, false))
        .toList();
  }
}
