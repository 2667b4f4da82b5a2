// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * Thrown when a message is malformed or exceeds a limit. The position of the next message is then
 * unknown, so the connection must be closed after the error response. It has no stack trace,
 * because peers can cause it at any rate.
 */
public final class HttpParseException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String reason;
  private final long offset;

  /**
   * @param status of the error response, 400..599
   * @param reason the expected and the actual bytes, or the exceeded limit
   * @param offset bytes from the start of the head, body or span to the error
   */
  HttpParseException(int status, String reason, long offset) {
    super(status + " " + reason + " at offset " + offset, null, false, false);
    this.status = status;
    this.reason = reason;
    this.offset = offset;
  }

  /** Returns a 400 that names the expected syntax and the actual byte. */
  static HttpParseException badByte(String expected, byte got, long offset) {
    return new HttpParseException(400, "expected " + expected + ", got " + nameOf(got), offset);
  }

  /** Returns the status of the error response; 502 for a malformed response from a server. */
  public int status() {
    return status;
  }

  /** Returns the expected and the actual syntax; one line of ASCII that does not quote the peer. */
  public String reason() {
    return reason;
  }

  /**
   * Returns the position of the error in bytes: from the start of the head, or of the body for
   * {@link BodyFraming}, or of the span for {@link PathSegments} and {@link QueryParameters}.
   */
  public long offset() {
    return offset;
  }

  private static String nameOf(byte b) {
    return switch (b) {
      case ' ' -> "SP";
      case '\t' -> "HTAB";
      case '\r' -> "CR";
      case '\n' -> "LF";
      default ->
        b > 0x20 && b < 0x7F ? "'" + (char) b + "'" : String.format("byte 0x%02X", b & 0xFF);
    };
  }
}
