// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.RecordStamp;
import io.systole.server.cluster.message.RemovalCause;
import io.systole.server.registry.RenewOutcome;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Renewals and evictions at different members. */
class ReplicaRenewalTest extends MemberHistory {
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
  void counters_beatsAndRecords_receivedBytesAreThoseSent() {
    TestMember a = start(1);
    TestMember b = start(2);
    settle();
    a.register("i1");
    settle();
    assertThat(a.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    pass(1_000);

    ReplicaCounters sent = a.replica.counters();
    ReplicaCounters received = b.replica.counters();
    assertThat(sent.beatBytesSent()).isPositive();
    assertThat(sent.recordBytesSent()).isPositive();
    assertThat(received.beatBytesReceived()).isEqualTo(sent.beatBytesSent());
    assertThat(received.recordBytesReceived()).isEqualTo(sent.recordBytesSent());
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
  void beats_thatAStockPeerSendsToSeveralMembers_countOnceAtEach() {
    TestMember a = start(1);
    TestMember b = start(2);
    start(3);
    a.register("i1");
    pass(10_000);
    long[] before = counts();

    for (int beat = 0; beat < 3; beat++) {
      a.renewByPeer("i1");
      pass(beat * 500L);
      b.renewByPeer("i1");
      pass(8_000);
    }

    assertThat(counts()).containsExactly(before[0] + 3, before[1] + 3, before[2] + 3);
    assertThat(b.registry.renewal().count()).isEqualTo(3);
    assertThat(b.replica.counters().renewalsReceived()).isEqualTo(3);
  }

  @Test
  void beats_ofAClientToSeveralMembers_countEach() {
    TestMember a = start(1);
    TestMember b = start(2);
    start(3);
    a.register("i1");
    pass(10_000);
    long[] before = counts();

    a.renew("i1");
    pass(1_000);
    b.renew("i1");
    pass(1_000);

    assertThat(counts()).containsExactly(before[0] + 2, before[1] + 2, before[2] + 2);
  }

  private long[] counts() {
    return members.stream()
        .mapToLong(each -> each.registry.renewal().clusterCount())
        .toArray();
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
  void eviction_ofALeaseRenewedAtAMemberThatCannotSend_isUndone() {
    TestMember a = start(1);
    TestMember b = start(2);
    a.register("i1");
    settle();
    pass(29_000);
    assertThat(b.renew("i1")).isEqualTo(RenewOutcome.RENEWED);
    b.replica.addRenewed(new long[] {1L << b.slot("i1")}, false);
    // As while a send of b waits for a frozen member, longer than an eviction waits for renewals.
    clock.advanceMs(5_000);

    assertThat(a.evict()).isEqualTo(1);
    a.tick();
    network.deliver();
    assertThat(b.has("i1")).isTrue();
    settle();

    assertThat(a.has("i1")).isTrue();
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
        .receiver()
        .merge(List.of(new RegistrationRecord(
            TestMember.instance("i1"), changed, new LeaseId(2, 7), null, 0, false)));
    pass(5_000);
    a.replica
        .receiver()
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
}
