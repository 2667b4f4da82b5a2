// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedStringsTest {
  private static final long SEED = 20_261_121;
  private static final int ROUNDS = 2_000;
  private static final int CHARS_MAX = 300;
  private static final String ALPHABET = "aZ0:/.\0\u007f\u0080\u00e9\u07ff\u0800\u4e2d\uffff";

  @Test
  void at_ofAnyTexts_isThePackedOne() {
    Random random = new Random(SEED);

    for (int round = 0; round < ROUNDS; round++) {
      @Nullable String[] texts = texts(random);

      byte[] packed = PackedStrings.pack(texts);

      for (int index = 0; index < texts.length; index++) {
        assertThat(PackedStrings.at(index, packed))
            .as("seed %d, round %d, text %d", SEED, round, index)
            .isEqualTo(texts[index]);
      }
    }
  }

  /** Lengths around those at which the count takes another byte. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 16_381, 16_382, 16_383, 16_384, 2_097_151})
  void at_ofTextOfAnyLength_isThePackedOne(int length) {
    String text = "x".repeat(length);

    byte[] packed = PackedStrings.pack(text, null, text, "last");

    assertThat(PackedStrings.at(0, packed)).isEqualTo(text);
    assertThat(PackedStrings.at(1, packed)).isNull();
    assertThat(PackedStrings.at(2, packed)).isEqualTo(text);
    assertThat(PackedStrings.at(3, packed)).isEqualTo("last");
  }

  @Test
  void pack_ofShortTexts_addsAByteToEach() {
    byte[] packed = PackedStrings.pack("host", null, "10.0.0.1", "");

    assertThat(packed).hasSize(4 + 8 + 4);
  }

  private static @Nullable String[] texts(Random random) {
    @Nullable String[] texts = new @Nullable String[1 + random.nextInt(7)];
    for (int index = 0; index < texts.length; index++) {
      if (random.nextInt(4) > 0) {
        texts[index] = text(random);
      }
    }
    return texts;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int count = random.nextInt(CHARS_MAX); count > 0; count--) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return random.nextBoolean() ? text.toString() : text.append("\ud83d\ude00").toString();
  }
}
