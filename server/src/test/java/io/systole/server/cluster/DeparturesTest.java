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

/** CrashedMembers from a view with three members, whose leases are valid for 60 s after a renewal. */
class DeparturesTest extends MemberHistory {
  private TestMember member;
  private CrashedMembers departures;
  private ClusterLeases leases;
  private int slot;

  @BeforeEach
  void startThree() {
    member = start(1);
    start(2);
    start(3);
    member.register("i1");
    settle();
    departures = member.replica.receiver().departures;
    leases = member.replica.state().leases;
    slot = member.slot("i1");
  }

  private int index(long epoch) {
    return leases.owners.find(epoch);
  }

  private void depart(long epoch) {
    departures.add(index(epoch), clock.monotonicNs());
  }

  private void visitAll() {
    while (departures.visitSome()) {
      // Until no lease is left.
    }
  }

  private boolean isExpiredIn(long ms) {
    long atNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(ms);
    return member.registry.replicated().isExpired(slot, atNs);
  }

  @Test
  void visitSome_lastRenewedAtTheDeparted_isExtendedByOneDuration() {
    leases.confirm(slot, index(2));
    pass(50_000);

    depart(2);
    visitAll();

    assertThat(isExpiredIn(29_000)).isFalse();
    assertThat(isExpiredIn(31_000)).isTrue();
  }

  @Test
  void visitSome_lastRenewedElsewhere_isNotExtended() {
    pass(50_000);

    depart(2);
    visitAll();

    assertThat(isExpiredIn(11_000)).isTrue();
  }

  @Test
  void add_whileLeasesOfAnotherAreVisited_visitsTheFirstOnesAgain() {
    leases.confirm(slot, index(3));
    pass(50_000);
    depart(2);
    assertThat(departures.visitSome()).isTrue();

    depart(3);
    visitAll();

    assertThat(isExpiredIn(29_000)).isFalse();
  }

  @Test
  void add_afterAnotherHasBeenHandled_extendsItsLeasesOnly() {
    leases.confirm(slot, index(2));
    depart(2);
    visitAll();
    pass(50_000);

    depart(3);
    visitAll();

    assertThat(isExpiredIn(11_000)).isTrue();
  }

  @Test
  void visitSome_departedIsBack_staysInTheView() {
    depart(2);

    visitAll();

    assertThat(leases.owners.isInView(index(2))).isTrue();
  }

  /** Its deadline is that of the departure, not of a renewal. */
  @Test
  void eviction_ofALeaseThatOnlyADepartureProlonged_isApplied() {
    leases.confirm(slot, index(2));
    pass(40_000);
    depart(2);
    visitAll();
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
