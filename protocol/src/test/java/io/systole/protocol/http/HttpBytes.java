// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.charset.StandardCharsets;

/** Conversions between ISO-8859-1 text and bytes. */
final class HttpBytes {
  private HttpBytes() {}

  /** Returns one byte per character. */
  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String latin(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
