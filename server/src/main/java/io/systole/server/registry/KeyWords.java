// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads bytes of a key as little-endian words. */
final class KeyWords {
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private KeyWords() {}

  /** Returns up to eight bytes as a word, padded with zeros beyond {@code left}. */
  static long word(byte[] bytes, int at, int left) {
    if (left >= Long.BYTES) {
      return (long) WORD.get(bytes, at);
    }
    if (left <= 0) {
      return 0;
    }
    if (at + Long.BYTES <= bytes.length) {
      return (long) WORD.get(bytes, at) & (-1L >>> (Long.SIZE - left * Byte.SIZE));
    }
    long word = 0;
    for (int i = at + left - 1; i >= at; i--) {
      word = (word << Byte.SIZE) | (bytes[i] & 0xFF);
    }
    return word;
  }
}
