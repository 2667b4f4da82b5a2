// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.MessageEncoder;
import io.systole.server.cluster.message.RecordsBuilder;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Members that join, leave and end. */
class ReplicaJoinTest extends MemberHistory {
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
  void kill_lastChangeReachedOneMember_reachesTheOthersBeforeThePeriodicDigest() {
    TestMember a = start(1);
    TestMember b = start(2);
    TestMember c = start(3);
    pass(1_000);
    network.isLost = kind -> true;
    a.register("i1");
    settle();
    byte[] last = ReplicaTest.recordOf(a, "i1");
    network.isLost = kind -> false;
    b.replica.onMessage(a.group.self(), last, 0, last.length);
    assertThat(c.has("i1")).isFalse();

    kill(a);
    pass(4_000);

    assertThat(c.has("i1")).isTrue();
    assertEqualLeases();
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
    assertThat(b.replica.receiver().crashedMembers.isPending()).isFalse();
  }

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
  void join_withTheJournalOfAnEqualRegistry_leavesLeasesToTheirOwner() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    List<PersistedLease> journal = b.journal();
    kill(b);
    pass(10_000);
    assertThat(a.renew("i1")).isEqualTo(RenewOutcome.RENEWED);

    TestMember restarted =
        start(new TestMember(network, 4, clock, TestMember.SETTINGS, 10_000, journal));
    settle();

    assertThat(restarted.replica.isResponsible(restarted.slot("i1"))).isFalse();
    assertThat(a.replica.isResponsible(a.slot("i1"))).isTrue();
    assertThat(restarted.replica.counters().recordsPushed()).isZero();
    assertThat(restarted.registry.expiry().expiredAt(Long.MAX_VALUE / 2))
        .noneMatch(LeaseDeadline::isUnrenewed);
    assertEqualLeases();
  }

  @Test
  void join_registryIsTooSmall_logsOnceThatLeasesAreRefused() {
    TestMember a = start(1);
    a.register("i1");
    a.register("i2");
    settle();
    Logger logger = (Logger) LoggerFactory.getLogger(InitialLoad.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      TestMember small =
          start(new TestMember(network, 2, clock, TestMember.SETTINGS, 1, List.of()));
      pass(5_000);

      assertThat(small.replica.isComplete()).isFalse();
      assertThat(List.copyOf(log.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .filteredOn(line -> line.startsWith("leases of the cluster are refused"))
          .singleElement()
          .asString()
          .contains("--max-instances");
    } finally {
      logger.detachAppender(log);
    }
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
  void join_donorAnnouncesItsDeparture_loadsFromAnotherAtOnce() {
    TestMember a = start(1);
    TestMember b = start(2);
    for (int i = 0; i < 3_000; i++) {
      a.register("i" + i);
    }
    settle();
    network.isLost = kind -> kind == 6;
    TestMember c = start(3);
    assertThat(a.replica.isOnlyDonor()).isFalse();
    network.isLost = kind -> false;

    byte[] drain = MessageEncoder.encodeDrain(2);
    b.replica.onMessage(a.group.self(), drain, 0, drain.length);
    c.replica.onMessage(a.group.self(), drain, 0, drain.length);
    settle();

    assertThat(c.replica.isComplete()).isTrue();
    assertThat(c.leases()).hasSize(3_000);
  }

  @Test
  void join_lastPartOfABucketIsLost_requestsItAgain() {
    TestMember a = start(1);
    String id = IntStream.range(0, 100_000)
        .mapToObj(i -> "i" + i)
        .filter(each -> KeyHash.bucket(KeyHash.of(TestMember.key(each))) == 0)
        .findFirst()
        .orElseThrow();
    a.register(id);
    settle();
    network.isLost = kind -> kind == 4 || kind == 6;
    TestMember b = start(2);

    byte[] part = new RecordsBuilder().buildPush(2, 1, 0, false);
    b.replica.onMessage(a.group.self(), part, 0, part.length);
    network.isLost = kind -> kind == 4;
    pass(10_000);

    assertThat(b.replica.isComplete()).isTrue();
    assertThat(b.has(id)).isTrue();
  }

  @Test
  void isOnlyDonor_whileTheOnlyOtherMemberLoads_isTrue() {
    TestMember a = start(1);
    a.register("i1");
    assertThat(a.replica.isOnlyDonor()).isFalse();
    network.isLost = kind -> kind == 6;
    TestMember b = start(2);

    assertThat(a.replica.isOnlyDonor()).isTrue();
    assertThat(b.replica.isOnlyDonor()).isFalse();
    network.isLost = kind -> false;
    pass(10_000);
    assertThat(b.replica.isComplete()).isTrue();
    assertThat(a.replica.isOnlyDonor()).isFalse();
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
}
