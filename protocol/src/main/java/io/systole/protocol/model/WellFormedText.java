// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Replaces lone surrogates and estimates the size of text. */
final class WellFormedText {
  private static final char REPLACEMENT = '\uFFFD';

  /** An estimate of the bytes of a string besides its characters; some strings are shared. */
  static final int OVERHEAD_BYTES = 24;

  private WellFormedText() {}

  /**
   * Returns an estimate of the size of a string: its bytes in UTF-8 or its characters in memory,
   * whichever is more, plus {@link #OVERHEAD_BYTES}. 0 for null.
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
      // Each surrogate of a pair counts two of its four bytes.
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

  /** Returns {@link #wellFormed(String)}, or null for null. */
  static @Nullable String wellFormedOrNull(@Nullable String text) {
    return text == null ? null : wellFormed(text);
  }

  /**
   * Returns the text with each lone surrogate replaced by U+FFFD. JSON can escape lone surrogates
   * but UTF-8 cannot encode them, and one such instance would make the whole registry impossible to
   * encode.
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
