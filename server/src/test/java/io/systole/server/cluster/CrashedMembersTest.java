// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The crash of one of three members, whose leases are valid for 60 s after a renewal. */
class CrashedMembersTest extends MemberHistory {
  private TestMember member;
  private CrashedMembers crashedMembers;
  private ClusterLeases leases;
  private int slot;

  @BeforeEach
  void startThree() {
    member = start(1);
    start(2);
    start(3);
    member.register("i1");
    settle();
    crashedMembers = member.replica.receiver().crashedMembers;
    leases = member.replica.state().leases;
    slot = member.slot("i1");
  }

  private int index(long epoch) {
    return leases.owners.find(epoch);
  }

  private void crash(long epoch) {
    crashedMembers.add(index(epoch), clock.monotonicNs());
  }

  private void extendAll() {
    while (crashedMembers.extendBatch()) {
      // Until no lease is left.
    }
  }

  private boolean isExpiredIn(long ms) {
    long atNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(ms);
    return member.registry.replicated().isExpired(slot, atNs);
  }

  @Test
  void extendBatch_lastRenewedAtTheCrashed_isExtendedByOneDuration() {
    leases.confirm(slot, index(2));
    pass(50_000);

    crash(2);
    extendAll();

    assertThat(isExpiredIn(29_000)).isFalse();
    assertThat(isExpiredIn(31_000)).isTrue();
  }

  @Test
  void extendBatch_lastRenewedElsewhere_isNotExtended() {
    pass(50_000);

    crash(2);
    extendAll();

    assertThat(isExpiredIn(11_000)).isTrue();
  }

  @Test
  void add_whileLeasesOfAnotherAreVisited_visitsTheFirstOnesAgain() {
    leases.confirm(slot, index(3));
    pass(50_000);
    crash(2);
    assertThat(crashedMembers.extendBatch()).isTrue();

    crash(3);
    extendAll();

    assertThat(isExpiredIn(29_000)).isFalse();
  }

  @Test
  void add_afterAnotherHasBeenHandled_extendsItsLeasesOnly() {
    leases.confirm(slot, index(2));
    crash(2);
    extendAll();
    pass(50_000);

    crash(3);
    extendAll();

    assertThat(isExpiredIn(11_000)).isTrue();
  }

  @Test
  void extendBatch_departedIsBack_staysInTheView() {
    crash(2);

    extendAll();

    assertThat(leases.owners.isInView(index(2))).isTrue();
  }

  /** Its deadline is that of the departure, not of a renewal. */
  @Test
  void eviction_ofALeaseThatOnlyADepartureProlonged_isApplied() {
    leases.confirm(slot, index(2));
    pass(40_000);
    crash(2);
    extendAll();
    pass(5_000);
    RecordStamp own = leases.stamp(slot);

    member
        .replica
        .receiver()
        .merge(List.of(new RemovalRecord(
            TestMember.key("i1"),
            new RecordStamp(own.rank(), own.hlc() + 1, 2),
            RemovalCause.EVICTION,
            false)));

    assertThat(member.slot("i1")).isNegative();
  }
}
