// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionForecast.ProtectionReason;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.LeaseDeadline;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The effect of the protection rules on typical failures, minute by minute. */
class FailureScenariosTest {
  // ---- a partition cuts off every other instance of ten applications, for half an hour

  @Test
  void partition_registry_evictsNothingAndRecovers() {
    Fleets fleets = tenOfTen(EvictionRules.STOCK).pass(2, key -> true);

    fleets.pass(30, key -> Fleets.number(key) % 2 == 0);

    assertThat(fleets.registry.leaseCount()).isEqualTo(100);
    assertThat(fleets.evictor.lastRun().protectedBy(ProtectionRule.REGISTRY)).isEqualTo(50);
    fleets.pass(2, key -> true);
    assertThat(fleets.evictor.lastRun().hasProtected()).isFalse();
    assertThat(fleets.evictor.lastRun().expired()).isZero();
  }

  @Test
  void partition_app_evictsNothing() {
    Fleets fleets = tenOfTen(Fleets.protecting(ProtectionRule.APP)).pass(2, key -> true);

    fleets.pass(30, key -> Fleets.number(key) % 2 == 0);

    assertThat(fleets.registry.leaseCount()).isEqualTo(100);
    assertThat(fleets.evictor.lastRun().protectedBy(ProtectionRule.APP)).isEqualTo(50);
    assertThat(fleets.evictor.lastRun().protectedApps()).hasSize(10);
  }

  // ---- kill -9 takes all 1000 of one application; another one loses one of 500

  @Test
  void noisyApplication_registry_protectsTheOthersToo() {
    Fleets fleets = noisyAndQuiet(EvictionRules.STOCK).pass(2, key -> true);

    fleets.pass(10, key -> !key.app().equals("NOISY") && !isQuietFirst(key));

    assertThat(fleets.leaseCount("NOISY")).isEqualTo(1_000);
    assertThat(fleets.leaseCount("QUIET")).isEqualTo(500);
    assertThat(fleets.evictor.selfPreservation().mayEvict()).isFalse();
  }

  @Test
  void noisyApplication_app_protectsOnlyItselfForALimitedTime() {
    Fleets fleets = noisyAndQuiet(Fleets.protecting(ProtectionRule.APP)).pass(2, key -> true);
    Predicate<InstanceKey> living = key -> !key.app().equals("NOISY") && !isQuietFirst(key);

    fleets.pass(10, living);

    assertThat(fleets.leaseCount("NOISY")).isEqualTo(1_000);
    assertThat(fleets.leaseCount("QUIET")).isEqualTo(499);
    assertThat(fleets.evictor.lastRun().protectedApps()).containsExactly("NOISY");

    // The hour of protection, and runs that evict at most 15 % of the rest each.
    fleets.pass(60, living);
    assertThat(fleets.leaseCount("NOISY")).isZero();
    assertThat(fleets.leaseCount("QUIET")).isEqualTo(499);
  }

  @Test
  void noisyApplication_registryAndApp_bothProtect() {
    Fleets fleets = noisyAndQuiet(Fleets.protecting(ProtectionRule.REGISTRY, ProtectionRule.APP))
        .pass(2, key -> true);

    fleets.pass(10, key -> !key.app().equals("NOISY") && !isQuietFirst(key));

    assertThat(fleets.leaseCount("QUIET")).isEqualTo(500);
    LeaseDeadline noisy =
        requireNonNull(fleets.registry.expiry().deadline(new InstanceKey("NOISY", "NOISY-0")));
    assertThat(EvictionForecast.of(fleets.evictor.decision(), noisy).protections())
        .extracting(ProtectionReason::rule)
        .containsExactly(ProtectionRule.REGISTRY, ProtectionRule.APP);
  }

  @Test
  void scaledDownByHalfWithoutCancels_threshold_decreasesWithTheEvictions() {
    Fleets fleets = noisyAndQuiet(Fleets.protecting(ProtectionRule.APP)).pass(2, key -> true);
    long before = fleets.evictor.selfPreservation().threshold();

    fleets.pass(80, key -> !key.app().equals("NOISY"));

    assertThat(before).isEqualTo((long) (2 * 0.85 * (1 + 3_000 + 1_000 + 500)));
    assertThat(fleets.evictor.selfPreservation().threshold())
        .isEqualTo((long) (2 * 0.85 * (1 + 3_000 + 500)));
    assertThat(fleets.evictor.selfPreservation().mayEvict()).isTrue();
  }

