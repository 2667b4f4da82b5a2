// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.OverrideRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.LeaseName;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.OverrideStamp;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RecordsBuilder;
import io.systole.server.cluster.message.RemovalCause;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The histories of a cluster that need no network. */
class ReplicaTest {
  private final ManualClock clock = new ManualClock();
  private final MemoryGroup.Network network = new MemoryGroup.Network();
  private final List<TestMember> members = new ArrayList<>();

  private TestMember start(long epoch) {
    return start(new TestMember(network, epoch, clock));
  }

  private TestMember start(TestMember member) {
    members.add(member);
    member.join();
    settle();
    return member;
  }

  private void kill(TestMember member) {
    members.remove(member);
    network.kill(member.group);
  }

  /** Ticks and delivers until nothing is under way. */
  private void settle() {
    do {
      clock.advanceMs(5);
      members.forEach(TestMember::tick);
    } while (network.deliver());
  }

  private void pass(long ms) {
    for (long passed = 0; passed < ms; passed += 500) {
      clock.advanceMs(500);
      settle();
    }
  }

  /** Passes time during which an instance beats every 10 s at a member. */
  private void passBeating(TestMember member, String id, long ms) {
    for (long passed = 0; passed < ms; passed += 10_000) {
      assertThat(member.renew(id)).isEqualTo(RenewOutcome.RENEWED);
      pass(10_000);
      members.forEach(TestMember::evict);
      settle();
    }
  }

  private void assertEqualLeases() {
    Map<String, String> expected = members.get(0).leases();
    for (TestMember member : members) {
      assertThat(member.leases()).isEqualTo(expected);
      assertThat(member.replica.exchange().requests.outstandingCount()).isZero();
    }
  }

  // ---------------------------------------------------------------- changes

