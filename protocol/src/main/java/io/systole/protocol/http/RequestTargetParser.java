// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * The forms of a request target, RFC 9112 §3.2: origin-form, absolute-form, and "*" with OPTIONS.
 */
final class RequestTargetParser {
  private static final String[] SCHEMES = {"http://", "https://"};

  private RequestTargetParser() {}

  /**
   * Finds path and query of a complete target of visible ASCII, which ends at the head's block.
   *
   * @param from where the head begins in {@code bytes}; the positions count from there
   * @param target position of the target
   * @param questionMark position of its first question mark, or -1
   */
  static void read(byte[] bytes, int from, int target, int questionMark, RequestHead head)
      throws HttpParseException {
    boolean hasQuery = questionMark != RequestHead.NONE;
    head.authorityStart = RequestHead.NONE;
    head.pathStart = target;
    head.pathEnd = hasQuery ? questionMark : head.block;
    head.queryStart = hasQuery ? questionMark + 1 : RequestHead.NONE;
    head.queryEnd = hasQuery ? head.block : RequestHead.NONE;
    if (bytes[from + target] == '/') {
      return;
    }
    boolean isAsterisk = head.block - target == 1 && bytes[from + target] == '*';
    if (!(isAsterisk && head.method == HttpMethod.OPTIONS)) {
      absolute(bytes, from, target, head);
    }
  }

  /** RFC 9112 §3.2.2: a server must accept it, and its authority stands in for Host. */
  private static void absolute(byte[] bytes, int from, int target, RequestHead head)
      throws HttpParseException {
    int start = from + target;
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
      // RFC 9110 §4.2.3: an empty path is "/"; the last slash of the scheme's stands in for it.
      head.pathStart = authority - 1 - from;
      head.pathEnd = authority - from;
    }
  }

  /** Bytes of the scheme and its slashes; 0 when it is none of http's. */
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
