// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * The body length and connection persistence of one message, derived from its header fields.
 * Ambiguous framing is refused, since request smuggling depends on recipients that disagree on the
 * end of a message (RFC 9112 §11.2).
 */
final class MessageFraming {
  static final long NO_LENGTH = -1;

  private long contentLength = NO_LENGTH;
  private boolean isChunked;
  private boolean hasClose;
  private boolean hasKeepAlive;

  void clear() {
    contentLength = NO_LENGTH;
    isChunked = false;
    hasClose = false;
    hasKeepAlive = false;
  }

  /** Bytes, or {@link #NO_LENGTH}. */
  long contentLength() {
    return contentLength;
  }

  boolean isChunked() {
    return isChunked;
  }

  /**
   * Returns whether the connection persists after this message. RFC 9112 §9.3: an HTTP/1.1
   * connection persists unless "close" is present, an HTTP/1.0 connection only with "keep-alive"
   * and without "close".
   */
  boolean keepAlive(boolean isHttp11) {
    return !hasClose && (isHttp11 || hasKeepAlive);
  }

  /** Evaluates one field line; {@code offset} is its position in the head. */
  void accept(byte[] bytes, int base, HeaderFields lines, int line, boolean isHttp11, long offset)
      throws HttpParseException {
    int name = base + lines.nameStart(line);
    int nameEnd = base + lines.nameEnd(line);
    int value = base + lines.valueStart(line);
    int valueEnd = base + lines.valueEnd(line);
    switch (nameEnd - name) {
      case 10 -> {
        if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, "connection")) {
          parseConnection(bytes, value, valueEnd);
        }
      }
      case 14 -> {
        if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, "content-length")) {
          parseContentLength(bytes, value, valueEnd, offset);
        }
      }
      case 17 -> {
        if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, "transfer-encoding")) {
          parseTransferEncoding(bytes, value, valueEnd, isHttp11, offset);
        }
      }
      default -> {
        // Not relevant to framing.
      }
    }
  }

  /** Evaluates one Connection field; several fields form one list, RFC 9110 §7.6.1. */
  private void parseConnection(byte[] bytes, int from, int to) {
    int start = from;
    while (start < to) {
      int comma = start;
      while (comma < to && bytes[comma] != ',') {
        comma++;
      }
      int end = comma;
      while (start < end && Ascii.isBlank(bytes[start])) {
        start++;
      }
      while (end > start && Ascii.isBlank(bytes[end - 1])) {
        end--;
      }
      hasClose |= Ascii.equalsIgnoreCase(bytes, start, end, "close");
      hasKeepAlive |= Ascii.equalsIgnoreCase(bytes, start, end, "keep-alive");
      start = comma + 1;
    }
  }

  /**
   * Evaluates one Content-Length field. RFC 9112 §6.3 rule 5 permits a list of equal lengths; it is
   * refused here to leave no ambiguity.
   */
  private void parseContentLength(byte[] bytes, int from, int to, long offset)
      throws HttpParseException {
    if (contentLength != NO_LENGTH) {
      throw new HttpParseException(400, "expected one Content-Length, got a second", offset);
    }
    if (isChunked) {
      throw lengthAndChunked(offset);
    }
    for (int at = from; at < to; at++) {
      if (!Ascii.isDigit(bytes[at])) {
        throw new HttpParseException(400, "expected digits as Content-Length", offset);
      }
    }
    if (from == to) {
      throw new HttpParseException(400, "expected digits as Content-Length, got nothing", offset);
    }
    contentLength = Ascii.parseDecimal(bytes, from, to);
    if (contentLength == NO_LENGTH) {
      // RFC 9110 §8.6: overflow must be prevented. The value is too large, but not ambiguous.
      throw new HttpParseException(413, "Content-Length of " + (to - from) + " digits", offset);
    }
  }

  private void parseTransferEncoding(byte[] bytes, int from, int to, boolean isHttp11, long offset)
      throws HttpParseException {
    if (!isHttp11) {
      // RFC 9112 §6.1: must be treated as faulty framing, even with a Content-Length.
      throw new HttpParseException(400, "Transfer-Encoding in HTTP/1.0", offset);
    }
    if (isChunked || from == to) {
      // RFC 9112 §6.1: chunked must not be applied more than once.
      throw new HttpParseException(400, "expected Transfer-Encoding: chunked, once", offset);
    }
    if (contentLength != NO_LENGTH) {
      throw lengthAndChunked(offset);
    }
    if (!Ascii.equalsIgnoreCase(bytes, from, to, "chunked")) {
      // RFC 9112 §6.1: 501 for a transfer coding that is not implemented.
      throw new HttpParseException(
          501, "expected Transfer-Encoding: chunked and no other coding", offset);
    }
    isChunked = true;
  }

  /** RFC 9112 §6.3 rule 3: ought to be handled as an error. */
  private static HttpParseException lengthAndChunked(long offset) {
    return new HttpParseException(400, "Content-Length together with Transfer-Encoding", offset);
  }
}
