// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bounded, lossy cache that deduplicates short strings and small maps. The instances of an
 * application repeat its name, its virtual host names and most of their metadata. Thread-safe.
 */
public final class StringInterner {
  /*
   * All threads read and write all slots in plain mode. Strings and maps may be published by a data
   * race, since their fields are final. A lost update costs one duplicate object; results are always
   * equal to the argument. Hash codes decide only whether a string is cached.
   */

  /** A power of two; the cached strings take at most about 1.5 MB. */
  private static final int SLOTS = 1 << 14;

  /** Longer text is rarely repeated. */
  private static final int CHARS_MAX = 32;

  /** A power of two; the cached maps take at most about 6 MB, usually a tenth of it. */
  private static final int MAP_SLOTS = 1 << 12;

  /** Larger maps are rarely repeated. */
  private static final int MAP_ENTRIES_MAX = 8;

  private static final int MAP_CHARS_MAX = 256;

  private final @Nullable String[] slots = new @Nullable String[SLOTS];
  private final @Nullable StringMap[] mapSlots = new @Nullable StringMap[MAP_SLOTS];

  /** The hash codes of the last decoded strings; only a repeated one is cached. */
  private final int[] decodedHashes = new int[SLOTS];

  /** Creates an interner with an empty cache. */
  public StringInterner() {}

  /** Returns the text or an equal cached one. */
  public String intern(String text) {
    if (text.length() > CHARS_MAX) {
      return text;
    }
    int slot = slot(text.hashCode(), SLOTS);
    String cached = slots[slot];
    if (text.equals(cached)) {
      return cached;
    }
    slots[slot] = text;
    return text;
  }

  /**
   * Returns the decoded text or an equal cached one, which for ASCII allocates nothing. Text is
   * cached when it is decoded for the second time, so that unique text does not replace repeated
   * text.
   *
   * @param utf8 contains the text at {@code from}, {@code length} bytes; not retained
   */
  public String intern(byte[] utf8, int from, int length) {
    if (length > CHARS_MAX) {
      return new String(utf8, from, length, StandardCharsets.UTF_8);
    }
    // The hash code of a String, if it is ASCII.
    int hash = 0;
    for (int index = from; index < from + length; index++) {
      hash = 31 * hash + utf8[index];
    }
    int slot = slot(hash, SLOTS);
    String cached = slots[slot];
    if (cached != null && isAsciiOf(cached, utf8, from, length)) {
      return cached;
    }
    String text = new String(utf8, from, length, StandardCharsets.UTF_8);
    boolean isRepeated = decodedHashes[slot] == hash;
    decodedHashes[slot] = hash;
    return isRepeated ? intern(text) : text;
  }

  /** Returns an immutable copy with the same order, or a cached one. */
  public Map<String, String> intern(Map<String, String> entries) {
    Map<String, String> copy = StringMap.copyOf(entries);
    if (!(copy instanceof StringMap map) || isLarge(map)) {
      return copy;
    }
    int slot = slot(map.orderedHashCode(), MAP_SLOTS);
    StringMap cached = mapSlots[slot];
    if (map.isSameInOrder(cached)) {
      return cached;
    }
    mapSlots[slot] = map;
    return map;
  }

  /** Returns whether the bytes are ASCII and equal to the text. */
  private static boolean isAsciiOf(String text, byte[] bytes, int from, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int index = 0; index < length; index++) {
      // A byte above 127 is negative and equals no character.
      if (text.charAt(index) != bytes[from + index]) {
        return false;
      }
    }
    return true;
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