  @Test
  void register_atOneMember_existsAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);

    a.register("i1");
    settle();

    assertThat(b.has("i1")).isTrue();
    assertThat(b.replica.isResponsible(b.slot("i1"))).isFalse();
    assertThat(a.replica.isResponsible(a.slot("i1"))).isTrue();
    assertEqualLeases();
  }

  @Test
  void register_atAnotherMember_changesTheOwner() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();

    b.register("i1");
    settle();

    assertThat(a.replica.isResponsible(a.slot("i1"))).isFalse();
    assertThat(b.replica.isResponsible(b.slot("i1"))).isTrue();
    assertThat(a.replica.status().leasesOwned()).isZero();
    assertEqualLeases();
  }

  @Test
  void cancel_thenLateRegistration_staysCancelled() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    network.isLost = kind -> true;
    a.register("i1");
    settle();
    byte[] late = recordOf(a, "i1");
    network.isLost = kind -> false;
    a.register("i1");
    settle();

    b.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    settle();
    c.replica.onMessage(a.group.self(), late, 0, late.length);
    settle();

    assertThat(members).noneMatch(each -> each.has("i1"));
  }

  private static byte[] recordOf(TestMember member, String id) {
    RecordsBuilder builder = new RecordsBuilder();
    builder.add(new RecordSource(member.replica.state()).recordOf(member.slot(id)));
    return builder.buildRecords(2);
  }

  @Test
  void override_setAtOneMemberAndLiftedAtAnother_appliesAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();

    a.registry
        .statusOverrides()
        .set(
            TestMember.key("i1"),
            InstanceStatus.OUT_OF_SERVICE,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    settle();
    assertThat(b.registry.find(TestMember.key("i1")).status())
        .isEqualTo(InstanceStatus.OUT_OF_SERVICE);
    assertEqualLeases();

    b.registry
        .statusOverrides()
        .remove(TestMember.key("i1"), InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
    settle();
    assertThat(a.registry.find(TestMember.key("i1")).status()).isEqualTo(InstanceStatus.UP);
    assertEqualLeases();
  }

  @Test
  void override_againstTheStatusOfTheInstance_isTheSameAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register(TestMember.instance("i1").toBuilder().status(InstanceStatus.DOWN).build());
    settle();

    a.registry
        .statusOverrides()
        .set(TestMember.key("i1"), InstanceStatus.UP, Registry.NO_TIMESTAMP, Origin.CLIENT);
    settle();

    assertThat(b.registry.find(TestMember.key("i1")).status()).isEqualTo(InstanceStatus.UP);
    assertEqualLeases();
  }

  @Test
  void overrides_inAnyOrder_yieldTheSameStatus() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    InstanceInfo starting = TestMember.instance("i1").toBuilder()
        .status(InstanceStatus.STARTING)
        .overriddenStatus(InstanceStatus.STARTING)
        .build();
    OverrideRegister lifted = new OverrideRegister(null, new OverrideStamp(100, 9));
    OverrideRegister up = new OverrideRegister(InstanceStatus.UP, new OverrideStamp(101, 9));
    RegistrationRecord registration = new RegistrationRecord(
        starting, new RecordStamp(5, 50, 9), new LeaseName(9, 0), null, 0, false);
    ClusterRecord first = new OverrideRecord(starting.key(), lifted, false);
    ClusterRecord second = new OverrideRecord(starting.key(), up, false);

    a.replica.exchange().merge(List.of(registration, first, second));
    b.replica.exchange().merge(List.of(registration, second, first));
    c.replica
        .exchange()
        .merge(List.of(new RegistrationRecord(
            starting, new RecordStamp(5, 50, 9), new LeaseName(9, 0), up, 0, false)));

    assertEqualLeases();
  }

  @Test
  void overrideThenMetadata_setOnTwoSides_bothApplyAfterTheMerge() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    network.split(List.of(a.group), List.of(b.group));

    a.registry
        .statusOverrides()
        .set(
            TestMember.key("i1"),
            InstanceStatus.OUT_OF_SERVICE,
            Registry.NO_TIMESTAMP,
            Origin.CLIENT);
    clock.advanceMs(100);
    b.registry.addMetadata(TestMember.key("i1"), Map.of("zone", "z1"));
    settle();
    network.heal();
    pass(5_000);

    InstanceInfo merged = a.registry.find(TestMember.key("i1"));
    assertThat(merged.metadata()).containsEntry("zone", "z1");
    assertThat(merged.status()).isEqualTo(InstanceStatus.OUT_OF_SERVICE);
    assertEqualLeases();
  }

  // ---------------------------------------------------------------- splits

  @Test
  void merge_cancelledOnOneSideAfterChangeOnTheOther_isCancelledEverywhere() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    network.split(List.of(a.group), List.of(b.group));

    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    a.registry.cancel(TestMember.key("i1"), Origin.CLIENT);
    settle();
    network.heal();
    pass(5_000);

    assertThat(members).noneMatch(each -> each.has("i1"));
    assertEqualLeases();
  }

  @Test
  void merge_registeredOnBothSidesWithEqualDirtyTimestamps_oneWinsEverywhere() {
    TestMember a = start(1);
    TestMember b = start(2);
    network.split(List.of(a.group), List.of(b.group));

    a.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("side", "a")).build());
    b.register(
        TestMember.instance("i1").toBuilder().metadata(Map.of("side", "b")).build());
    settle();
    network.heal();
    pass(5_000);

    assertThat(a.registry.find(TestMember.key("i1")).metadata()).containsEntry("side", "b");
    assertEqualLeases();
  }

  @Test
  void merge_manyChangesOnBothSides_areEqualWithoutAPeriodicDigest() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    for (int i = 0; i < 3_000; i++) {
      a.register("i" + i);
    }
    settle();
    network.split(List.of(a.group), List.of(b.group, c.group));
    for (int i = 0; i < 500; i++) {
      a.registry.cancel(TestMember.key("i" + i), Origin.CLIENT);
      b.register("j" + i);
      c.register("i" + (2_000 + i));
    }
    settle();

    network.heal();
    pass(10_000);

    assertEqualLeases();
    assertThat(a.leases()).hasSize(3_000);
    assertThat(a.has("i0")).isFalse();
  }

  @Test
  void evictionByAFrozenOwner_ofLeasesRenewedElsewhere_isUndone() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    a.register("i1");
    settle();
    network.split(List.of(b.group, c.group));
    for (int i = 0; i < 8; i++) {
      clock.advanceMs(10_000);
      b.renew("i1");
      b.tick();
      c.tick();
      network.deliver();
    }
    assertThat(a.evict()).isEqualTo(1);
    settle();

    network.heal();
    pass(5_000);

    assertThat(members).allMatch(each -> each.has("i1"));
    assertEqualLeases();
  }

  // ---------------------------------------------------------------- renewals

  @Test
  void beat_ofALeaseOfAnotherOwner_renewsAtAll() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();

    passBeating(b, "i1", 120_000);

    assertThat(a.has("i1")).isTrue();
    assertThat(a.replica.counters().renewalsReceived()).isGreaterThanOrEqualTo(12);
    assertThat(a.registry.renewal().replicatedCount()).isGreaterThanOrEqualTo(12);
  }

  @Test
  void beat_renewedByClients_isPassedToTheGateway() {
    TestMember a = start(1);
    TestMember b = start(2);
    BitSet renewed = new BitSet();
    a.replica.onRenewedByMembers(words -> renewed.or(BitSet.valueOf(words)));
    a.register("i1");
    a.register("i2");
    settle();

    b.renew("i2");
    BitSet byPeers = new BitSet();
    byPeers.set(b.slot("i1"));
    b.replica.addRenewed(byPeers.toLongArray(), true);
    pass(1_000);

    assertThat(renewed.stream()).containsExactly(a.slot("i2"));
    assertThat(a.replica.counters().renewalsReceived()).isEqualTo(2);
  }

  @Test
  void eviction_justAfterARenewalAtAnotherMember_isUndoneEverywhere() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    a.register("i1");
    settle();
    passBeating(b, "i1", 10_000);
    pass(49_000);
    network.isLost = kind -> kind == 3;
    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    pass(5_000);
    network.isLost = kind -> false;

    assertThat(a.evictAt(clock.monotonicNs())).isEqualTo(1);
    settle();

    assertThat(members).allMatch(each -> each.has("i1"));
    assertThat(b.replica.counters().reassertions()).isEqualTo(1);
    assertThat(b.replica.isResponsible(b.slot("i1"))).isTrue();
    assertThat(c.replica.counters().reassertions()).isZero();
    assertEqualLeases();
  }

  @Test
  void eviction_ofAMergedLeaseRenewedInTheCurrentWindow_isUndone() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    clock.advanceMs(33_500);
    network.isLost = kind -> kind == 3;
    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);

    assertThat(a.evictAt(clock.monotonicNs())).isEqualTo(1);
    a.tick();
    network.deliver();

    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    settle();
    assertThat(a.has("i1")).isTrue();
  }

  @Test
  void eviction_ofALeaseRenewedBeforeItsRecordChanged_isUndone() {
    TestMember a = start(1);
    start(2);
    a.register("i1");
    pass(5_000);
    RecordStamp stamp = a.replica.state().leases.stamp(a.slot("i1"));
    RecordStamp changed = new RecordStamp(stamp.rank(), stamp.hlc() + 100, 2);
    RecordStamp evicted = new RecordStamp(stamp.rank(), stamp.hlc() + 200, 2);

    a.replica
        .exchange()
        .merge(List.of(new RegistrationRecord(
            TestMember.instance("i1"), changed, new LeaseName(2, 7), null, 0, false)));
    pass(5_000);
    a.replica
        .exchange()
        .merge(List.of(
            new RemovalRecord(TestMember.key("i1"), evicted, RemovalCause.EVICTION, false)));

    assertThat(a.has("i1")).isTrue();
    assertThat(a.replica.counters().reassertions()).isEqualTo(1);
  }

  @Test
  void deadLease_afterPushes_isNotAssertedForEver() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    pass(20_000);
    TestMember c = start(3);

    for (int i = 0; i < 30; i++) {
      pass(5_000);
      members.forEach(TestMember::evict);
      settle();
    }

    assertThat(members).noneMatch(each -> each.slot("i1") >= 0);
    assertThat(b.replica.counters().reassertions()).isZero();
    assertThat(c.replica.counters().reassertions()).isZero();
  }

  // ---------------------------------------------------------------- departures

  @Test
  void kill_insideAWindow_losesNoLease() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    a.register("i1");
    passBeating(a, "i1", 30_000);
    pass(29_000);
    assertThat(a.renew("i1")).isEqualTo(RenewOutcome.RENEWED);

    kill(a);
    pass(25_000);
    members.forEach(TestMember::evict);
    settle();

    assertThat(members).allMatch(each -> each.has("i1"));
    assertThat(b.replica.isResponsible(b.slot("i1")))
        .isNotEqualTo(c.replica.isResponsible(c.slot("i1")));
  }

  @Test
  void kill_ofTheOwner_leavesDeadLeasesToAnother() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    for (int i = 0; i < 20; i++) {
      a.register("i" + i);
    }
    settle();

    kill(a);
    pass(75_000);
    int evicted = b.evict() + c.evict();
    settle();

    assertThat(evicted).isEqualTo(20);
    assertThat(b.leases()).isEmpty();
    assertThat(b.replica.state().leases.owners.find(1)).isEqualTo(OwnerTable.NONE);
    assertEqualLeases();
  }

  @Test
  void leave_inOrder_handsEverythingOver() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    passBeating(a, "i1", 10_000);
    pass(49_000);
    a.register("i2");
    assertThat(a.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    long[] words = {1L << a.slot("i1")};
    a.replica.addRenewed(words, false);

    members.remove(a);
    a.replica.leave();
    pass(25_000);
    b.evict();

    assertThat(b.has("i1")).isTrue();
    assertThat(b.has("i2")).isTrue();
    assertThat(b.replica.isResponsible(b.slot("i1"))).isTrue();
    assertThat(b.replica.exchange().departures.isPending()).isFalse();
  }

  // ---------------------------------------------------------------- joins

  @Test
  void join_receivesAllLeasesAndRemovals() {
    TestMember a = start(1);
    for (int i = 0; i < 5_000; i++) {
      a.register("i" + i);
    }
    a.registry.cancel(TestMember.key("i7"), Origin.CLIENT);
    settle();

    TestMember b = start(2);

    assertThat(b.replica.isComplete()).isTrue();
    assertThat(b.replica.completion()).isCompleted();
    assertThat(b.replica.status().tombstones()).isEqualTo(1);
    assertThat(b.leases()).hasSize(4_999);
    assertEqualLeases();
  }

  @Test
  void join_withAnOldJournal_neitherRevivesNorRenews() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("cancelled");
    a.register("kept");
    settle();
    List<PersistedLease> journal = new ArrayList<>(b.journal());
    journal.add(new PersistedLease(
        Instances.up("APP", "ghost", TestMember.DURATION_SECS).toBuilder()
            .lastUpdatedMs(ManualClock.START_WALL_MS - 600_000)
            .build(),
        null));
    kill(b);
    a.registry.cancel(TestMember.key("cancelled"), Origin.CLIENT);
    passBeating(a, "kept", 20_000);

    TestMember restarted =
        start(new TestMember(network, 4, clock, TestMember.SETTINGS, 10_000, journal));
    settle();

    assertThat(members).noneMatch(each -> each.slot("cancelled") >= 0);
    assertThat(a.slot("ghost")).isNotNegative();
    assertEqualLeases();
    passBeating(a, "kept", 100_000);
    assertThat(members).noneMatch(each -> each.slot("ghost") >= 0);
    assertThat(restarted.has("kept")).isTrue();
    assertThat(restarted.replica.counters().reassertions()).isZero();
  }

  @Test
  void join_donorIsKilled_loadsFromAnother() {
    TestMember a = start(1);
    TestMember b = start(2);
    for (int i = 0; i < 3_000; i++) {
      a.register("i" + i);
    }
    settle();
    network.isLost = kind -> kind == 5;
    TestMember c = start(3);
    assertThat(c.replica.isComplete()).isFalse();

    kill(a);
    network.isLost = kind -> false;
    settle();

    assertThat(c.replica.isComplete()).isTrue();
    assertThat(c.leases()).hasSize(3_000);
    assertThat(b.replica.counters().recordsPushed()).isEqualTo(3_000);
  }

  @Test
  void join_donorIsSilent_isTriedAgain() {
    TestMember a = start(1);
    a.register("i1");
    network.isLost = kind -> kind == 6;
    TestMember b = start(2);
    pass(4_000);
    assertThat(b.replica.isComplete()).isFalse();

    network.isLost = kind -> false;
    pass(10_000);

    assertThat(b.replica.isComplete()).isTrue();
    assertThat(b.has("i1")).isTrue();
  }

  @Test
  void join_registryIsFull_waitsForSpace() {
    TestMember a = start(1);
    for (int i = 0; i < 10; i++) {
      a.register("i" + i);
    }
    settle();
    TestMember b = start(new TestMember(network, 2, clock, TestMember.SETTINGS, 5, List.of()));
    pass(5_000);
    assertThat(b.replica.isComplete()).isFalse();
    assertThat(b.replica.counters().recordsRefused()).isPositive();

    for (int i = 0; i < 8; i++) {
      a.registry.cancel(TestMember.key("i" + i), Origin.CLIENT);
    }
    pass(5_000);

    assertThat(b.replica.isComplete()).isTrue();
    assertEqualLeases();
  }

  @Test
  void join_twoAtOnceWhileTheCoordinatorLeaves_bothComplete() {
    TestMember a = start(1);
    TestMember b = start(2);
    for (int i = 0; i < 100; i++) {
      a.register("i" + i);
    }
    settle();
    TestMember c = new TestMember(network, 3, clock);
    TestMember d = new TestMember(network, 4, clock);
    members.addAll(List.of(c, d));
    c.join();
    d.join();
    members.forEach(TestMember::tick);
    members.remove(a);
    a.replica.leave();

    pass(2_000);

    assertThat(members).allMatch(each -> each.replica.isComplete());
    assertThat(b.leases()).hasSize(100);
    assertEqualLeases();
  }

  @Test
  void join_ofAnEmptyCluster_onlyTheFirstIsCompleteAtOnce() {
    TestMember a = new TestMember(network, 1, clock);
    TestMember b = new TestMember(network, 2, clock);
    members.addAll(List.of(a, b));
    a.join();
    b.join();

    settle();

    assertThat(members).allMatch(each -> each.replica.isComplete());
    assertThat(b.replica.counters().pullsSent()).isPositive();
    assertThat(a.replica.counters().pullsSent()).isZero();
  }

  @Test
  void restart_ofAllMembersOneByOne_losesNothing() {
    List<TestMember> old = List.of(start(1), start(2), start(3));
    for (int i = 0; i < 100; i++) {
      old.get(i % 3).register("i" + i);
    }
    settle();

    for (int i = 0; i < 3; i++) {
      TestMember leaver = old.get(i);
      List<PersistedLease> journal = leaver.journal();
      members.remove(leaver);
      leaver.replica.leave();
      settle();
      start(new TestMember(network, 10 + i, clock, TestMember.SETTINGS, 10_000, journal));
    }

    assertThat(members.get(0).leases()).hasSize(100);
    assertEqualLeases();
  }

  @Test
  void roundRobinBeats_overThreeMembers_growNoMap() {
    TestMember a = start(1);
    start(2);
    start(3);
    for (int i = 0; i < 1_000; i++) {
      a.register("i" + i);
    }
    settle();
    long before = members.stream()
        .mapToLong(each -> each.replica.counters().beatBytesSent())
        .sum();

    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < 1_000; i++) {
        members.get((round + i) % 3).renew("i" + i);
      }
      pass(500);
    }

    long bytes = members.stream()
            .mapToLong(each -> each.replica.counters().beatBytesSent())
            .sum()
        - before;
    assertThat(bytes).isLessThan(2 * 30_000);
    assertThat(members)
        .allMatch(each -> each.replica
                .state()
                .leases
                .owners
                .leaseCount(each.replica.state().leases.owners.find(1))
            == 1_000);
    assertThat(members).allMatch(each -> each.replica.counters().unknownNumbers() == 0);
  }

  // ---------------------------------------------------------------- versions

  @Test
  void join_ofAMemberWithAnOlderProtocol_lowersTheVersion() {
    TestMember a = start(1);
    ReplicaSettings older = new ReplicaSettings(500, 30_000, 180_000, 1_000, 1);
    TestMember b = start(new TestMember(network, 2, clock, older, 10_000, List.of()));

    assertThat(a.replica.status().protocolVersion()).isEqualTo(1);
    assertThat(b.replica.isComplete()).isTrue();

    members.remove(b);
    b.replica.leave();
    settle();
    assertThat(a.replica.status().protocolVersion()).isEqualTo(2);
  }

  @Test
  void malformedMessage_isCountedAndDropped() {
    TestMember a = start(1);
    TestMember b = start(2);

    b.replica.onMessage(a.group.self(), new byte[] {2, 1, 99}, 0, 3);
    b.replica.onMessage(a.group.self(), new byte[] {77, 1, 99}, 0, 3);

    assertThat(b.replica.counters().malformedMessages()).isEqualTo(1);
    assertThat(b.replica.counters().unknownKinds()).isEqualTo(1);
  }
}
