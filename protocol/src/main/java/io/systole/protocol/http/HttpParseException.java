// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * A refusal: the peer's bytes are not HTTP as this package reads it. After it the bytes that follow
 * have no meaning, so the connection is answered and closed. It is the peer's fault and may come at
 * any rate, therefore it has no stack trace.
 */
public final class HttpParseException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String reason;
  private final long offset;

  /**
   * @param status the status to answer with, 400..599
   * @param reason what was expected and what came, or the limit that was passed
   * @param offset bytes from the start of what was being read (head, body or span) to the offence
   */
  HttpParseException(int status, String reason, long offset) {
    super(status + " " + reason + " at offset " + offset, null, false, false);
    this.status = status;
    this.reason = reason;
    this.offset = offset;
  }

  /** A 400 with what was expected and the byte that came instead. */
  static HttpParseException badByte(String expected, byte got, long offset) {
    return new HttpParseException(400, "expected " + expected + ", got " + nameOf(got), offset);
  }

  /** The status that answers it; of a malformed answer 502, for whoever asked. */
  public int status() {
    return status;
  }

  /** What was expected and what came; one line, ASCII, without the offending text itself. */
  public String reason() {
    return reason;
  }

  /**
   * Bytes from the start of the head to the offence; from a body's first byte for
   * {@link BodyFraming}, from the span's for {@link PathSegments} and {@link QueryParameters}.
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
