// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import io.systole.protocol.model.StringMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Equal short text as one object, and equal small maps of it, as far as they are remembered. The
 * instances of an application repeat its name, its virtual names and most metadata, and a registry
 * holds a million of them.
 */
final class StringInterner {
  /*
   * Any thread reads and writes any slot, plainly. A string and a map are safe to pass by a race,
   * for their fields are final; a slot overwritten by another costs one object, never a wrong
   * answer.
   */

  /** A power of two; what is remembered takes at most some 1.5 MB. */
  private static final int SLOTS = 1 << 14;

  /** Longer text is rarely repeated. */
  private static final int CHARS_MAX = 32;

  /** A power of two; what is remembered takes at most some 6 MB, and usually a tenth of it. */
  private static final int MAP_SLOTS = 1 << 12;

  /** Larger maps are rarely repeated. */
  private static final int MAP_ENTRIES_MAX = 8;

  private static final int MAP_CHARS_MAX = 256;

  private final @Nullable String[] slots = new @Nullable String[SLOTS];
  private final @Nullable StringMap[] mapSlots = new @Nullable StringMap[MAP_SLOTS];

  /** Returns the text, or an equal one that was seen before. */
  String of(String text) {
    if (text.length() > CHARS_MAX) {
      return text;
    }
    int slot = slot(text.hashCode(), SLOTS);
    String held = slots[slot];
    if (text.equals(held)) {
      return held;
    }
    slots[slot] = text;
    return text;
  }

  /** Returns an immutable copy, or one that was seen before, of the same entries in their order. */
  Map<String, String> of(Map<String, String> entries) {
    Map<String, String> copy = StringMap.copyOf(entries);
    if (!(copy instanceof StringMap map) || isLarge(map)) {
      return copy;
    }
    int slot = slot(map.orderedHashCode(), MAP_SLOTS);
    StringMap held = mapSlots[slot];
    if (map.isSameInOrder(held)) {
      return held;
    }
    mapSlots[slot] = map;
    return map;
  }

  private static boolean isLarge(Map<String, String> map) {
    if (map.size() > MAP_ENTRIES_MAX) {
      return true;
    }
    int chars = 0;
    for (Map.Entry<String, String> entry : map.entrySet()) {
      chars += entry.getKey().length() + entry.getValue().length();
    }
    return chars > MAP_CHARS_MAX;
  }

  private static int slot(int hash, int slots) {
    return (hash ^ (hash >>> 16)) & (slots - 1);
  }
}
