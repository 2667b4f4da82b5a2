// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.UnknownKind;
import io.systole.server.record.InstanceSerializer;
import io.systole.server.record.RecordEncoder;
import io.systole.server.registry.Instances;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The exact bytes of all messages. A change that fails these tests requires a new version. */
class MessageFormatTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final InstanceKey KEY = new InstanceKey("A", "i");
  private static final Path SPECIFICATION =
      Path.of("src/main/java/io/systole/server/cluster/message/package-info.java");

  private final MessageDecoder decoder = new MessageDecoder(MessageVersion.CURRENT);
  private final RecordsBuilder builder = new RecordsBuilder();

  @Test
  void hello_hasItsBytes() {
    Hello hello = new Hello(1, 2, true, true, "h:7800", "", "0.1.0");

    String bytes = "0101" + "01" + "02" + "03" + "07683a37383030" + "01" + "06302e312e30";
    assertThat(HEX.formatHex(MessageEncoder.encode(hello))).isEqualTo(bytes);
  }

  @Test
  void registration_hasItsBytes() {
    InstanceInfo document = Instances.up("A", "i", 90);
    RecordStamp stamp = new RecordStamp(1_000, -2, 9);
    builder.add(new RegistrationRecord(document, stamp, new LeaseId(9, 300), null, -1, false));
    OverrideRegister override =
        new OverrideRegister(InstanceStatus.DOWN, new OverrideStamp(5, 0xabcdL));
    builder.add(new RegistrationRecord(document, stamp, new LeaseId(9, 0), override, 200, true));

    String stampBytes = "00000000000003e8" + "fffffffffffffffe" + "00";
    assertThat(HEX.formatHex(builder.buildRecords(2)))
        .isEqualTo("0202" + "02" + "0000000000000009" + "000000000000abcd" + "02"
            + ("01" + "00" + stampBytes + "00" + "ac02" + documentBytes(document))
            + ("01" + "07" + stampBytes + "00" + "00" + "02" + "0000000000000005" + "01" + "c801")
            + documentBytes(document));
  }

  private static String documentBytes(InstanceInfo document) {
    RecordEncoder out = new RecordEncoder();
    InstanceSerializer.write(document, out);
    return HEX.formatHex(out.copy());
  }

  @Test
  void removal_hasItsBytes() {
    builder.add(new RemovalRecord(KEY, new RecordStamp(1, 2, 3), RemovalCause.EVICTION, true));

    assertThat(HEX.formatHex(builder.buildPush(1, 0x0102030405060708L, 1_023, true)))
        .isEqualTo("0601" + "0102030405060708" + "ff07" + "01" + "01" + "0000000000000003" + "01"
            + ("02" + "01" + "0241" + "0269" + "02" + "0000000000000001" + "0000000000000002")
            + "00");
  }

  @Test
  void beat_ofTwoOwners_hasItsBytes() {
    long[] sparse = {1L << 5};
    long[] dense = {0, 0xffff00L};

    List<String> messages = new ArrayList<>();
    BeatEncoder encoder = new BeatEncoder(message -> messages.add(HEX.formatHex(message)));
    encoder.begin(2, 300);
    encoder.add(-1, false, sparse, 1);
    encoder.add(7, true, dense, 2);
    encoder.end();

    assertThat(messages)
        .containsExactly("0302" + "000000000000012c" + "0002"
            + ("ffffffffffffffff" + "00" + "00000001" + "05")
            + ("0000000000000007" + "03" + "00000006" + "00000048" + "ffff"));
  }

  @Test
  void digest_hasItsBytes() {
    int[] counts = new int[KeyHash.BUCKETS];
    long[] hashes = new long[KeyHash.BUCKETS];
    long[] youngestHlcs = new long[KeyHash.BUCKETS];
    counts[0] = 200;
    hashes[0] = -1;
    youngestHlcs[0] = 5;
    youngestHlcs[1_023] = 6;

    byte[] message = MessageEncoder.encode(new Digest(counts, hashes, youngestHlcs), 1);

    assertThat(HEX.formatHex(message))
        .isEqualTo("0401" + "c801" + "ffffffffffffffff" + "0000000000000005"
            + ("00" + "0000000000000000").repeat(1_022)
            + ("00" + "0000000000000006"));
  }

  @Test
  void pull_hasItsBytes() {
    Pull pull = new Pull(1, 512, new long[] {2, 3}, new long[] {4, 5});

    assertThat(HEX.formatHex(MessageEncoder.encode(pull, 2)))
        .isEqualTo("0502" + "0000000000000001" + "8004" + "02" + "0000000000000002"
            + "0000000000000004" + "0000000000000003" + "0000000000000005");
  }

  @Test
  void drain_hasItsBytes() {
    assertThat(HEX.formatHex(MessageEncoder.encodeDrain(1))).isEqualTo("0701");
  }

  @Test
  void examples_ofTheSpecification_areTheBytesOfTheirMessages() throws Exception {
    List<byte[]> beats = new ArrayList<>();
    BeatEncoder encoder = new BeatEncoder(beats::add);
    BitSet numbers = new BitSet();
    numbers.set(3, 5);
    numbers.set(200);
    long[] words = numbers.toLongArray();
    encoder.begin(2, 258);
    encoder.add(9, false, words, words.length);
    encoder.end();
    RecordStamp stamp = new RecordStamp(1_000, 1_000 << 16 | 1, 9);
    builder.add(new RemovalRecord(KEY, stamp, RemovalCause.CANCEL, false));

    List<String> examples = Files.readAllLines(SPECIFICATION).stream()
        .filter(line -> line.matches(" \\* [0-9a-f]{2} [0-9a-f ]+"))
        .map(line -> line.substring(3).replace(" ", ""))
        .toList();

    assertThat(examples)
        .containsExactly(HEX.formatHex(beats.get(0)), HEX.formatHex(builder.buildRecords(1)));
  }

  @ParameterizedTest
  @EnumSource(MessageKind.class)
  void decode_kindOfAnUnknownVersion_isRefusedWithKindAndVersion(MessageKind kind) {
    MessageDecoder old = new MessageDecoder(1);
    for (int version : new int[] {0, 2, 255}) {
      byte[] message = {(byte) kind.code(), (byte) version, 1, 2, 3};

      UnsupportedVersionException refusal = catchThrowableOfType(
          UnsupportedVersionException.class, () -> old.decode(message, 0, message.length));

      assertThat(refusal.kind()).isEqualTo(kind);
      assertThat(refusal.version()).isEqualTo(version);
      assertThat(refusal).hasMessage(kind + " of version " + version + " is not within 1..1");
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "8", "255"})
  void decode_unknownKindOfAnyVersion_isReturned(int code) throws Exception {
    byte[] message = {(byte) code, 77, 1, 2, 3};

    assertThat(decoder.decode(message, 0, message.length)).isEqualTo(new UnknownKind(code));
  }

  /** Each message is refused, by the reason that is given. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                             | message of 0 bytes",
        "07                           | message of 1 bytes",
        "0701 00                      | DRAIN: 1 bytes follow the last field",
        "0101 00 02 00 01 01 01       | HELLO: versions 0..2",
        "0101 03 02 00 01 01 01       | HELLO: versions 3..2",
        "0101 01 02 04 01 01 01       | HELLO: unknown flags 4",
        "0101 01 02 00 00 01 01       | HELLO: required text is null",
        "0101 01 02 00 ff7f 01 01     | HELLO: text of 16382 bytes with 2 left",
        "0201 ff01 00                 | RECORDS: count of 255 with 1 bytes left",
        "0201 01 00000000             | RECORDS: 1 epochs with 4 bytes left, limit 255",
        "0201 00 ffffffffff7f         | RECORDS: count of 4398046511103 with 0 bytes left",
        "0201 00 01 03                | RECORDS: unknown kind of record 3",
        "0201 00 01 02 08             | RECORDS: unknown flags 8",
        "0201 00 01 02 02             | RECORDS: unknown flags 2",
        "0201 00 01 02 00 01 0269     | RECORDS: instance without app or id",
        "0201 00 01 02 00 0241 0269 00 | RECORDS: code 0 is not within 1..2",
        "0201 00 01 02 00 0241 0269 03 | RECORDS: code 3 is not within 0..2",
        "0201 01 0000000000000000 01 01 02 0000000000000000 0000000000000000 00 00 00 09"
            + " | RECORDS: code 9 is not within 0..5",
        "0201 00 01 02 00 0241 0269 01 0000000000000000 0000000000000000 00"
            + " | RECORDS: epoch 0 of 0",
        "0301 8000000000000000 0000   | BEAT: window -9223372036854775808",
        "0301 0000000000000000 00     | BEAT without a number of sections",
        "0301 0000000000000000 0000 00 | BEAT with 1 bytes after its sections",
        "0301 0000000000000000 0001 00 | BEAT ends within the head of a section",
        "0302 0000000000000000 0001 0000000000000000 04 00000000"
            + " | BEAT of version 2 has a section with flags 4",
        "0301 0000000000000000 0001 0000000000000000 02 00000004 00000000"
            + " | BEAT of version 1 has a section with flags 2",
        "0301 0000000000000000 0001 0000000000000000 00 00000001"
            + " | BEAT section of 1 bytes with 0 left",
        "0301 0000000000000000 0001 0000000000000000 00 ffffffff"
            + " | BEAT section of -1 bytes with 0 left",
        "0501 0000000000000000 8008 00 | PULL: bucket 1024 of 1024",
        "0501 0000000000000000 00 01  | PULL: 1 entries in 0 bytes",
        "0501 0000000000000000 00 ffffffff07 | PULL: 2147483647 entries in 0 bytes",
        "0501 0000000000000000 00 ffffffff0f | PULL: number 4294967295 is not within 0..2^31-1",
        "0601 0000000000000000 00 02  | PUSH: unknown flags 2"
      })
  void decode_malformed_isRefused(String hex, String reason) {
    byte[] message = hex == null ? new byte[0] : HEX.parseHex(hex.replace(" ", ""));

    assertThatThrownBy(() -> decoder.decode(message, 0, message.length))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(reason);
  }

  @Test
  void decode_helloWithALongText_isRefused() {
    Hello hello = new Hello(1, 1, false, false, "", "", "漢".repeat(1_365));
    byte[] bytes = MessageEncoder.encode(hello);
    byte[] longer = HEX.parseHex(HEX.formatHex(bytes).replace("8020", "8220") + "7878");

    assertThatThrownBy(() -> decoder.decode(longer, 0, longer.length))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("HELLO: text of 4097 bytes exceeds 4096");
  }
}
