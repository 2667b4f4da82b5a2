// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/** A parser of request targets in absolute form, RFC 9112 §3.2.2. */
final class AbsoluteTargetParser {
  private static final String[] SCHEMES = {"http://", "https://"};

  private AbsoluteTargetParser() {}

  /**
   * Sets the authority of {@code head}, and the path to what follows it. This form must be
   * accepted, and its authority replaces Host.
   *
   * @param from start of the head in {@code bytes}, to which positions are relative
   * @param head with a path that spans the target without the query
   */
  static void parse(byte[] bytes, int from, RequestHead head) throws HttpParseException {
    int start = from + head.pathStart;
    int end = from + head.pathEnd;
    int authority = start + schemeSize(bytes, start, end);
    int at = authority;
    if (authority > start && at < end && bytes[at] != ':') {
      at = Authority.findEnd(bytes, authority, end);
    }
    if (at == authority || (at < end && bytes[at] != '/')) {
      // RFC 9110 §4.2.1: an empty host is invalid; §4.2.4: user information is an error.
      throw new HttpParseException(
          400, "expected a target as /path or http://host/path, or * with OPTIONS", at - from);
    }
    head.authorityStart = authority - from;
    head.authorityEnd = at - from;
    if (at < end) {
      head.pathStart = at - from;
    } else {
      // RFC 9110 §4.2.3: an empty path is "/". The last slash of "http://" serves as its bytes.
      head.pathStart = authority - 1 - from;
      head.pathEnd = authority - from;
    }
  }

  /** Returns the bytes of the scheme and its slashes; 0 if it is not http or https. */
  private static int schemeSize(byte[] bytes, int start, int end) {
    for (String scheme : SCHEMES) {
      int size = scheme.length();
      if (end - start >= size && Ascii.equalsIgnoreCase(bytes, start, start + size, scheme)) {
        return size;
      }
    }
    return 0;
  }
}
