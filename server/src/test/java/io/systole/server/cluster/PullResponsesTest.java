// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.KeyHash;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.MessageDecoder;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PullResponsesTest {
  private static final MemberId A = new MemberId(7, "a");

  private final TestMember member = new TestMember(new MemoryGroup.Network(), 1, new ManualClock());
  private final PullResponses responses = member.replica.receiver().responses;
  private final List<byte[]> sent = new ArrayList<>();

  private static Pull pull(int bucket, long... entries) {
    return new Pull(1, bucket, new long[entries.length], entries);
  }

  private boolean sendOne() {
    return responses.sendOne(2, (receiver, message) -> sent.add(message));
  }

  @Test
  void add_tooMany_areDropped() {
    for (int sender = 0; sender < 5; sender++) {
      for (int bucket = 0; bucket < KeyHash.BUCKETS; bucket++) {
        responses.add(new MemberId(sender, "m"), pull(bucket));
      }
    }

    assertThat(responses.queuedCount()).isEqualTo(PullResponses.QUEUED_MAX);
  }

  @Test
  void add_tooManyEntries_areDropped() {
    for (int bucket = 0; bucket < 100; bucket++) {
      responses.add(A, pull(bucket, new long[Pull.ENTRIES_MAX]));
    }

    assertThat(responses.queuedCount()).isEqualTo(PullResponses.ENTRIES_MAX / Pull.ENTRIES_MAX);
    responses.retain(Set.of());
    responses.add(A, pull(1, new long[Pull.ENTRIES_MAX]));
    assertThat(responses.queuedCount()).isEqualTo(1);
  }

  @Test
  void add_sameBucketAgain_replaces() {
    responses.add(A, pull(1));
    responses.add(A, pull(1));

    assertThat(responses.queuedCount()).isEqualTo(1);
  }

  @Test
  void sendOne_nothingMissing_sendsAnEmptyLastPart() {
    member.register("i1");
    int slot = member.slot("i1");
    ClusterLeases leases = member.replica.state().leases;
    int bucket = KeyHash.bucket(leases.stamps.keyHash(slot));
    responses.add(A, pull(bucket, leases.entryHash(slot)));

    assertThat(sendOne()).isTrue();

    assertThat(sendOne()).isFalse();
    assertThat(sent).hasSize(1);
    assertThat(member.replica.counters().recordsPushed()).isZero();
  }

  /** Registers instances in one bucket that need several parts. Returns the bucket. */
  private int registerLargeInstances() {
    String longValue = "x".repeat(10_000);
    int bucket = KeyHash.bucket(KeyHash.of(TestMember.key("i0")));
    int expected = 0;
    for (int i = 0; i < 60_000 && expected < 20; i++) {
      if (KeyHash.bucket(KeyHash.of(TestMember.key("i" + i))) == bucket) {
        member.register(TestMember.instance("i" + i).toBuilder()
            .metadata(Map.of("k", longValue))
            .build());
        expected++;
      }
    }
    assertThat(expected).isEqualTo(20);
    return bucket;
  }

  @Test
  void sendOne_manyRecords_sendsPartsOfBoundedSize() {
    int bucket = registerLargeInstances();
    responses.add(A, pull(bucket));

    while (sendOne()) {
      // Until there are no more parts.
    }

    assertThat(sent).hasSizeGreaterThan(3).allMatch(each -> each.length <= 60_000);
    assertThat(member.replica.counters().recordsPushed()).isEqualTo(20);
  }

  @Test
  void sendOne_partIsRefused_dropsTheRestAndServesTheNextRequestWhole() throws Exception {
    int bucket = registerLargeInstances();
    responses.add(A, pull(bucket));
    assertThat(sendOne()).isTrue();
    long pushedBefore = member.replica.counters().recordsPushed();

    boolean hasMore = responses.sendOne(2, (receiver, message) -> false);

    assertThat(hasMore).isTrue();
    assertThat(sendOne()).isFalse();
    assertThat(sent).hasSize(1);
    assertThat(member.replica.counters().recordsPushed()).isEqualTo(pushedBefore);
    assertThat(member.replica.counters().sendFailures()).isEqualTo(1);
    assertServedWhole(bucket);
  }

  @Test
  void sendOne_senderFails_dropsTheRestAndServesTheNextRequestWhole() throws Exception {
    int bucket = registerLargeInstances();
    responses.add(A, pull(bucket));
    assertThat(sendOne()).isTrue();

    assertThatIllegalStateException()
        .isThrownBy(() -> responses.sendOne(2, (receiver, message) -> {
          throw new IllegalStateException("as the test requires");
        }));

    assertThat(sendOne()).isFalse();
    assertThat(sent).hasSize(1);
    assertServedWhole(bucket);
  }

  private void assertServedWhole(int bucket) throws Exception {
    sent.clear();
    responses.add(A, pull(bucket));
    while (sendOne()) {
      // Until there are no more parts.
    }
    MessageDecoder decoder = new MessageDecoder(2);
    List<ClusterRecord> records = new ArrayList<>();
    boolean isLast = false;
    for (byte[] each : sent) {
      assertThat(isLast).isFalse();
      Push push = (Push) decoder.decode(each, 0, each.length);
      records.addAll(push.records());
      isLast = push.isLast();
    }
    assertThat(isLast).isTrue();
    assertThat(records).extracting(ClusterRecord::key).hasSize(20).doesNotHaveDuplicates();
  }
}
