// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import java.nio.charset.StandardCharsets;

/**
 * A writer of XML in the layout of the reference, which no StAX writer can produce: two spaces per
 * level and {@code \n} line ends, or a single line; no declaration; five characters of text escaped
 * where XML requires three (spec §6.4). For one document. Not thread-safe.
 */
final class XmlWriter {
  private static final char REPLACEMENT = '\uFFFD';
  private static final int TYPICAL_CHARS = 2048;

  private final StringBuilder out = new StringBuilder(TYPICAL_CHARS);
  private final boolean isIndented;
  private int depth;
  private boolean hasOutput;

  XmlWriter(boolean isIndented) {
    this.isIndented = isIndented;
  }

  /** Opens an element with child elements. */
  void open(String name) {
    newLine();
    out.append('<').append(name).append('>');
    depth++;
  }

  /** Opens an element with child elements; the attribute value is not escaped. */
  void open(String name, String attribute, String value) {
    newLine();
    out.append('<').append(name);
    attribute(attribute, value);
    out.append('>');
    depth++;
  }

  void close(String name) {
    depth--;
    newLine();
    end(name);
  }

  /** Writes an element with text. */
  void element(String name, String text) {
    newLine();
    out.append('<').append(name).append('>');
    text(text);
    end(name);
  }

  /** Writes an element with text; the attribute value is not escaped. */
  void element(String name, String attribute, String value, String text) {
    newLine();
    out.append('<').append(name);
    attribute(attribute, value);
    out.append('>');
    text(text);
    end(name);
  }

  /** Writes an empty element; the attribute value is not escaped. */
  void empty(String name, String attribute, String value) {
    newLine();
    out.append('<').append(name);
    attribute(attribute, value);
    out.append("/>");
  }

  /** Discards the output so far, but keeps the nesting. */
  void discard() {
    out.setLength(0);
  }

  /** Returns the output since the last {@link #discard}. */
  byte[] toBytes() {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void newLine() {
    if (isIndented && hasOutput) {
      out.append('\n');
      for (int level = 0; level < depth; level++) {
        out.append("  ");
      }
    }
    hasOutput = true;
  }

  private void attribute(String name, String value) {
    out.append(' ').append(name).append("=\"").append(value).append('"');
  }

  private void end(String name) {
    out.append("</").append(name).append('>');
  }

  private void text(String text) {
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&apos;");
        case '\r' -> out.append("&#xd;");
        case '\t', '\n' -> out.append(c);
        default -> character(c);
      }
    }
  }

  /**
   * Writes a character without a predefined entity. Characters that XML does not allow, even as a
   * character reference (XML 1.0 §2.2), are replaced. The reference writes them, and no client can
   * read such a response.
   */
  private void character(char c) {
    if (c < ' ' || c == '\uFFFE' || c == '\uFFFF') {
      out.append(REPLACEMENT);
    } else if (Character.isISOControl(c)) {
      out.append("&#x").append(Integer.toHexString(c)).append(';');
    } else {
      out.append(c);
    }
  }
}
