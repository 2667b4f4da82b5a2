// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.renewal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeSet;

/** Frames for tests: valid ones by a seed, and the checks that hold for any bytes. */
final class RenewalFrames {
  private RenewalFrames() {}

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** Returns the keys of handles of several generations, dense and sparse, in ascending order. */
  static long[] keys(Random random) {
    TreeSet<Long> keys = new TreeSet<>();
    for (int sections = 1 + random.nextInt(4); sections > 0; sections--) {
      int generation = random.nextInt() >>> (1 + random.nextInt(31));
      int slotBits = 3 + random.nextInt(29);
      for (int slots = 1 + random.nextInt(2_000); slots > 0; slots--) {
        int slot = random.nextInt() >>> 1 & (int) ((1L << Math.min(31, slotBits)) - 1);
        keys.add(new LeaseHandle(0, slot, generation).key());
      }
    }
    return keys.stream().mapToLong(Long::longValue).toArray();
  }

  /** Returns the keys in a frame. */
  static long[] keysOf(RenewalFrame frame) {
    long[] keys = new long[frame.count()];
    int from = 0;
    for (int section = 0; section < frame.sectionCount(); section++) {
      for (int i = from; i < frame.end(section); i++) {
        keys[i] = new LeaseHandle(0, frame.slots()[i], frame.generation(section)).key();
      }
      from = frame.end(section);
    }
    return keys;
  }

  /**
   * Returns whether the bytes are refused as a frame.
   *
   * @throws AssertionError if they are not, but differ when encoded and decoded again
   */
  static boolean isRefused(byte[] bytes) {
    RenewalFrame frame = new RenewalFrame();
    try {
      frame.decode(bytes);
    } catch (MalformedRenewalsException refusal) {
      return true;
    }
    long[] keys = keysOf(frame);
    assertThat(keys).hasSizeBetween(1, RenewalFrame.RENEWALS_MAX);
    for (int i = 0; i < keys.length; i++) {
      assertThat(keys[i]).isGreaterThan(i == 0 ? -1 : keys[i - 1]);
    }
    RenewalFrame again = new RenewalFrame();
    byte[] encoded = RenewalFrameEncoder.encode(frame.epoch(), keys, keys.length);
    assertThat(encoded.length).isLessThanOrEqualTo(RenewalFrame.BYTES_MAX);
    try {
      again.decode(encoded);
    } catch (MalformedRenewalsException refusal) {
      throw new AssertionError(HexFormat.of().formatHex(encoded), refusal);
    }
    assertThat(again.epoch()).isEqualTo(frame.epoch());
    assertThat(keysOf(again)).isEqualTo(keys);
    return false;
  }

  /** Returns whether the bytes are refused as the response to a frame of this many leases. */
  static boolean isResponseRefused(byte[] bytes, int count) {
    int[] positions;
    try {
      positions = RenewalFrame.refusedPositions(bytes, count);
    } catch (MalformedRenewalsException refusal) {
      return true;
    }
    for (int i = 0; i < positions.length; i++) {
      assertThat(positions[i]).isBetween(i == 0 ? 0 : positions[i - 1] + 1, count - 1);
    }
    return false;
  }

  /** Returns a copy with some bytes changed, removed or repeated. */
  static byte[] mutant(byte[] frame, Random random) {
    byte[] mutant = frame.clone();
    for (int edits = 1 + random.nextInt(3); edits > 0 && mutant.length > 0; edits--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(mutant.length, 24) : mutant.length);
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] = (byte) random.nextInt();
        case 1 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutant[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        default -> mutant = Arrays.copyOf(mutant, at);
      }
    }
    return mutant;
  }
}
