// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Term;
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
  private static final EvictionRules OFF =
      new EvictionRules(false, 0.85, 30, Threshold.NETFLIX, Set.of(Rule.REGISTRY), 0);

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "6, 1", "7, 2", "12, 2", "13, 2", "14, 3", "100, 15", "1000, 150"})
  void of_allExpired_endsWhatTheShareLeavesOver(int leases, int cap) {
    List<Term> expired = expired("A", leases);

    EvictionPlan plan = plan(OFF, leases, expired, 1);

    assertThat(plan.chosen()).hasSize(cap).doesNotHaveDuplicates().isSubsetOf(expired);
    assertThat(plan.held()).isEqualTo(leases == cap ? Map.of() : Map.of(Rule.CAP, leases - cap));
  }

  @Test
  void of_sameSeed_choosesTheSame() {
    List<Term> expired = expired("A", 100);

    assertThat(plan(OFF, 100, expired, 7)).isEqualTo(plan(OFF, 100, expired, 7));
    assertThat(plan(OFF, 100, expired, 7).chosen())
        .isNotEqualTo(plan(OFF, 100, expired, 8).chosen());
  }

  @Test
  void of_manySeeds_choosesEachAsOften() {
    List<Term> expired = expired("A", 20);
    Map<Term, Integer> times = new HashMap<>();

    for (int seed = 0; seed < 6_000; seed++) {
      plan(OFF, 20, expired, seed).chosen().forEach(term -> times.merge(term, 1, Integer::sum));
    }

    // 3 of 20 in 6000 runs: 900 each, and 6 standard deviations of 27.7.
    assertThat(times).hasSize(20);
    assertThat(times.values()).allSatisfy(count -> assertThat(count).isBetween(734, 1_066));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "2, 1, false", "2, 2, true", "10, 2, false", "10, 3, true"})
  void holder_ofAnApplication_isItOnceMoreThanMayGoHaveExpired(
      int leases, int expiredCount, boolean isHeld) {
    List<Term> expired = expired("A", expiredCount);
    Judgement judgement = new Judgement(
        protecting(Rule.APP, 0.85, 0),
        frozen(),
        new Population(1_000, app -> leases, z -> 0),
        expired,
        Grace.NONE,
        NOW_NS);

    assertThat(judgement.holder(expired.get(0))).isEqualTo(isHeld ? Rule.APP : null);
  }

  /** What a verdict says would release a lease, does. */
  @Test
  void verdict_itsNumbersWhenFollowed_release() {
    List<Term> expired = expired("A", 8);
    Population population = new Population(1_000, app -> 10, zone -> 0);
    long protectMs = 3_000;
    Verdict verdict = new Judgement(
            protecting(Rule.APP, 0.85, protectMs),
            frozen(),
            population,
            expired,
            Grace.NONE,
            NOW_NS)
        .verdict(expired.get(0));

    assertThat(verdict.state()).isEqualTo(Verdict.State.HELD);
    Hold hold = verdict.holds().get(0);
    assertThat(hold.rule()).isEqualTo(Rule.APP);
    assertThat(hold.observed()).isEqualTo(8);
    assertThat(stateWith(expired.subList(0, (int) hold.needed()), population, 0.85, NOW_NS))
        .isEqualTo(Verdict.State.DUE);
    assertThat(stateWith(expired, population, hold.share().orElseThrow(), NOW_NS))
        .isEqualTo(Verdict.State.DUE);
    long inNs = hold.inMs().orElseThrow() * 1_000_000;
    assertThat(stateWith(expired, population, 0.85, NOW_NS + inNs)).isEqualTo(Verdict.State.DUE);
  }

  @Test
  void verdict_moreThanTheCap_isALotWithItsChance() {
    List<Term> expired = expired("A", 100);
    Judgement judgement = judgement(OFF, 100, expired);

    Verdict verdict = judgement.verdict(expired.get(0));

    assertThat(verdict.state()).isEqualTo(Verdict.State.DRAWN);
    assertThat(verdict.chance()).isEqualTo(0.15);
    double share = verdict.holds().get(0).share().orElseThrow();
    EvictionRules loose = new EvictionRules(false, share, 30, Threshold.NETFLIX, Set.of(), 0);
    assertThat(judgement(loose, 100, expired).verdict(expired.get(0)).state())
        .isEqualTo(Verdict.State.DUE);
  }

  @Test
  void verdict_notExpired_isValidAndSaysForHowLong() {
    Term term = new Term(new InstanceKey("A", "i"), "", NOW_NS + 5_000_000, 1, false);

    Verdict verdict = judgement(OFF, 1, List.of()).verdict(term);

    assertThat(verdict.state()).isEqualTo(Verdict.State.VALID);
    assertThat(verdict.expiredMs()).isEqualTo(-5);
  }

  private static Verdict.State stateWith(
      List<Term> expired, Population population, double share, long nowNs) {
    return new Judgement(
            protecting(Rule.APP, share, 3_000), frozen(), population, expired, Grace.NONE, nowNs)
        .verdict(expired.get(0))
        .state();
  }

  private static EvictionRules protecting(Rule rule, double share, long protectMs) {
    return new EvictionRules(true, share, 30, Threshold.NETFLIX, Set.of(rule), protectMs);
  }

  private static EvictionPlan plan(EvictionRules rules, int leases, List<Term> expired, long seed) {
    return EvictionPlan.of(judgement(rules, leases, expired), expired, new SplittableRandom(seed));
  }

  private static Judgement judgement(EvictionRules rules, int leases, List<Term> expired) {
    return new Judgement(
        rules,
        frozen(),
        new Population(leases, app -> leases, zone -> 0),
        expired,
        Grace.NONE,
        NOW_NS);
  }

  private static SelfPreservation frozen() {
    return SelfPreservation.ofClients(false, 10, 30, 0.85, 0);
  }

  private static List<Term> expired(String app, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> new Term(new InstanceKey(app, "i" + i), "", NOW_NS - 2_000_000_000L, 1, false))
        .toList();
  }
}