  // ---- one of three zones fails: of each application one of its three instances

  @Test
  void zoneFails_app_evictsOneOfThreeEach() {
    Fleets fleets = tenOfThreeZones(Fleets.protecting(ProtectionRule.APP)).pass(2, key -> true);

    fleets.pass(20, key -> Fleets.number(key) % 3 != 0);

    assertThat(fleets.registry.leaseCount()).isEqualTo(20);
  }

  @Test
  void zoneFails_zone_keepsItAndEvictsOthers() {
    Fleets fleets = tenOfThreeZones(Fleets.protecting(ProtectionRule.ZONE))
        .with("LONE", 1, "b")
        .pass(2, key -> true);

    fleets.pass(20, key -> !key.app().equals("LONE") && Fleets.number(key) % 3 != 0);

    assertThat(fleets.evictor.lastRun().protectedZones()).containsExactly("a");
    assertThat(fleets.registry.leaseCount()).isEqualTo(30);
    assertThat(fleets.leaseCount("LONE")).isZero();
  }

  // ---- all stop renewing at once

  @Test
  void massSilentDeath_registry_keepsEverything() {
    Fleets fleets = tenOfTen(EvictionRules.STOCK).with("LONE", 1).pass(2, key -> true);

    fleets.pass(120, key -> false);

    assertThat(fleets.registry.leaseCount()).isEqualTo(101);
    assertThat(fleets.evictor.selfPreservation().renewalsMissing()).hasValue(174);
  }

  @Test
  void massSilentDeath_app_keepsAllButSingleInstancesForAnHour() {
    Fleets fleets =
        tenOfTen(Fleets.protecting(ProtectionRule.APP)).with("LONE", 1).pass(2, key -> true);

    fleets.pass(60, key -> false);
    assertThat(fleets.registry.leaseCount()).isEqualTo(100);

    fleets.pass(60, key -> false);
    assertThat(fleets.registry.leaseCount()).isZero();
  }

  @Test
  void massSilentDeath_selfPreservationOff_evictsAShareInEachRun() {
    EvictionRules off = new EvictionRules(
        false, 0.85, 30, RenewalThresholdMode.NETFLIX, EvictionRules.STOCK.protections(), 0);
    Fleets fleets = tenOfTen(off).pass(2, key -> true);

    fleets.pass(3, key -> false);
    assertThat(fleets.registry.leaseCount()).isEqualTo(100);

    fleets.pass(1, key -> false);
    assertThat(fleets.registry.leaseCount()).isEqualTo(85);
    assertThat(fleets.evictor.lastRun().protectedBy(ProtectionRule.CAP)).isEqualTo(85);
  }

  // ---- the first minute

  @Test
  void firstMinute_registry_evictsNothing() {
    Fleets fleets = new Fleets(EvictionRules.STOCK).with("A", 12);
    fleets.clock.advanceMs(90_001);

    fleets.evictor.run();

    assertThat(fleets.evictor.lastRun().protectedBy(ProtectionRule.REGISTRY)).isEqualTo(12);
    assertThat(fleets.registry.leaseCount()).isEqualTo(12);
  }

  private static boolean isQuietFirst(InstanceKey key) {
    return key.id().equals("QUIET-0");
  }

  private static Fleets tenOfTen(EvictionRules rules) {
    Fleets fleets = new Fleets(rules);
    for (int app = 0; app < 10; app++) {
      fleets.with("A" + app, 10);
    }
    return fleets;
  }

  private static Fleets tenOfThreeZones(EvictionRules rules) {
    Fleets fleets = new Fleets(rules);
    for (int app = 0; app < 10; app++) {
      fleets.with("A" + app, 3, "a", "b", "c");
    }
    return fleets;
  }

  private static Fleets noisyAndQuiet(EvictionRules rules) {
    return new Fleets(rules).with("CROWD", 3_000).with("NOISY", 1_000).with("QUIET", 500);
  }
}
