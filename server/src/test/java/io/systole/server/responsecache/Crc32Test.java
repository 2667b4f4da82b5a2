// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class Crc32Test {
  private static final long SEED = 20_261_122;

  private final Random random = new Random(SEED);

  @Test
  void times_textSplitAnywhere_yieldsTheCrcOfTheWhole() {
    for (int round = 0; round < 2_000; round++) {
      byte[] text = new byte[random.nextInt(300)];
      random.nextBytes(text);
      int split = random.nextInt(text.length + 1);
      int first = crc(text, 0, split);
      int second = crc(text, split, text.length - split);

      int joined = Crc32.times(Crc32.factor(text.length - split), first) ^ second;

      assertThat(joined).as("seed %d round %d", SEED, round).isEqualTo(crc(text, 0, text.length));
    }
  }

  @Test
  void factor_ofASum_isTheProduct() {
    for (int round = 0; round < 2_000; round++) {
      long one = random.nextLong() >>> (2 + random.nextInt(60));
      long other = random.nextLong() >>> (2 + random.nextInt(60));

      int product = Crc32.times(Crc32.factor(one), Crc32.factor(other));

      assertThat(product).as("%d and %d", one, other).isEqualTo(Crc32.factor(one + other));
    }
  }

  @Test
  void factor_ofNothing_changesNothing() {
    int any = random.nextInt();

    assertThat(Crc32.times(Crc32.factor(0), any)).isEqualTo(any);
    assertThat(Crc32.times(any, Crc32.factor(0))).isEqualTo(any);
  }

  private static int crc(byte[] text, int from, int length) {
    CRC32 crc = new CRC32();
    crc.update(text, from, length);
    return (int) crc.getValue();
  }
}
