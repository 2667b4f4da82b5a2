// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import static io.systole.protocol.renewal.RenewalFrames.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of renewal frames and of the responses to them, as in spec §10. */
class RenewalFrameTest {
  private static final long SEED = 20_261_123;
  private static final long EPOCH = 0x0123_4567_89ab_cdefL;
  private static final String HEAD = "01 0123456789abcdef ";

  private static long key(int generation, int slot) {
    return new LeaseHandle(EPOCH, slot, generation).key();
  }

  @Test
  void encode_fewLeasesOfTwoGenerations_isGaps() throws Exception {
    long[] keys = {key(0, 3), key(0, 4), key(0, 200), key(7, 5)};

    byte[] frame = RenewalFrameEncoder.encode(EPOCH, keys, 4);

    String expected = HEAD + "0002" + "00000000 00 00000004 03 00 c301" + "00000007 00 00000001 05";
    assertThat(frame).isEqualTo(bytes(expected));
    assertThat(decoded(expected)).isEqualTo(keys);
  }

  @Test
  void encode_denseLeases_isABitmap() throws Exception {
    long[] keys = LongStream.range(16, 40).filter(slot -> slot != 25).toArray();

    byte[] frame = RenewalFrameEncoder.encode(EPOCH, keys, keys.length);

    String expected = HEAD + "0001" + "00000000 01 00000007 00000010 ff fd ff";
    assertThat(frame).isEqualTo(bytes(expected));
    assertThat(decoded(expected)).isEqualTo(keys);
  }

  /** Of numbers at every eighth, both forms take four bytes more or less the base. */
  @ParameterizedTest
  @CsvSource({"4, 0", "5, 1"})
  void encode_formsOfEqualLength_isGaps(int more, int form) {
    long[] keys = LongStream.concat(
            LongStream.range(0, 100).map(i -> 8 * i), LongStream.range(1, 1 + more))
        .sorted()
        .toArray();

    byte[] frame = RenewalFrameEncoder.encode(EPOCH, keys, keys.length);

    assertThat(frame[RenewalFrame.HEAD_BYTES + Integer.BYTES]).isEqualTo((byte) form);
  }

  @Test
  void encode_everyLeaseOfAnotherGeneration_isWithinTheLimits() throws Exception {
    int count = RenewalFrame.RENEWALS_MAX;
    long[] keys = IntStream.range(0, count)
        .mapToLong(i -> key(Integer.MAX_VALUE - count + i, Integer.MAX_VALUE - i))
        .toArray();

    byte[] bytes = RenewalFrameEncoder.encode(EPOCH, keys, count);
    RenewalFrame frame = new RenewalFrame();
    frame.decode(bytes);

    assertThat(bytes.length).isLessThan(RenewalFrame.BYTES_MAX);
    assertThat(frame.sectionCount()).isEqualTo(count);
    assertThat(RenewalFrames.keysOf(frame)).isEqualTo(keys);
  }

  @Test
  void encode_noOrTooManyLeases_throws() {
    long[] keys = LongStream.rangeClosed(0, RenewalFrame.RENEWALS_MAX).toArray();

    assertThatThrownBy(() -> RenewalFrameEncoder.encode(EPOCH, keys, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RenewalFrameEncoder.encode(EPOCH, keys, keys.length))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "01 0123456789abcdef 00                                    | a frame of 10 bytes",
        "02 0123456789abcdef 0001 00000000 00 00000001 03          | a frame of version 2",
        "01 0123456789abcdef 0000                                  | a frame without sections",
        "01 0123456789abcdef 0001 00000000 00 000000               | a section that ends within its head",
        "01 0123456789abcdef 0001 80000000 00 00000001 03          | generation -2147483648 out of order",
        "01 0123456789abcdef 0002 00000001 00 00000001 03 00000001 00 00000001 04"
            + " | generation 1 out of order",
        "01 0123456789abcdef 0001 00000000 02 00000001 03          | a set of form 2",
        "01 0123456789abcdef 0001 00000000 00 00000002 03          | a section of 2 bytes with 1 left",
        "01 0123456789abcdef 0001 00000000 00 ffffffff 03          | a section of -1 bytes with 1 left",
        "01 0123456789abcdef 0001 00000000 00 00000000             | a section without slots",
        "01 0123456789abcdef 0001 00000000 01 00000005 00000000 00 | a section without slots",
        "01 0123456789abcdef 0001 00000000 00 00000001 03 00       | 1 bytes after the last section",
        "01 0123456789abcdef 0002 00000000 00 00000001 03          | a section that ends within its head",
        "01 0123456789abcdef 0001 00000000 00 00000001 80          | a malformed varint",
        "01 0123456789abcdef 0001 00000000 00 00000006 ffffffff0700 | number 2147483648",
        "01 0123456789abcdef 0001 00000000 01 00000003 000000      | a bitmap that ends within its base",
        "01 0123456789abcdef 0001 00000000 01 00000005 7ffffff9 01"
            + " | a bitmap of 1 bytes from 2147483641 on"
      })
  void decode_malformed_isRefused(String hex, String reason) {
    assertThatThrownBy(() -> new RenewalFrame().decode(bytes(hex)))
        .isInstanceOf(MalformedRenewalsException.class)
        .hasMessage(reason);
  }

