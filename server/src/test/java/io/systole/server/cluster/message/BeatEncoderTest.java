// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.cluster.message.Message.Beat;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sizes of BEATs, how they are split, and malformed numbers in them. */
class BeatEncoderTest {
  private static final long SEED = 20_261_122;
  private static final int LEASES = 1_000_000;
  private static final int FORM_AT = 2 + Long.BYTES + Short.BYTES + Long.BYTES;

  private final List<byte[]> messages = new ArrayList<>();
  private final BeatEncoder encoder = new BeatEncoder(messages::add);

  /** A window of half a second has 16,000 of 1,000,000 leases that are renewed every 30 s. */
  @ParameterizedTest
  @CsvSource({"16000, 1.2, 0", "500000, 0.3, 2", "1000000, 0.13, 2"})
  void add_renewalsOfAMillionLeases_takeFewBytes(int renewed, double bytesMax, int form)
      throws Exception {
    BitSet numbers = random(renewed);

    encode(MessageVersion.CURRENT, numbers);

    assertThat(bytes()).as("seed %d", SEED).isLessThanOrEqualTo((int) (bytesMax * renewed));
    assertThat(messages).allMatch(message -> message[FORM_AT] == form);
    assertThat(decoded()).isEqualTo(numbers);
    assertThat(encoder.renewals()).isEqualTo(renewed);
  }

  /**
   * Densities about the one at which both forms take the same bytes, with long gaps and without.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 30})
  void add_anyDensity_isTheShorterForm(int clusters) {
    RandomMessages random = new RandomMessages(SEED);
    int bitmaps = 0;
    for (int every = 2; every < 40; every++) {
      long[] words = random.words(1_000, every);
      for (int i = 0; i < words.length; i++) {
        words[i] = i % clusters < 20 ? words[i] : 0;
      }
      BitSet numbers = BitSet.valueOf(words);
      encode(1, numbers);
      int gapBytes = messages.remove(0).length;
      encode(MessageVersion.CURRENT, numbers);
      byte[] message = messages.remove(0);
      int head = FORM_AT + 1 + Integer.BYTES;
      int bytes = (numbers.length() + 7) / 8 - numbers.nextSetBit(0) / 8;

      assertThat(messages).isEmpty();
      assertThat(message.length)
          .as("seed %d, one of %d", SEED, every)
          .isEqualTo(Math.min(gapBytes, head + Integer.BYTES + bytes));
      bitmaps += message[FORM_AT] == BeatNumbers.BITMAP ? 1 : 0;
    }
    assertThat(bitmaps).as("seed %d", SEED).isBetween(1, 37);
  }

  /** Of 100 numbers at every eighth, the gaps take 100 bytes, one more if the first is large. */
  @ParameterizedTest
  @CsvSource({"0, 4, 0", "0, 5, 2", "200, 3, 0", "200, 4, 2"})
  void add_formsOfEqualLength_areGaps(int first, int more, int form) {
    BitSet numbers = new BitSet();
    for (int i = 0; i < 100; i++) {
      numbers.set(first + 8 * i);
    }
    numbers.set(first + 1, first + 1 + more);

    encode(MessageVersion.CURRENT, numbers);

    assertThat(messages.get(0)[FORM_AT]).isEqualTo((byte) form);
  }

