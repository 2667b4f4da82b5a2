// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import io.systole.protocol.model.EscapedText;
import java.util.ArrayList;
import java.util.List;

/** Escaped sentences, broken between words to fit a width; a longer word has a line of its own. */
final class WrappedText {
  /** Narrower text would be harder to read than text that the terminal breaks. */
  private static final int WIDTH_MIN = 20;

  private WrappedText() {}

  /** Returns the lines of a text, at least one. */
  static List<String> lines(String text, int width) {
    return lines("", text, width);
  }

  /** Returns the lines of a text after its label, under which they are indented. */
  static List<String> lines(String label, String text, int width) {
    int labelWidth = DisplayWidth.of(label);
    int rest = Math.max(WIDTH_MIN, width - labelWidth);
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder(label);
    int used = 0;
    for (String word : EscapedText.line(text).split(" ", -1)) {
      int wordWidth = DisplayWidth.of(word);
      if (used > 0 && used + 1 + wordWidth > rest) {
        lines.add(line.toString().stripTrailing());
        line.setLength(0);
        line.append(" ".repeat(labelWidth));
        used = 0;
      }
      if (used > 0) {
        line.append(' ');
        used++;
      }
      line.append(word);
      used += wordWidth;
    }
    lines.add(line.toString().stripTrailing());
    return lines;
  }
}
