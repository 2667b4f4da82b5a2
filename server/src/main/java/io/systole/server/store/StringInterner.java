// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Equal short text as one object, as far as it is remembered: a registry of a million instances
 * repeats names, and takes no more room restored than registered. For one thread.
 */
final class StringInterner {
  /** A power of two. */
  private static final int SLOTS = 1 << 14;

  /** Longer text is rarely repeated. */
  private static final int BYTES_MAX = 32;

  /** Hashes of the texts that were seen last: only what is seen again is remembered. */
  private final int[] hashes = new int[SLOTS];

  private final byte[] @Nullable [] keys = new byte[SLOTS] @Nullable [];
  private final @Nullable String[] texts = new @Nullable String[SLOTS];

  String of(byte[] bytes, int from, int length) {
    if (length > BYTES_MAX) {
      return new String(bytes, from, length, StandardCharsets.UTF_8);
    }
    int hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    byte[] key = keys[slot];
    String held = texts[slot];
    if (key != null
        && held != null
        && Arrays.equals(key, 0, key.length, bytes, from, from + length)) {
      return held;
    }
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    if (hashes[slot] == hash) {
      keys[slot] = Arrays.copyOfRange(bytes, from, from + length);
      texts[slot] = text;
    }
    hashes[slot] = hash;
    return text;
  }
}
