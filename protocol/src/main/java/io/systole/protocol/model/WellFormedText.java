// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text that every encoding can carry. */
final class WellFormedText {
  private static final char REPLACEMENT = '\uFFFD';

  /** An estimate of what a string takes beside its characters, some of which are shared. */
  static final int OVERHEAD_BYTES = 24;

  private WellFormedText() {}

  /**
   * Returns an estimate of the bytes that a text takes: those of its UTF-8 form, or of its
   * characters in memory if these are more, and {@link #OVERHEAD_BYTES}. 0 for null.
   */
  static int sizeBytes(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int utf8Bytes = 0;
    boolean isWide = false;
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      isWide |= c > 0xFF;
      // Each half of a surrogate pair counts two of its four bytes.
      utf8Bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return OVERHEAD_BYTES + Math.max(utf8Bytes, isWide ? 2 * text.length() : 0);
  }

  /** Returns the sum of {@link #sizeBytes(String)} over all keys and values. */
  static int sizeBytes(Map<String, String> texts) {
    int sum = 0;
    for (Map.Entry<String, String> entry : texts.entrySet()) {
      sum += sizeBytes(entry.getKey()) + sizeBytes(entry.getValue());
    }
    return sum;
  }

  /** As {@link #wellFormed(String)}; null stays null. */
  static @Nullable String wellFormedOrNull(@Nullable String text) {
    return text == null ? null : wellFormed(text);
  }

  /**
   * Returns the text with each lone surrogate replaced. JSON can escape one, UTF-8 cannot carry it,
   * and one such instance would make the whole registry impossible to encode.
   */
  static String wellFormed(String text) {
    for (int index = 0; index < text.length(); index++) {
      if (Character.isSurrogate(text.charAt(index))) {
        return replaceLoneSurrogates(text);
      }
    }
    return text;
  }

  private static String replaceLoneSurrogates(String text) {
    StringBuilder whole = new StringBuilder(text.length());
    text.codePoints()
        .map(point -> Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point)
        .forEach(whole::appendCodePoint);
    return whole.toString();
  }
}
