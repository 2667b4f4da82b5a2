// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Drain;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.Message.Records;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Any message is decoded as it was encoded, also in the middle of other bytes. */
@Tag("randomized")
class MessageRoundTripTest {
  private static final long SEED = 20_261_122;
  private static final int MESSAGES = Repetitions.of(200);

  private final RandomMessages random = new RandomMessages(SEED);
  private final MessageDecoder decoder = new MessageDecoder(MessageVersion.CURRENT);

  @Test
  void hello_any_isDecodedAsEncoded() throws Exception {
    for (int i = 0; i < MESSAGES; i++) {
      Hello hello = random.hello();

      assertThat(decode(MessageEncoder.encode(hello))).as("seed %d", SEED).isEqualTo(hello);
    }
  }

  @Test
  void records_any_areDecodedAsEncoded() throws Exception {
    RecordsBuilder builder = new RecordsBuilder();
    for (int i = 0; i < MESSAGES; i++) {
      List<ClusterRecord> records = random.records(i % 20);
      records.forEach(record -> assertThat(builder.add(record)).isTrue());

      Message decoded = decode(builder.buildRecords(version(i)));

      assertThat(decoded).as("seed %d", SEED).isEqualTo(new Records(records));
    }
  }

  @Test
  void push_any_isDecodedAsEncoded() throws Exception {
    RecordsBuilder builder = new RecordsBuilder();
    for (int i = 0; i < MESSAGES; i++) {
      Push push = new Push(-i, i % KeyHash.BUCKETS, i % 3 == 0, random.records(i % 20));
      push.records().forEach(record -> assertThat(builder.add(record)).isTrue());

      byte[] message =
          builder.buildPush(version(i), push.requestId(), push.bucket(), push.isLast());

      assertThat(decode(message)).as("seed %d", SEED).isEqualTo(push);
    }
  }

  @Test
  void digest_any_isDecodedAsEncoded() throws Exception {
    for (int i = 0; i < MESSAGES / 10; i++) {
      Digest digest = random.digest();

      Digest decoded = (Digest) decode(MessageEncoder.encode(digest, version(i)));

      assertThat(decoded).as("seed %d", SEED).usingRecursiveComparison().isEqualTo(digest);
    }
  }

  @Test
  void pull_any_isDecodedAsEncoded() throws Exception {
    for (int i = 0; i < MESSAGES; i++) {
      Pull pull = random.pull();

      Pull decoded = (Pull) decode(MessageEncoder.encode(pull, version(i)));

      assertThat(decoded).as("seed %d", SEED).usingRecursiveComparison().isEqualTo(pull);
    }
  }

  @Test
  void drain_isDecodedAsEncoded() throws Exception {
    assertThat(decode(MessageEncoder.encodeDrain(1))).isEqualTo(new Drain());
  }

  /** Densities on both sides of the choice between the forms, and buffers of any size. */
  @Test
  void beat_any_isDecodedAsEncoded() throws Exception {
    List<byte[]> messages = new ArrayList<>();
    BeatEncoder encoder = new BeatEncoder(messages::add);
    Random shapes = new Random(SEED);
    for (int i = 0; i < MESSAGES; i++) {
      messages.clear();
      encoder.begin(version(i), i);
      List<Renewed> expected = new ArrayList<>();
      for (int owner = 0; owner < i % 4; owner++) {
        long[] words = random.words(shapes.nextInt(300), 1 + shapes.nextInt(40));
        encoder.add(owner, owner % 2 == 0, words, words.length);
        expected.add(new Renewed(owner, owner % 2 == 0, BitSet.valueOf(words)));
      }
      expected.removeIf(renewed -> renewed.numbers().isEmpty());
      encoder.end();

      assertThat(renewed(messages, i, 1 + shapes.nextInt(500)))
          .as("seed %d, window %d", SEED, i)
          .isEqualTo(expected);
    }
  }

  /** The renewals of an owner's leases. */
  private record Renewed(long owner, boolean isByPeers, BitSet numbers) {}

  private List<Renewed> renewed(List<byte[]> messages, long window, int bufferLength)
      throws Exception {
    List<Renewed> sections = new ArrayList<>();
    for (byte[] message : messages) {
      Beat beat = (Beat) decode(message);
      assertThat(beat.window()).isEqualTo(window);
      beat.numbers().forEach(new int[bufferLength], (owner, isByPeers, numbers, count) -> {
        if (sections.isEmpty() || sections.get(sections.size() - 1).owner() != owner) {
          sections.add(new Renewed(owner, isByPeers, new BitSet()));
        }
        BitSet found = sections.get(sections.size() - 1).numbers();
        for (int i = 0; i < count; i++) {
          found.set(numbers[i]);
        }
      });
    }
    return sections;
  }

  private Message decode(byte[] message) throws Exception {
    byte[] surrounded = new byte[message.length + 20];
    System.arraycopy(message, 0, surrounded, 7, message.length);
    return decoder.decode(surrounded, 7, message.length);
  }

  private static int version(int i) {
    return 1 + i % MessageVersion.CURRENT;
  }
}
