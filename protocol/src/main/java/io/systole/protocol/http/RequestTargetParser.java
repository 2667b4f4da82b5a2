// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/** A parser of request targets, RFC 9112 §3.2: origin-form, absolute-form, and "*" with OPTIONS. */
final class RequestTargetParser {
  private static final String[] SCHEMES = {"http://", "https://"};

  private RequestTargetParser() {}

  /**
   * Sets authority, path and query of {@code head} from a complete target of visible ASCII, which
   * ends at {@code head.block}.
   *
   * @param from start of the head in {@code bytes}, to which positions are relative
   * @param target position of the target
   * @param questionMark position of the first question mark of the target, or -1
   */
  static void parse(byte[] bytes, int from, int target, int questionMark, RequestHead head)
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
      parseAbsolute(bytes, from, target, head);
    }
  }

  /** Parses the absolute form. RFC 9112 §3.2.2: must be accepted; the authority replaces Host. */
  private static void parseAbsolute(byte[] bytes, int from, int target, RequestHead head)
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
