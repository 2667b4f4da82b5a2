// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** A strict decoder of percent-encoded UTF-8, RFC 3986 §2.1. */
final class PercentDecoding {
  private PercentDecoding() {}

  /**
   * Returns the decoded text of {@code bytes[from, to)}.
   *
   * @param origin index that the offset of an exception counts from
   * @param plusIsSpace whether '+' is a space, as in a form-encoded query
   * @throws HttpParseException 400 for an incomplete escape, for U+0000, for invalid UTF-8
   */
  static String decode(byte[] bytes, int from, int to, int origin, boolean plusIsSpace)
      throws HttpParseException {
    for (int at = from; at < to; at++) {
      byte b = bytes[at];
      if (b <= 0 || b == '%' || (b == '+' && plusIsSpace)) {
        return decodeEscapes(bytes, from, to, origin, plusIsSpace);
      }
    }
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static String decodeEscapes(
      byte[] bytes, int from, int to, int origin, boolean plusIsSpace) throws HttpParseException {
    byte[] decoded = new byte[to - from];
    int size = 0;
    int at = from;
    while (at < to) {
      byte b = bytes[at];
      if (b == '%') {
        b = escape(bytes, at, to, origin);
        at += 2;
      } else if (b == '+' && plusIsSpace) {
        b = ' ';
      }
      at++;
      if (b == 0) {
        throw new HttpParseException(400, "expected text, got U+0000", from - origin);
      }
      decoded[size++] = b;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(decoded, 0, size))
          .toString();
    } catch (CharacterCodingException e) {
      throw new HttpParseException(400, "expected UTF-8 after percent-decoding", from - origin);
    }
  }

  private static byte escape(byte[] bytes, int at, int to, int origin) throws HttpParseException {
    int high = to - at > 2 ? Ascii.hexDigit(bytes[at + 1]) : -1;
    int low = to - at > 2 ? Ascii.hexDigit(bytes[at + 2]) : -1;
    if (high < 0 || low < 0) {
      throw new HttpParseException(400, "expected two hexadecimal digits after '%'", at - origin);
    }
    return (byte) (high << 4 | low);
  }
}
