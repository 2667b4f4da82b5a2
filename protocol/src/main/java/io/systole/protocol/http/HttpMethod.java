// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import org.jspecify.annotations.Nullable;

/** The request methods of RFC 9110 §9.3 and RFC 5789; their names are case-sensitive. */
public enum HttpMethod {
  GET,
  HEAD,
  POST,
  PUT,
  DELETE,
  OPTIONS,
  PATCH,
  TRACE,
  CONNECT;

  /** Bytes of the longest method name. */
  static final int NAME_BYTES_MAX = 7;

  /* A method name and its blank as the low bytes of a little-endian word. */
  private static final long FOUR_BYTES = 0xFFFF_FFFFL;
  private static final long FIVE_BYTES = 0xFF_FFFF_FFFFL;
  private static final long SEVEN_BYTES = 0xFF_FFFF_FFFF_FFFFL;
  private static final long GET_BLANK = Ascii.wordOf("GET ");
  private static final long PUT_BLANK = Ascii.wordOf("PUT ");
  private static final long POST_BLANK = Ascii.wordOf("POST ");
  private static final long DELETE_BLANK = Ascii.wordOf("DELETE ");

  private static final HttpMethod[] ALL = values();

  private final int nameBytes = name().length();

  /**
   * Returns the method whose name and blank are the low bytes of the little-endian {@code word}, or
   * null. Covers PUT, GET, POST and DELETE only.
   */
  static @Nullable HttpMethod frequent(long word) {
    if ((word & FOUR_BYTES) == PUT_BLANK) {
      return PUT;
    }
    if ((word & FOUR_BYTES) == GET_BLANK) {
      return GET;
    }
    if ((word & FIVE_BYTES) == POST_BLANK) {
      return POST;
    }
    if ((word & SEVEN_BYTES) == DELETE_BLANK) {
      return DELETE;
    }
    return null;
  }

  /** Bytes of the name. */
  int nameBytes() {
    return nameBytes;
  }

  /** Returns the method with exactly this name, or null. */
  static @Nullable HttpMethod named(byte[] bytes, int from, int to) {
    for (HttpMethod method : ALL) {
      if (Ascii.equalsExactly(bytes, from, to, method.name())) {
        return method;
      }
    }
    return null;
  }
}
