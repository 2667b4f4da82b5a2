// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import org.jspecify.annotations.Nullable;

/** Text that every encoding can carry. */
final class Text {
  private static final char REPLACEMENT = '\uFFFD';

  private Text() {}

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
