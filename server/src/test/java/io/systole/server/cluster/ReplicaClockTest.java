// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.MessageKind;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members whose wall clocks differ, or whose records are stamped with impossible times. */
class ReplicaClockTest extends MemberHistory {
  /** Ids of the same bucket, so that a change of one makes the digests of all young. */
  private static List<String> idsOfOneBucket(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; ids.size() < count; i++) {
      if (KeyHash.bucket(KeyHash.of(TestMember.key("i" + i))) == 0) {
        ids.add("i" + i);
      }
    }
    return ids;
  }

  @Test
  void lostRecord_inABucketThatChangesAllTheTime_isRepaired() {
    TestMember a = start(1);
    TestMember b = start(2);
    List<String> ids = idsOfOneBucket(2);
    network.isLost = kind -> kind == MessageKind.RECORDS.code();
    a.register(ids.get(0));
    settle();
    network.isLost = kind -> false;
    assertThat(b.has(ids.get(0))).isFalse();

    for (int i = 0; i < 90; i++) {
      a.register(ids.get(1));
      a.renew(ids.get(0));
      pass(1_000);
    }

    assertThat(b.has(ids.get(0))).isTrue();
  }

  @Test
  void lostRecord_afterAMemberWhoseClockIsAhead_isRepaired() {
    TestMember a = start(1);
    TestMember b = start(2);
    ManualClock ahead = new ManualClock();
    ahead.advanceMs(3_600_000);
    TestMember c = start(new TestMember(network, 3, ahead));
    c.register("ahead");
    settle();
    network.isLost = kind -> kind == MessageKind.RECORDS.code();
    a.register("lost");
    settle();
    network.isLost = kind -> false;

    for (int i = 0; i < 9; i++) {
      a.renew("lost");
      pass(10_000);
    }

    assertThat(b.has("lost")).isTrue();
  }

  @Test
  void record_stampedAtTheEndOfTime_doesNotStopReplication() {
    TestMember a = start(1);
    TestMember b = start(2);
    InstanceInfo document = TestMember.instance("poison");
    ClusterRecord poison = new RegistrationRecord(
        document,
        new RecordStamp(document.lastDirtyMs(), HybridClock.STAMP_MAX - 1, 9),
        new LeaseId(9, 0),
        null,
        RegistrationRecord.NO_AGE,
        false);
    a.replica.receiver().merge(List.of(poison));
    b.replica.receiver().merge(List.of(poison));

    a.register("later");
    settle();
    assertThat(b.has("later")).isTrue();
    b.registry.cancel(TestMember.key("later"), Origin.CLIENT);
    settle();
    assertThat(a.has("later")).isFalse();
  }

  @Test
  void join_aLeaseWithAnImpossibleStamp_isComplete() {
    TestMember a = start(1);
    a.register("impossible");
    a.register("usual");
    a.replica
        .state()
        .leases
        .own(
            a.slot("impossible"),
            KeyHash.of(TestMember.key("impossible")),
            0,
            HybridClock.STAMP_MAX,
            clock.monotonicNs());

    TestMember b = start(2);

    assertThat(b.replica.isComplete()).isTrue();
    assertThat(b.has("usual")).isTrue();
    assertThat(b.replica.counters().recordsRefused()).isPositive();
  }

  @Test
  void restore_aTimeThatNoClockShows_doesNotStopReplication() {
    InstanceInfo broken =
        TestMember.instance("broken").toBuilder().lastUpdatedMs(1L << 47).build();
    TestMember a = start(new TestMember(
        network, 1, clock, TestMember.SETTINGS, 10_000, List.of(new PersistedLease(broken, null))));
    TestMember b = start(2);

    a.register("later");
    settle();

    assertThat(b.has("broken")).isTrue();
    assertThat(b.has("later")).isTrue();
  }
}
