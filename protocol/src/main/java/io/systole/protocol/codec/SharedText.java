// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import org.jspecify.annotations.Nullable;

/**
 * Equal short text as one object, as far as it is remembered. The instances of an application
 * repeat its name, its virtual names and most metadata, and a registry holds a million of them.
 */
final class SharedText {
  /*
   * Any thread reads and writes any slot, plainly. A string is safe to pass by a race, for its
   * fields are final; a slot overwritten by another text costs one object, never a wrong answer.
   */

  /** A power of two; what is remembered takes at most some 1.5 MB. */
  private static final int SLOTS = 1 << 14;

  /** Longer text is rarely repeated. */
  private static final int CHARS_MAX = 32;

  private final @Nullable String[] slots = new @Nullable String[SLOTS];

  /** Returns the text, or an equal one that was seen before. */
  String of(String text) {
    if (text.length() > CHARS_MAX) {
      return text;
    }
    int hash = text.hashCode();
    int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    String held = slots[slot];
    if (text.equals(held)) {
      return held;
    }
    slots[slot] = text;
    return text;
  }
}
