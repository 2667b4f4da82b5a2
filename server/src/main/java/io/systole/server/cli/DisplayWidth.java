// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.lang.Character.UnicodeScript;

/** The columns that text takes on a terminal. */
final class DisplayWidth {
  private static final int EMOJI_FIRST = 0x1f300;
  private static final int EMOJI_LAST = 0x1faff;
  private static final int FULLWIDTH_FIRST = 0xff01;
  private static final int FULLWIDTH_LAST = 0xff60;

  private DisplayWidth() {}

  /** Returns the width of escaped text. */
  static int of(String text) {
    return text.codePoints().map(DisplayWidth::of).sum();
  }

  private static int of(int codePoint) {
    if (codePoint <= '~') {
      return 1;
    }
    int type = Character.getType(codePoint);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean isWide = (codePoint >= EMOJI_FIRST && codePoint <= EMOJI_LAST)
        || (codePoint >= FULLWIDTH_FIRST && codePoint <= FULLWIDTH_LAST)
        || switch (UnicodeScript.of(codePoint)) {
          case HAN, HIRAGANA, KATAKANA, HANGUL -> true;
          default -> false;
        };
    return isWide ? 2 : 1;
  }

  /** Returns text of at most the width; shortened text ends with the mark, of width 1. */
  static String truncate(String text, int width, String mark) {
    if (of(text) <= width) {
      return text;
    }
    int end = 0;
    int used = 0;
    while (end < text.length()) {
      int next = text.codePointAt(end);
      if (used + of(next) > width - 1) {
        break;
      }
      used += of(next);
      end += Character.charCount(next);
    }
    return text.substring(0, end) + mark;
  }
}
