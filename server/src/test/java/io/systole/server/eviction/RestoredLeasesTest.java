// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Instances;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.RecentEventLog;
import io.systole.server.registry.RecentEventLog.EvictionCause;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests the protection rules on restored leases. */
class RestoredLeasesTest {
  /**
   * Regression: restored leases counted as expected clients, so that the registry's rule protected
   * instances forever that had been replaced during the downtime.
   */
  @Test
  void restored_fleetWasReplaced_oldOnesAreEvictedAfterOneDuration() {
    Fleets fleets = new Fleets(EvictionRules.STOCK);
    restore(fleets, 100);
    fleets.with("NEW", 100);

    fleets.pass(1, key -> true);
    assertThat(fleets.leaseCount("OLD")).isEqualTo(100);
    fleets.pass(1, key -> true);

    assertThat(fleets.leaseCount("OLD")).isZero();
    assertThat(fleets.leaseCount("NEW")).isEqualTo(100);
    assertThat(fleets.evictor.lastRun().unrenewed()).isEqualTo(100);
    assertThat(fleets.registry.recentEvents().evicted().latest())
        .hasSize(100)
        .extracting(RecentEventLog.Eviction::cause)
        .containsOnly(EvictionCause.UNRENEWED);
  }

  @Test
  void restored_unrenewed_isNotExpected() {
    Fleets fleets = new Fleets(EvictionRules.STOCK);
    restore(fleets, 100);

    fleets.evictor.recount();

    assertThat(fleets.registry.expectedLeaseCount()).isZero();
    assertThat(fleets.evictor.selfPreservation().clientsExpected()).isEqualTo(1);
    assertThat(fleets.registry.leaseCounts().renewalsPerMinute()).isZero();
  }

  @Test
  void restored_renewedInTime_areOrdinaryLeasesThatRulesProtect() {
    Fleets fleets = new Fleets(EvictionRules.STOCK);
    restore(fleets, 100);
    fleets.adopt("OLD", 100).pass(3, key -> true);

    fleets.pass(10, key -> Fleets.number(key) % 2 == 0);

    assertThat(fleets.leaseCount("OLD")).isEqualTo(100);
    assertThat(fleets.evictor.selfPreservation().clientsExpected()).isEqualTo(101);
    assertThat(fleets.evictor.lastRun().protectedBy(ProtectionRule.REGISTRY)).isEqualTo(50);
  }

  /** Unrenewed leases neither protect others nor count for the cap. */
  @Test
  void restored_unrenewedOfAnApplication_doNotProtectOthersOfIt() {
    Fleets fleets = new Fleets(Fleets.protecting(ProtectionRule.APP));
    restore(fleets, 100);
    fleets.with("OLD2", 1).with("NEW", 20);

    fleets.pass(6, key -> key.app().equals("NEW"));

    assertThat(fleets.leaseCount("OLD")).isZero();
    assertThat(fleets.leaseCount("OLD2")).isZero();
    assertThat(fleets.leaseCount("NEW")).isEqualTo(20);
  }

  @Test
  void restored_nodeStalledAfterItsStart_hasOneDurationFromTheEndOfTheStall() {
    Fleets fleets = new Fleets(EvictionRules.STOCK);
    restore(fleets, 10);
    fleets.evictor.detectStalls();
    fleets.clock.advanceMs(80_000);
    fleets.evictor.detectStalls();
    fleets.evictor.run();

    fleets.clock.advanceMs(60_000);
    fleets.evictor.detectStalls();
    fleets.evictor.run();
    assertThat(fleets.leaseCount("OLD")).isEqualTo(10);
  }

  @Test
  void restored_extendedByAnOperator_isAnOrdinaryLease() {
    Fleets fleets = new Fleets(EvictionRules.STOCK);
    restore(fleets, 1);
    fleets.clock.advanceMs(1_000);
    fleets.registry.expiry().extend(new InstanceKey("OLD", "OLD-0"));

    fleets.pass(5, key -> true);

    assertThat(fleets.leaseCount("OLD")).isEqualTo(1);
  }

  private static void restore(Fleets fleets, int count) {
    fleets.registry.restore(IntStream.range(0, count)
        .mapToObj(i -> new PersistedLease(document(fleets, "OLD-" + i), null))
        .toList());
    fleets.clock.advanceMs(1);
  }

  private static InstanceInfo document(Fleets fleets, String id) {
    long atMs = fleets.clock.wallMs() - 100_000;
    return Instances.up("OLD", id, 90).toBuilder()
        .actionType(ActionType.ADDED)
        .leaseInfo(new LeaseInfo(30, 90, atMs, atMs, 0, atMs))
        .build();
  }
}
