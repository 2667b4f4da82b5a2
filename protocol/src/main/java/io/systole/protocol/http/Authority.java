// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/** The grammar of a host with an optional port, RFC 3986 §3.2.2 and §3.2.3. */
final class Authority {
  private Authority() {}

  /**
   * Returns the end index of the longest host and port that begin at {@code from}, or {@code from}
   * if there is none. The host may be empty.
   */
  static int findEnd(byte[] bytes, int from, int to) {
    boolean isLiteral = from < to && bytes[from] == '[';
    int at = isLiteral ? findLiteralEnd(bytes, from, to) : from;
    if (isLiteral && at == from) {
      return from;
    }
    while (!isLiteral && at < to && Ascii.isHost(bytes[at])) {
      at++;
    }
    if (at < to && bytes[at] == ':') {
      at++;
      while (at < to && Ascii.isDigit(bytes[at])) {
        at++;
      }
    }
    return at;
  }

  /**
   * Returns the end index of an address in brackets, or {@code from} if there is none. The groups
   * of the address are not validated; at least two colons are required. A zone identifier (RFC
   * 6874) may follow the address.
   */
  private static int findLiteralEnd(byte[] bytes, int from, int to) {
    int colons = 0;
    int at = from + 1;
    while (at < to && (Ascii.hexDigit(bytes[at]) >= 0 || bytes[at] == ':' || bytes[at] == '.')) {
      colons += bytes[at] == ':' ? 1 : 0;
      at++;
    }
    if (colons >= 2 && at < to && bytes[at] == '%') {
      while (at < to && Ascii.isHost(bytes[at])) {
        at++;
      }
    }
    return colons >= 2 && at < to && bytes[at] == ']' ? at + 1 : from;
  }
}
