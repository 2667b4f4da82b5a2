// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import java.nio.charset.StandardCharsets;

/**
 * XML in the layout of the reference: two spaces a level and {@code \n} line ends, or all in one
 * line; no declaration; and five characters of text escaped where XML asks for three (spec §6.4).
 * No StAX writer can be told to do so. For one document and one thread.
 */
final class XmlWriter {
  private static final char REPLACEMENT = '\uFFFD';
  private static final int USUAL_CHARS = 2048;

  private final StringBuilder out = new StringBuilder(USUAL_CHARS);
  private final boolean isIndented;
  private int depth;
  private boolean hasBegun;

  XmlWriter(boolean isIndented) {
    this.isIndented = isIndented;
  }

  /** Opens an element that will hold elements. */
  void open(String name) {
    newLine();
    out.append('<').append(name).append('>');
    depth++;
  }

  /** Opens an element that will hold elements; the value of its attribute is plain. */
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

  /** Writes an element that holds text. */
  void element(String name, String text) {
    newLine();
    out.append('<').append(name).append('>');
    text(text);
    end(name);
  }

  /** Writes an element that holds text; the value of its attribute is plain. */
  void element(String name, String attribute, String value, String text) {
    newLine();
    out.append('<').append(name);
    attribute(attribute, value);
    out.append('>');
    text(text);
    end(name);
  }

  /** Writes an element that holds nothing; the value of its attribute is plain. */
  void empty(String name, String attribute, String value) {
    newLine();
    out.append('<').append(name);
    attribute(attribute, value);
    out.append("/>");
  }

  /** Forgets the text so far; what follows is written as it would be behind it. */
  void cut() {
    out.setLength(0);
  }

  /** Returns the text since the last cut. */
  byte[] toBytes() {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void newLine() {
    if (isIndented && hasBegun) {
      out.append('\n');
      for (int level = 0; level < depth; level++) {
        out.append("  ");
      }
    }
    hasBegun = true;
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
        default -> uncommon(c);
      }
    }
  }

  /**
   * Writes a character that has no name. Some no XML document may hold, not even as a reference
   * (XML 1.0 §2.2): the reference writes those all the same, and no client can read the answer.
   */
  private void uncommon(char c) {
    if (c < ' ' || c == '\uFFFE' || c == '\uFFFF') {
      out.append(REPLACEMENT);
    } else if (Character.isISOControl(c)) {
      out.append("&#x").append(Integer.toHexString(c)).append(';');
    } else {
      out.append(c);
    }
  }
}
