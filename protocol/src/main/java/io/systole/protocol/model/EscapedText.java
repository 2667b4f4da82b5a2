// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

/**
 * Escapes untrusted text for logs and terminals, so that it stays on one line, keeps its order and
 * contains no control sequences.
 *
 * <p>Characters that move, hide or reorder other text are written as <code>&#92;uXXXX</code> :
 * control characters (C0, DEL, C1), line and paragraph separators, format characters such as bidi
 * marks and zero-width joiners, spaces other than U+0020, unpaired surrogates, and characters of
 * private use or without assignment.
 */
public final class EscapedText {
  private static final String HEX = "0123456789abcdef";

  private EscapedText() {}

  /**
   * Returns the text as one token of a log line, with the characters above escaped. Text that is
   * empty or contains a space, {@code "}, {@code =} or {@code \} is also enclosed in double quotes,
   * in which {@code "} and {@code \} are escaped by {@code \}.
   */
  public static String token(String text) {
    boolean isQuoted = text.isEmpty();
    boolean isEscaped = false;
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      isQuoted |= next == ' ' || next == '"' || next == '=' || next == '\\';
      isEscaped |= next < ' ' || next > '~';
    }
    if (!isQuoted && !isEscaped) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    append(text, isQuoted, out);
    return isQuoted ? out.insert(0, '"').append('"').toString() : out.toString();
  }

  /** Returns the text for the end of a log line, with the characters above escaped. */
  public static String line(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    append(text, false, out);
    return out.toString();
  }

  /**
   * Returns an equivalent JSON document without characters to escape. Such characters, like line
   * breaks, must not occur outside strings in the given document.
   */
  public static String json(String json) {
    return line(json);
  }

  /** Returns the text as a JSON string, including its quotes. */
  public static String jsonString(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16).append('"');
    append(text, true, out);
    return out.append('"').toString();
  }

  private static void append(String text, boolean isQuoted, StringBuilder out) {
    for (int i = 0; i < text.length(); ) {
      int next = text.codePointAt(i);
      int chars = Character.charCount(next);
      if (isUnsafe(next)) {
        for (int j = i; j < i + chars; j++) {
          appendUnit(text.charAt(j), out);
        }
      } else {
        if (isQuoted && (next == '"' || next == '\\')) {
          out.append('\\');
        }
        out.appendCodePoint(next);
      }
      i += chars;
    }
  }

  private static boolean isUnsafe(int codePoint) {
    if (codePoint >= ' ' && codePoint <= '~') {
      return false;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED -> true;
      default -> false;
    };
  }

  private static void appendUnit(char unit, StringBuilder out) {
    out.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.append(HEX.charAt(unit >> shift & 0xf));
    }
  }
}
