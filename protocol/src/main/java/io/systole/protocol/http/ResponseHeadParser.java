// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An incremental parser of response heads from the bytes of one connection (RFC 9112 §4). Header
 * fields follow the grammar of {@link RequestHeadParser}. Every error is a 502, since the server
 * caused it. Not thread-safe.
 */
public final class ResponseHeadParser {
  /** Returned by {@link #parse} if the head is not complete. */
  public static final int INCOMPLETE = -1;

  /*
   *   HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
   *   |           |     |                      |
   *   STATUS      |     FIELDS                 the next head or a body
   *               REASON
   *
   * Positions are relative to the start of the head. Only the bytes of STATUS are scanned again.
   */
  private enum Stage {
    STATUS,
    REASON,
    FIELDS
  }

  private static final byte[] NO_BYTES = {};
  /** d is any digit, h is 1..5. */
  private static final String STATUS_LINE = "HTTP/1.d hdd";

  private static final int BAD_GATEWAY = 502;

  private final HttpLimits limits;
  private final HeaderFields lines;
  private final MessageFraming framing = new MessageFraming();

  private Stage stage = Stage.STATUS;
  private int scanned;
  private int status;
  private boolean isHttp11;
  private byte[] bytes = NO_BYTES;
  private int start;

  /**
   * Creates a parser.
   *
   * @param limits of which headBytesMax and headersMax apply
   */
  public ResponseHeadParser(HttpLimits limits) {
    this.limits = limits;
    this.lines = new HeaderFields(limits.headersMax());
  }

  /**
   * Parses one head that begins at {@code bytes[from]}. After {@link #INCOMPLETE}, the next call
   * must pass the same head from its start with more bytes; it may have moved within the array or
   * to another one. After an exception or {@link #reset}, the next call begins a new head.
   *
   * @param to exclusive
   * @return the index after the empty line of the head, or {@link #INCOMPLETE}
   * @throws HttpParseException always 502
   */
  public int parse(byte[] bytes, int from, int to) throws HttpParseException {
    Objects.checkFromToIndex(from, to, bytes.length);
    int limit = Math.min(to - from, limits.headBytesMax()) + from;
    try {
      int end = advance(bytes, from, limit);
      if (end != INCOMPLETE) {
        this.bytes = bytes;
        start = from;
        reset();
      } else if (limit - from == limits.headBytesMax()) {
        throw new HttpParseException(
            BAD_GATEWAY, "head exceeds headBytesMax=" + limits.headBytesMax(), limit - from);
      }
      return end;
    } catch (HttpParseException e) {
      reset();
      throw new HttpParseException(BAD_GATEWAY, e.reason(), e.offset());
    }
  }

  /** Discards an incomplete head, as for a new connection. */
  public void reset() {
    stage = Stage.STATUS;
    scanned = 0;
  }

  /**
   * Returns the status code, 100..599. Like the other properties, it is valid from a complete parse
   * until the next one begins.
   */
  public int status() {
    return status;
  }

  /** Returns the Content-Length in bytes, or -1 if absent. */
  public long contentLength() {
    return framing.contentLength();
  }

  public boolean isChunked() {
    return framing.isChunked();
  }

  /**
   * Returns whether the Connection field and the version allow the connection to persist. Does not
   * consider {@link #isUntilClose}.
   */
  public boolean keepAlive() {
    return framing.keepAlive(isHttp11);
  }

  /** Returns true for HTTP/1.1, false for HTTP/1.0. */
  public boolean isHttp11() {
    return isHttp11;
  }

  /**
   * Returns the trimmed value of the first header field with this name, decoded as ISO-8859-1, or
   * null.
   *
   * @param name in any case, ASCII
   */
  public @Nullable String header(String name) {
    return lines.value(bytes, start, name);
  }

  /** Returns whether bytes of a body or of its framing may follow the head (RFC 9112 §6.3). */
  public boolean hasBody(HttpMethod requestMethod) {
    return mayHaveBody(requestMethod) && (isChunked() || contentLength() != 0);
  }

  /** Returns whether the end of the connection ends the body, RFC 9112 §6.3 rule 8. */
  public boolean isUntilClose(HttpMethod requestMethod) {
    return mayHaveBody(requestMethod)
        && !isChunked()
        && contentLength() == MessageFraming.NO_LENGTH;
  }

  private boolean mayHaveBody(HttpMethod requestMethod) {
    return requestMethod != HttpMethod.HEAD && status >= 200 && status != 204 && status != 304;
  }

  private int advance(byte[] bytes, int from, int limit) throws HttpParseException {
    if (stage == Stage.STATUS && !parseStatus(bytes, from, limit)) {
      return INCOMPLETE;
    }
    if (stage == Stage.REASON && !parseReason(bytes, from, limit)) {
      return INCOMPLETE;
    }
    for (; ; ) {
      HeaderFields.Step step = lines.next(bytes, from, limit);
      if (step == HeaderFields.Step.LINE) {
        int line = lines.count() - 1;
        framing.accept(bytes, from, lines, line, isHttp11, lines.nameStart(line));
      } else {
        return step == HeaderFields.Step.END ? from + lines.scanned() : INCOMPLETE;
      }
    }
  }

  private boolean parseStatus(byte[] bytes, int from, int limit) throws HttpParseException {
    int size = Math.min(limit - from, STATUS_LINE.length());
    for (int i = 0; i < size; i++) {
      byte got = bytes[from + i];
      boolean isExpected = switch (STATUS_LINE.charAt(i)) {
        case 'd' -> Ascii.isDigit(got);
        case 'h' -> got >= '1' && got <= '5';
        default -> got == STATUS_LINE.charAt(i);
      };
      if (!isExpected) {
        throw HttpParseException.badByte("HTTP/1.1 and a status of 100..599", got, i);
      }
    }
    if (size < STATUS_LINE.length()) {
      return false;
    }
    // RFC 9110 §2.5: a minor version above 1 is read as 1.
    isHttp11 = bytes[from + 7] != '0';
    status = (int) Ascii.parseDecimal(bytes, from + 9, from + 12);
    framing.clear();
    scanned = size;
    stage = Stage.REASON;
    return true;
  }

  /** Parses the reason. RFC 9112 §4: may be empty; a missing space before it is tolerated. */
  private boolean parseReason(byte[] bytes, int from, int limit) throws HttpParseException {
    int at = Ascii.findNotFieldText(bytes, from + scanned, limit);
    int statusEnd = from + STATUS_LINE.length();
    if (at > statusEnd && bytes[statusEnd] != ' ') {
      throw HttpParseException.badByte(
          "SP after the status", bytes[statusEnd], STATUS_LINE.length());
    }
    scanned = at - from;
    if (at < limit && bytes[at] != '\r') {
      throw HttpParseException.badByte("a reason and CRLF", bytes[at], scanned);
    }
    if (limit - at < 2) {
      return false;
    }
    if (bytes[at + 1] != '\n') {
      throw HttpParseException.badByte("LF after CR", bytes[at + 1], scanned + 1);
    }
    lines.begin(0, scanned + 2);
    stage = Stage.FIELDS;
    return true;
  }
}
