// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Malformed messages are refused in time and without other exceptions. */
@Tag("randomized")
@Timeout(600)
class HostileMessagesTest {
  private static final long SEED = 20_261_122;
  private static final int MUTATIONS = Repetitions.of(50_000);

  private final HostileMessages messages = new HostileMessages();

  @Test
  void decode_valid_isAccepted() {
    for (byte[] message : HostileMessages.valid(SEED)) {
      assertThat(isRefused(message)).isFalse();
    }
  }

  @Test
  void decode_truncatedAnywhere_isRefused() {
    for (byte[] message : HostileMessages.valid(SEED)) {
      for (int length = 0; length < message.length; length++) {
        assertThat(isRefused(Arrays.copyOf(message, length)))
            .as("first %d of %d bytes of kind %d", length, message.length, message[0])
            .isTrue();
      }
    }
  }

  @Test
  void decode_mutated_isRefusedOrCanBeEncoded() {
    List<byte[]> valid = HostileMessages.valid(SEED);
    Random random = new Random(SEED);
    int refused = 0;

    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutant = HostileMessages.mutant(valid.get(i % valid.size()), random);
      refused += isRefused(mutant) ? 1 : 0;
    }

    assertThat(refused).as("seed %d", SEED).isBetween(MUTATIONS / 4, MUTATIONS - 1);
  }

  /** Counts and lengths far beyond the bytes, which must not be allocated. */
  @Test
  void decode_claimsOfTwoGigabytes_areRefused() {
    for (String content : List.of(
        "0201ffffffff07",
        "020100ffffffff07",
        "0201000103008080808008",
        "0501" + "00".repeat(9) + "ffffffff07",
        "0301" + "00".repeat(8) + "ffff" + "00".repeat(9) + "7fffffff")) {
      assertThat(isRefused(HexFormat.of().parseHex(content))).as(content).isTrue();
    }
  }

  private boolean isRefused(byte[] bytes) {
    try {
      return messages.isRefused(bytes);
    } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError failure) {
      throw new AssertionError("seed " + SEED + ": " + HexFormat.of().formatHex(bytes), failure);
    }
  }
}