  @Test
  void decode_moreSlotsThanTheMaximum_isRefused() throws Exception {
    int bitmapBytes = RenewalFrame.RENEWALS_MAX / 8;
    String most = HEAD + "0001" + "00000000 01 %08x 00000000".formatted(4 + bitmapBytes)
        + "ff".repeat(bitmapBytes);
    String tooMany = HEAD + "0002" + most.substring(HEAD.length() + 4) + "00000001 00 00000001 00";

    assertThat(decoded(most)).hasSize(RenewalFrame.RENEWALS_MAX);
    assertThatThrownBy(() -> decoded(tooMany)).hasMessage("more than 16384 slots");
  }

  @Test
  void decode_moreBytesThanTheMaximum_isRefused() {
    int zeros =
        RenewalFrame.BYTES_MAX - RenewalFrame.HEAD_BYTES - RenewalFrame.SECTION_HEAD_BYTES - 5;
    String frame = HEAD + "0001" + "00000000 01 %08x 00000000";

    assertThat(
            RenewalFrames.isRefused(bytes(frame.formatted(5 + zeros) + "00".repeat(zeros) + "01")))
        .isFalse();
    assertThatThrownBy(() -> decoded(frame.formatted(6 + zeros) + "00".repeat(zeros + 1) + "01"))
        .hasMessage("a frame of 262145 bytes");
  }

  @Test
  void decode_afterALargerFrame_hasTheContentOfTheLast() throws Exception {
    RenewalFrame frame = new RenewalFrame();
    long[] many = RenewalFrames.keys(new Random(SEED));
    frame.decode(RenewalFrameEncoder.encode(1, many, many.length));

    frame.decode(RenewalFrameEncoder.encode(EPOCH, new long[] {key(2, 9)}, 1));

    assertThat(frame.epoch()).isEqualTo(EPOCH);
    assertThat(RenewalFrames.keysOf(frame)).containsExactly(key(2, 9));
  }

  @Test
  @Tag("randomized")
  void decode_encodedFrames_haveTheirLeases() throws Exception {
    Random random = new Random(SEED);
    for (int i = Repetitions.of(300); i > 0; i--) {
      long[] keys = RenewalFrames.keys(random);
      RenewalFrame frame = new RenewalFrame();

      frame.decode(RenewalFrameEncoder.encode(EPOCH, keys, keys.length));

      assertThat(RenewalFrames.keysOf(frame)).as("seed %d, %d left", SEED, i).isEqualTo(keys);
    }
  }

  @Test
  @Tag("randomized")
  void decode_mutants_areRefusedOrValid() {
    Random random = new Random(SEED);
    int refused = 0;
    int mutants = Repetitions.of(3_000);
    for (int i = 0; i < mutants; i++) {
      long[] keys = RenewalFrames.keys(random);
      byte[] frame = RenewalFrameEncoder.encode(EPOCH, keys, keys.length);
      refused += RenewalFrames.isRefused(RenewalFrames.mutant(frame, random)) ? 1 : 0;
    }
    assertThat(refused).as("seed %d", SEED).isBetween(mutants / 10, mutants - mutants / 10);
  }

  @ParameterizedTest
  @CsvSource({"'2', 01 00 02", "'0,3,4,200', 01 00 00 02 00 c301"})
  void encodeRefused_fewPositions_isGaps(String positions, String expected) throws Exception {
    int[] refused =
        Arrays.stream(positions.split(",")).mapToInt(Integer::parseInt).toArray();

    assertThat(RenewalFrameEncoder.encodeRefused(refused, refused.length))
        .isEqualTo(bytes(expected));
    assertThat(RenewalFrame.refusedPositions(bytes(expected), 201)).isEqualTo(refused);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1_000, RenewalFrame.RENEWALS_MAX})
  void encodeRefused_allPositions_areDecoded(int count) throws Exception {
    int[] all = IntStream.range(0, count).toArray();

    byte[] response = RenewalFrameEncoder.encodeRefused(all, count);

    assertThat(response.length).isLessThanOrEqualTo(6 + RenewalFrame.RENEWALS_MAX / 8);
    assertThat(RenewalFrame.refusedPositions(response, count)).isEqualTo(all);
  }

  @Test
  void refusedPositions_ofAnEmptyBody_areNone() throws Exception {
    assertThat(RenewalFrame.refusedPositions(new byte[0], 5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"01", "02 00 00", "01 02 00", "01 00", "01 00 05", "01 00 80", "01 01 00000000 20"
      })
  void refusedPositions_malformedOrBeyondTheFrame_areRefused(String response) {
    assertThat(RenewalFrames.isResponseRefused(bytes(response), 5)).isTrue();
  }

  private static long[] decoded(String hex) throws MalformedRenewalsException {
    RenewalFrame frame = new RenewalFrame();
    frame.decode(bytes(hex));
    assertThat(frame.epoch()).isEqualTo(EPOCH);
    return RenewalFrames.keysOf(frame);
  }
}
