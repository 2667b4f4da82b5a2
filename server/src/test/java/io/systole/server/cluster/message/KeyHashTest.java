// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Members of all versions must compute the same hashes. */
class KeyHashTest {
  private static final long SEED = 20_261_122;

  @ParameterizedTest
  @CsvSource({
    "A, i, c7702fe3d50ce554",
    "ORDERS, host-1:orders:8080, a1d4e0f42a904226",
    "ÖRDERS, 漢字😀, 6f7f1637b500001e",
  })
  void of_aKey_isItsHashInAllVersions(String app, String id, String hash) {
    assertThat(Long.toHexString(KeyHash.of(app, id))).isEqualTo(hash);
  }

  @Test
  void of_textMovedBetweenAppAndId_differs() {
    assertThat(KeyHash.of("AB", "C")).isNotEqualTo(KeyHash.of("A", "BC"));
  }

  /** With even buckets, 1,000 keys deviate by more than 6 sigma, 190, once in 500,000,000. */
  @Test
  void bucket_consecutiveIds_areEven() {
    int[] counts = new int[KeyHash.BUCKETS];
    for (int i = 0; i < 1_000 * KeyHash.BUCKETS; i++) {
      counts[KeyHash.bucket(KeyHash.of("ORDERS", "host-" + i + ":orders:8080"))]++;
    }

    assertThat(counts).satisfies(all -> {
      for (int count : all) {
        assertThat(count).isBetween(810, 1_190);
      }
    });
  }

  /** Changing any one bit of a character changes each bit of the hash half of the time. */
  @Test
  void of_oneBitChanged_changesHalfOfTheBits() {
    Random random = new Random(SEED);
    int[] changes = new int[Long.SIZE];
    int samples = 20_000;
    for (int i = 0; i < samples; i++) {
      String id = "host-" + random.nextInt(1_000_000);
      char[] changed = id.toCharArray();
      changed[random.nextInt(changed.length)] ^= (char) (1 << random.nextInt(7));
      long difference = KeyHash.of("A", id) ^ KeyHash.of("A", new String(changed));
      for (int bit = 0; bit < Long.SIZE; bit++) {
        changes[bit] += (int) (difference >>> bit & 1);
      }
    }

    for (int change : changes) {
      assertThat(change / (double) samples).as("seed %d", SEED).isBetween(0.48, 0.52);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, 0, 0, 0, 1e5843147de7bda8",
    "1, 2, 3, 4, 5, 6, 3e334664e84d657b",
    "-1, 1700000000000, 111411200000000000, -5, 0, 0, 8ad18aa11ed56d7b",
  })
  void entryHash_ofStamps_isTheSameInAllVersions(
      long keyHash, long rank, long hlc, long owner, long overrideHlc, long member, String hash) {
    assertThat(Long.toHexString(EntryHash.of(keyHash, rank, hlc, owner, overrideHlc, member)))
        .isEqualTo(hash);
    OverrideStamp override = overrideHlc == 0 ? null : new OverrideStamp(overrideHlc, member);
    assertThat(Long.toHexString(EntryHash.of(keyHash, new RecordStamp(rank, hlc, owner), override)))
        .isEqualTo(hash);
  }

  @Test
  void entryHash_anyMemberChanged_differs() {
    long hash = EntryHash.of(1, 2, 3, 4, 5, 6);

    assertThat(new long[] {
          EntryHash.of(2, 1, 3, 4, 5, 6),
          EntryHash.of(1, 3, 2, 4, 5, 6),
          EntryHash.of(1, 2, 4, 3, 5, 6),
          EntryHash.of(1, 2, 3, 5, 4, 6),
          EntryHash.of(1, 2, 3, 4, 6, 5),
          EntryHash.of(1, 2, 3, 4, 0, 0)
        })
        .doesNotContain(hash)
        .doesNotHaveDuplicates();
  }
}
