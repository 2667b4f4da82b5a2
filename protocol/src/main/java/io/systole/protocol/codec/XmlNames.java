// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import com.ctc.wstx.util.XmlChars;

/**
 * The encoding of arbitrary text as XML element names (spec §6.4):
 *
 * <pre>
 *   _  is  __       $  is  _-       other characters  are  _.XXXX  (UTF-16, hexadecimal)
 * </pre>
 *
 * <p>Valid names are those of XML 1.0 up to its fourth edition, which every parser accepts. Names
 * that only the fifth edition allows are escaped.
 */
final class XmlNames {
  private static final int HEX_DIGITS = 4;

  private XmlNames() {}

  /** Returns the element name of a text, which must not be empty. */
  static String escape(String text) {
    StringBuilder name = new StringBuilder(text.length() + HEX_DIGITS);
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      if (c == '_') {
        name.append("__");
      } else if (c == '$') {
        name.append("_-");
      } else if (isNameChar(c, index == 0)) {
        name.append(c);
      } else {
        name.append("_.");
        String hex = Integer.toHexString(c);
        name.append("0".repeat(HEX_DIGITS - hex.length())).append(hex);
      }
    }
    return name.toString();
  }

  /** Returns the text of an element name; an underscore that does not begin an escape is kept. */
  static String unescape(String name) {
    if (name.indexOf('_') < 0) {
      return name;
    }
    StringBuilder text = new StringBuilder(name.length());
    int index = 0;
    while (index < name.length()) {
      char c = name.charAt(index++);
      char kind = c == '_' && index < name.length() ? name.charAt(index) : 0;
      if (kind == '_' || kind == '-') {
        text.append(kind == '_' ? '_' : '$');
        index++;
      } else if (kind == '.' && isHex(name, index + 1)) {
        text.append((char) Integer.parseInt(name, index + 1, index + 1 + HEX_DIGITS, 16));
        index += 1 + HEX_DIGITS;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  private static boolean isNameChar(char c, boolean isFirst) {
    if (c < 0x80) {
      boolean isNameStart = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':';
      return isNameStart || (!isFirst && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
    }
    // StAX accepts surrogates, but other parsers and the reference do not.
    if (Character.isSurrogate(c)) {
      return false;
    }
    return isFirst ? XmlChars.is10NameStartChar(c) : XmlChars.is10NameChar(c);
  }

  private static boolean isHex(String name, int from) {
    if (from + HEX_DIGITS > name.length()) {
      return false;
    }
    for (int index = from; index < from + HEX_DIGITS; index++) {
      if (Character.digit(name.charAt(index), 16) < 0) {
        return false;
      }
    }
    return true;
  }
}
