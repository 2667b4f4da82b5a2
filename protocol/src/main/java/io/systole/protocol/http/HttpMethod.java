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

  private static final int NAME_BYTES_MAX = 7;

  /* A method name and the space after it as the low bytes of a little-endian word. */
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
   * Returns the method whose name and space are the low bytes of the little-endian {@code word}, or
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

  /**
   * Parses any method but CONNECT and the space after it; RFC 9112 §3 and §3.1.
   *
   * @param head start of the head, to which the offset of an exception is relative
   * @param start start of the method
   * @return the method, or null if the space has not been received
   */
  static @Nullable HttpMethod parse(byte[] bytes, int start, int head, int limit)
      throws HttpParseException {
    int at = start;
    while (at < limit && Ascii.isToken(bytes[at])) {
      if (at - start == NAME_BYTES_MAX) {
        // RFC 9112 §3: 501 for a method longer than any implemented one.
        throw notImplemented(start - head);
      }
      at++;
    }
    if (at == limit || bytes[start] == '\r') {
      return null; // A lone CR awaits its LF.
    }
    if (at == start || bytes[at] != ' ') {
      throw HttpParseException.badByte("a method and one SP", bytes[at], at - head);
    }
    HttpMethod method = named(bytes, start, at);
    if (method == null || method == CONNECT) {
      throw notImplemented(start - head);
    }
    return method;
  }

  private static @Nullable HttpMethod named(byte[] bytes, int from, int to) {
    for (HttpMethod method : ALL) {
      if (Ascii.equalsExactly(bytes, from, to, method.name())) {
        return method;
      }
    }
    return null;
  }

  private static HttpParseException notImplemented(int offset) {
    return new HttpParseException(
        501, "expected GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH or TRACE", offset);
  }
}
