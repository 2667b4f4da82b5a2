// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.Message.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordsBuilderTest {
  private final RecordsBuilder builder = new RecordsBuilder();

  @Test
  void add_untilFull_fillsTheMessage() throws Exception {
    RandomMessages random = new RandomMessages(1);
    List<ClusterRecord> added = new ArrayList<>();
    ClusterRecord next = random.record();
    while (builder.add(next)) {
      added.add(next);
      next = random.record();
    }

    assertThat(builder.count()).isEqualTo(added.size());
    byte[] message = builder.buildPush(1, Long.MIN_VALUE, 1_023, true);

    assertThat(message.length)
        .isBetween(RecordsBuilder.BYTES_MAX - 3_000, RecordsBuilder.BYTES_MAX);
    assertThat(decode(message)).isEqualTo(new Push(Long.MIN_VALUE, 1_023, true, added));
  }

  @Test
  void add_refusedRecord_beginsTheNextMessage() throws Exception {
    RandomMessages random = new RandomMessages(2);
    ClusterRecord next = random.record();
    while (builder.add(next)) {
      next = random.record();
    }
    builder.buildRecords(1);

    assertThat(builder.isEmpty()).isTrue();
    assertThat(builder.add(next)).isTrue();
    assertThat(decode(builder.buildRecords(1))).isEqualTo(new Records(List.of(next)));
  }

  @Test
  void add_refusedRecord_leavesNothingInTheMessage() {
    builder.add(removal(1));
    byte[] expected = builder.buildRecords(1);
    builder.add(removal(1));
    InstanceKey large = new InstanceKey("A", "i".repeat(RecordsBuilder.BYTES_MAX));
    RecordStamp stamp = new RecordStamp(1, 2, 3);

    boolean isAdded = builder.add(new RemovalRecord(large, stamp, RemovalCause.CANCEL, false));

    assertThat(isAdded).isFalse();
    assertThat(builder.buildRecords(1)).isEqualTo(expected);
  }

  @Test
  void add_recordLargerThanAMessage_isTheOnlyOne() throws Exception {
    ClusterRecord large = registration(Map.of("name", "x".repeat(2 * RecordsBuilder.BYTES_MAX)));
    ClusterRecord small = registration(Map.of());

    assertThat(builder.add(large)).isTrue();
    assertThat(builder.add(small)).isFalse();
    assertThat(decode(builder.buildRecords(2))).isEqualTo(new Records(List.of(large)));
    assertThat(builder.add(small)).isTrue();
    assertThat(builder.add(large)).isFalse();
    assertThat(decode(builder.buildRecords(2))).isEqualTo(new Records(List.of(small)));
  }

  /** Each record has an owner of its own. */
  @Test
  void add_tableOfEpochsFull_isRefused() throws Exception {
    List<ClusterRecord> added = new ArrayList<>();
    for (int owner = 0; owner < RecordsBuilder.EPOCHS_MAX; owner++) {
      added.add(removal(owner));
      assertThat(builder.add(removal(owner))).isTrue();
    }

    assertThat(builder.add(removal(-1))).isFalse();
    assertThat(builder.add(removal(7))).isTrue();
    added.add(removal(7));
    assertThat(decode(builder.buildRecords(1))).isEqualTo(new Records(added));
  }

  @Test
  void clear_discardsRecordsAndEpochs() throws Exception {
    builder.add(removal(1));

    builder.clear();

    assertThat(builder.buildRecords(1)).containsExactly(2, 1, 0, 0);
  }

  @Test
  void records_invalidMembers_areRefused() {
    InstanceInfo nameless = InstanceInfo.builder().app("").build();
    RecordStamp stamp = new RecordStamp(1, 2, 3);
    LeaseId id = new LeaseId(3, 0);

    assertThatThrownBy(() -> new RegistrationRecord(nameless, stamp, id, null, 0, false))
        .hasMessage("document without app or id");
    InstanceInfo named = InstanceInfo.builder().app("A").instanceId("i").build();
    assertThatThrownBy(() -> new RegistrationRecord(named, stamp, id, null, -2, false))
        .hasMessage("renewalAgeMs=-2 is negative");
    assertThatThrownBy(() -> new LeaseId(3, -1)).hasMessage("number=-1 is negative");
  }

  private static ClusterRecord removal(long owner) {
    return new RemovalRecord(
        new InstanceKey("A", "i"), new RecordStamp(1, 2, owner), RemovalCause.CANCEL, false);
  }

  private static ClusterRecord registration(Map<String, String> metadata) {
    InstanceInfo document =
        InstanceInfo.builder().app("A").instanceId("i").metadata(metadata).build();
    return new RegistrationRecord(
        document, new RecordStamp(1, 2, 3), new LeaseId(3, 0), null, 0, false);
  }

  private static Message decode(byte[] message) throws Exception {
    return new MessageDecoder(MessageVersion.CURRENT).decode(message, 0, message.length);
  }
}
