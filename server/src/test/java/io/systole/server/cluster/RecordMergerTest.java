// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.OverrideStamp;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of a member that is not in the view, merged by one that is alone. */
class RecordMergerTest extends MemberHistory {
  private static final long OWNER = 9;
  private static final long HLC = HybridClock.stampOf(ManualClock.START_WALL_MS);

  private TestMember member;

  @BeforeEach
  void startAlone() {
    member = start(1);
  }

  private void merge(ClusterRecord record) {
    member.replica.receiver().merge(List.of(record));
  }

  private ClusterLeases leases() {
    return member.replica.state().leases;
  }

  private long applied() {
    return member.replica.counters().recordsApplied();
  }

  private static RecordStamp stamp(long rank, long hlc) {
    return new RecordStamp(rank, hlc, OWNER);
  }

  private static ClusterRecord registration(
      RecordStamp stamp, @Nullable OverrideRegister override, long ageMs) {
    LeaseId name = new LeaseId(stamp.owner(), 0);
    return new RegistrationRecord(TestMember.instance("i1"), stamp, name, override, ageMs, false);
  }

  private static ClusterRecord removal(RecordStamp stamp, RemovalCause cause) {
    return new RemovalRecord(TestMember.key("i1"), stamp, cause, false);
  }

  @Test
  void registration_again_changesNothing() {
    OverrideRegister override =
        new OverrideRegister(InstanceStatus.DOWN, new OverrideStamp(HLC, OWNER));
    ClusterRecord record = registration(stamp(5, HLC), override, 0);

    merge(record);
    merge(record);

    assertThat(applied()).isEqualTo(1);
    assertThat(member.find("i1").status()).isEqualTo(InstanceStatus.DOWN);
  }

  @Test
  void removal_again_changesNothing() {
    merge(removal(stamp(5, HLC), RemovalCause.CANCEL));
    merge(removal(stamp(5, HLC), RemovalCause.CANCEL));

    assertThat(applied()).isEqualTo(1);
  }

  @Test
  void registration_laterThanARemoval_endsItsTombstone() {
    merge(removal(stamp(5, HLC), RemovalCause.CANCEL));
    assertThat(member.replica.status().tombstones()).isEqualTo(1);

    merge(registration(stamp(5, HLC + 1), null, 0));

    assertThat(member.has("i1")).isTrue();
    assertThat(member.replica.status().tombstones()).isZero();
  }

  @Test
  void removal_olderThanTombstonesLast_isNotRemembered() {
    long oldMs = ManualClock.START_WALL_MS - TestMember.SETTINGS.tombstoneMs() - 1;

    merge(removal(stamp(5, HybridClock.stampOf(oldMs)), RemovalCause.CANCEL));

    assertThat(member.replica.status().tombstones()).isZero();
  }

  @Test
  void registration_ofAClockAhead_isFollowedByLaterChanges() {
    long ahead = HLC + HybridClock.stampOf(60_000);
    merge(registration(stamp(5, ahead), null, 0));

    member.registry.addMetadata(TestMember.key("i1"), Map.of("zone", "z1"));

    assertThat(leases().stamp(member.slot("i1")).hlc()).isGreaterThan(ahead);
  }

  @Test
  void eviction_ofGreaterRank_isUndoneWithAGreaterStamp() {
    merge(registration(stamp(5, HLC), null, 0));
    member.renew("i1");
    pass(1_000);
    RecordStamp evicted = stamp(7, HLC + 1);

    merge(removal(evicted, RemovalCause.EVICTION));

    assertThat(member.has("i1")).isTrue();
    assertThat(leases().stamp(member.slot("i1"))).isGreaterThan(evicted);
  }

  /** Its deadline is that of the record, not of a renewal. */
  @Test
  void eviction_ofALeaseThatOnlyARecordProlonged_isApplied() {
    member.register("i1");
    pass(40_000);
    RecordStamp own = leases().stamp(member.slot("i1"));
    merge(registration(stamp(own.rank(), own.hlc() + 1), null, 40_000));
    pass(5_000);

    merge(removal(stamp(own.rank(), own.hlc() + 2), RemovalCause.EVICTION));

    assertThat(member.slot("i1")).isNegative();
    assertThat(member.replica.counters().reassertions()).isZero();
  }

  @Test
  void eviction_ofALeaseThatOnlyAnOverrideProlonged_isApplied() {
    member.register("i1");
    pass(40_000);
    RecordStamp own = leases().stamp(member.slot("i1"));
    OverrideRegister override =
        new OverrideRegister(InstanceStatus.DOWN, new OverrideStamp(own.hlc() + 1, OWNER));
    merge(registration(own, override, 40_000));
    pass(5_000);

    merge(removal(stamp(own.rank(), own.hlc() + 2), RemovalCause.EVICTION));

    assertThat(member.slot("i1")).isNegative();
    assertThat(member.replica.counters().reassertions()).isZero();
  }

  @Test
  void kill_ofTheOwnerThatHasSentNoRenewal_extendsItsLease() {
    TestMember owner = start(2);
    owner.register("i1");
    settle();
    pass(59_000);
    owner.renew("i1");

    kill(owner);
    pass(20_000);
    member.evict();

    assertThat(member.has("i1")).isTrue();
  }
}
