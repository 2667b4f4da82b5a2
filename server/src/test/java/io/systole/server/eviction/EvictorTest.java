// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewalRate;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EvictorTest {
  private static final long INTERVAL_MS = 60_000;
  private static final EvictionRules WITHOUT_SELF_PRESERVATION = new EvictionRules(
      false, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(ProtectionRule.REGISTRY), 0);

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 1_000), clock);
  private final Evictor evictor = new Evictor(
      registry,
      new RenewalRate(registry.renewal()::count),
      clock,
      new EvictionSettings(INTERVAL_MS, 900_000, 10, WITHOUT_SELF_PRESERVATION));

  @Test
  void run_onTime_evictsExpiredLeases() {
    registry.register(Instances.up("A", "short", 30), Origin.CLIENT);
    registry.register(Instances.up("A", "long", 90), Origin.CLIENT);
    clock.advanceMs(INTERVAL_MS);

    evictor.run();

    assertThat(registry.leaseCount()).isEqualTo(1);
  }

  @Test
  void run_afterAPauseOfTheProcess_protectsLeasesForOneDuration() {
    clock.advanceMs(INTERVAL_MS);
    evictor.run();
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    clock.advanceMs(10 * INTERVAL_MS);

    evictor.run();
    assertThat(registry.leaseCount()).isEqualTo(1);

    clock.advanceMs(INTERVAL_MS);
    evictor.run();
    assertThat(registry.leaseCount()).isEqualTo(1);
    assertThat(evictor.lastRun().protectedBy(ProtectionRule.STALL)).isEqualTo(1);

    clock.advanceMs(INTERVAL_MS);
    evictor.run();
    assertThat(registry.leaseCount()).isZero();
  }

  @Test
  void run_otherMemberIsResponsible_leavesTheLease() {
    registry.register(Instances.up("A", "i", 30), Origin.CLIENT);
    int slot = registry.replicated().find(new InstanceKey("A", "i"));
    evictor.evictIf(deadline -> deadline.slot() != slot);
    clock.advanceMs(INTERVAL_MS);

    evictor.run();
    assertThat(registry.leaseCount()).isEqualTo(1);
    assertThat(evictor.lastRun().evicted()).isZero();
    assertThat(evictor.lastRun().leftToOthers()).isEqualTo(1);

    evictor.evictIf(deadline -> deadline.slot() == slot);
    evictor.run();
    assertThat(registry.leaseCount()).isZero();
    assertThat(evictor.lastRun().leftToOthers()).isZero();
  }

  @Test
  void run_unrenewedLeaseOfAnotherMember_leavesIt() {
    registry.restore(List.of(
        new PersistedLease(Instances.up("A", "own", 30), null),
        new PersistedLease(Instances.up("A", "others", 30), null)));
    evictor.evictIf(deadline -> deadline.key().id().equals("own"));
    clock.advanceMs(INTERVAL_MS);

    evictor.run();

    assertThat(registry.find(new InstanceKey("A", "own"))).isNull();
    assertThat(registry.leaseCount()).isEqualTo(1);
    assertThat(evictor.lastRun().unrenewed()).isEqualTo(1);
    assertThat(evictor.lastRun().leftToOthers()).isEqualTo(1);
  }

  @Test
  void run_expiredForLessThanTheSlack_leavesTheLease() {
    evictor.evictAfter(() -> TimeUnit.SECONDS.toNanos(3));
    evictor.run();
    registry.register(Instances.up("A", "i", 57), Origin.CLIENT);
    clock.advanceMs(INTERVAL_MS);

    evictor.run();
    assertThat(registry.leaseCount()).isEqualTo(1);
    assertThat(evictor.lastRun().expired()).isZero();

    clock.advanceNs(1);
    evictor.run();
    assertThat(registry.leaseCount()).isZero();
  }
}
