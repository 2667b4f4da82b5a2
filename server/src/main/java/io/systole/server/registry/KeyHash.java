// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Hashes key bytes eight at a time by multiply-and-fold. The seed is drawn anew in every process,
 * so that nobody outside can register ids that all fall into one bin.
 */
final class KeyHash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Odd constants with well-spread bits: the fractional parts of the golden ratio and of pi. */
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

  private static final long FINISH = 0x243F_6A88_85A3_08D3L;

  private static final long SEED = new SecureRandom().nextLong();

  private KeyHash() {}

  static int of(byte[] bytes, int from, int length) {
    long state = SEED ^ (length * SPREAD);
    int at = from;
    int end = from + length;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      state = fold(state ^ (long) LONGS.get(bytes, at), SPREAD);
    }
    if (at < end) {
      state = fold(state ^ tail(bytes, at, end, length), SPREAD);
    }
    return (int) fold(state, FINISH);
  }

  /** The last one to seven bytes: an overlapping word where there is one, else byte by byte. */
  private static long tail(byte[] bytes, int at, int end, int length) {
    if (length >= Long.BYTES) {
      return (long) LONGS.get(bytes, end - Long.BYTES);
    }
    long word = 0;
    for (int i = end - 1; i >= at; i--) {
      word = (word << 8) | (bytes[i] & 0xFF);
    }
    return word;
  }

  private static long fold(long a, long b) {
    return (a * b) ^ Math.multiplyHigh(a, b);
  }
}