  @ParameterizedTest
  @ValueSource(ints = {16_000, 500_000, 1_000_000})
  void add_version1_isNeverABitmap(int renewed) throws Exception {
    BitSet numbers = random(renewed);

    encode(1, numbers);

    assertThat(messages).allMatch(message -> message[1] == 1 && message[FORM_AT] == 0);
    assertThat(decoded()).isEqualTo(numbers);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void add_moreThanAMessage_isSplitIntoFullMessages(int version) throws Exception {
    BitSet numbers = random(400_000);

    encode(version, numbers);

    assertThat(messages).hasSizeGreaterThan(1);
    assertThat(messages.subList(0, messages.size() - 1))
        .allMatch(message ->
            message.length <= BeatEncoder.BYTES_MAX && message.length > BeatEncoder.BYTES_MAX - 8);
    assertThat(decoded()).isEqualTo(numbers);
  }

  /** Each section is too long for the rest of the message before. */
  @Test
  void add_manyOwners_areSplitBetweenMessages() throws Exception {
    encoder.begin(MessageVersion.CURRENT, 1);
    for (int owner = 0; owner < 10_000; owner++) {
      encoder.add(owner, false, new long[] {1L << owner}, 1);
    }
    encoder.end();

    List<Long> owners = new ArrayList<>();
    for (byte[] message : messages) {
      assertThat(message.length).isLessThanOrEqualTo(BeatEncoder.BYTES_MAX);
      numbersOf(message).forEach(new int[1], (owner, isByPeers, numbers, count) -> {
        assertThat(numbers[0]).isEqualTo((int) (owner % Long.SIZE));
        owners.add(owner);
      });
    }
    assertThat(owners).hasSize(10_000).doesNotHaveDuplicates();
  }

  @Test
  void add_greatestNumbers_areDecoded() throws Exception {
    long[] words = new long[1 << 25];
    words[words.length - 1] = 0b11L << 62;
    for (int version = 1; version <= MessageVersion.CURRENT; version++) {
      messages.clear();
      encoder.begin(version, Long.MAX_VALUE);
      encoder.add(1, false, words, words.length);
      encoder.end();

      List<Integer> decoded = new ArrayList<>();
      numbersOf(messages.get(0)).forEach(new int[2], (owner, isByPeers, numbers, count) -> {
        decoded.add(numbers[0]);
        decoded.add(numbers[1]);
      });
      assertThat(decoded).containsExactly(Integer.MAX_VALUE - 1, Integer.MAX_VALUE);
    }
  }

  @Test
  void end_nothingAdded_sendsOneMessageWithoutNumbers() throws Exception {
    encoder.begin(2, 5);
    encoder.add(1, true, new long[3], 3);
    encoder.add(1, true, new long[] {1}, 0);
    encoder.end();

    assertThat(messages).hasSize(1);
    assertThat(numbersOf(messages.get(0)).isEmpty()).isTrue();
    assertThat(encoder.renewals()).isZero();
  }

  @Test
  void begin_afterAnUnfinishedWindow_discardsIt() throws Exception {
    encoder.begin(2, 5);
    encoder.add(1, true, new long[] {1}, 1);
    encoder.begin(2, 6);
    encoder.end();

    assertThat(messages).hasSize(1);
    assertThat(numbersOf(messages.get(0)).isEmpty()).isTrue();
  }

  @Test
  void begin_invalidVersionOrWindow_isRefused() {
    assertThatThrownBy(() -> encoder.begin(3, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> encoder.begin(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> encoder.begin(1, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "00 | 80                 | BEAT with a malformed varint",
        "00 | 8000               | BEAT with a malformed varint",
        "00 | 808080808001       | BEAT with a malformed varint",
        "00 | ffffffff0f         | BEAT with a malformed varint",
        "00 | ffffffff0700       | BEAT with number 2147483648",
        "02 | 000000             | BEAT with a bitmap that ends within its base",
        "02 | 8000000001         | BEAT with a bitmap of 1 bytes from 2147483648 on",
        "02 | 7ffffff901         | BEAT with a bitmap of 1 bytes from 2147483641 on"
      })
  void forEach_malformedNumbers_isRefused(String form, String content, String reason)
      throws Exception {
    String head = "0302" + "0000000000000001" + "0001" + "0000000000000002" + form;
    byte[] message =
        HexFormat.of().parseHex(head + "%08x".formatted(content.length() / 2) + content);
    BeatNumbers beat = numbersOf(message);

    assertThatThrownBy(() -> beat.forEach(new int[4], (owner, isByPeers, numbers, count) -> {}))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage(reason);
  }

  private void encode(int version, BitSet numbers) {
    long[] words = numbers.toLongArray();
    encoder.begin(version, 1);
    encoder.add(1, false, words, words.length);
    encoder.end();
  }

  private static BitSet random(int count) {
    Random random = new Random(SEED);
    BitSet numbers = new BitSet();
    numbers.set(0, LEASES);
    for (int left = LEASES; left > count; ) {
      int number = random.nextInt(LEASES);
      left -= numbers.get(number) ? 1 : 0;
      numbers.clear(number);
    }
    return numbers;
  }

  private int bytes() {
    return messages.stream().mapToInt(message -> message.length).sum();
  }

  private BitSet decoded() throws Exception {
    BitSet decoded = new BitSet();
    for (byte[] message : messages) {
      numbersOf(message).forEach(new int[1_000], (owner, isByPeers, numbers, count) -> {
        for (int i = 0; i < count; i++) {
          decoded.set(numbers[i]);
        }
      });
    }
    return decoded;
  }

  private static BeatNumbers numbersOf(byte[] message) throws Exception {
    Message decoded = new MessageDecoder(MessageVersion.CURRENT).decode(message, 0, message.length);
    return ((Beat) decoded).numbers();
  }
}
