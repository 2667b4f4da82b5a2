// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of one request or response head, parsed incrementally into spans. Not
 * thread-safe.
 */
final class HeaderFields {
  /*
   *   base                  lineStart  colon                    scanned
   *    |                        |        |                         |
   *    v                        v        v                         v
   *     HTTP/1.1\r\nHost: a\r\n Accept : application/json \r\n ... \r\n
   *
   * All positions are relative to base, so the bytes may move between two calls. No byte before
   * scanned is read again.
   */
  enum Step {
    /** More bytes are needed. */
    INCOMPLETE,
    /** One more line was read: the last of {@link #count()}. */
    LINE,
    /** The empty line was read; {@link #scanned()} is the position after it. */
    END
  }

  private static final int NONE = -1;
  private static final int SPANS_PER_LINE = 4;
  private static final int INITIAL_LINES = 16;

  private final int linesMax;
  private int[] spans = new int[INITIAL_LINES * SPANS_PER_LINE];
  private int count;

  private int baseOffset;
  private int lineStart;
  private int colon = NONE;
  private int scanned;

  HeaderFields(int linesMax) {
    this.linesMax = linesMax;
  }

  /** Discards all lines; the next one begins {@code firstLine} bytes after the base. */
  void begin(int baseOffset, int firstLine) {
    this.baseOffset = baseOffset;
    count = 0;
    lineStart = firstLine;
    scanned = firstLine;
    colon = NONE;
  }

  /**
   * Parses up to the end of the current line; {@code base} and {@code limit} are indices of
   * {@code bytes}.
   */
  Step next(byte[] bytes, int base, int limit) throws HttpParseException {
    if (scanned == lineStart) {
      int at = base + lineStart;
      if (at == limit) {
        return Step.INCOMPLETE;
      }
      if (bytes[at] == '\r') {
        return parseEmptyLine(bytes, at, limit);
      }
      requireLineStart(bytes[at]);
    }
    if (colon == NONE && !parseName(bytes, base, limit)) {
      return Step.INCOMPLETE;
    }
    return parseValue(bytes, base, limit);
  }

  int count() {
    return count;
  }

  /** Bytes after the base that have been parsed. */
  int scanned() {
    return scanned;
  }

  /** Relative to the base, like the other spans. */
  int nameStart(int line) {
    return spans[line * SPANS_PER_LINE];
  }

  int nameEnd(int line) {
    return spans[line * SPANS_PER_LINE + 1];
  }

  /** Excludes leading blanks. */
  int valueStart(int line) {
    return spans[line * SPANS_PER_LINE + 2];
  }

  /** Excludes trailing blanks. */
  int valueEnd(int line) {
    return spans[line * SPANS_PER_LINE + 3];
  }

  /** Returns the index of the first line with this name, ignoring case, or -1. */
  int find(byte[] bytes, int base, String name) {
    return find(bytes, base, name, 0);
  }

  /** Returns the index of the next line with this name from {@code first} on, or -1. */
  int find(byte[] bytes, int base, String name, int first) {
    for (int line = first; line < count; line++) {
      if (Ascii.equalsIgnoreCase(bytes, base + nameStart(line), base + nameEnd(line), name)) {
        return line;
      }
    }
    return NONE;
  }

  /** Returns the value of the first line with this name, or null. */
  @Nullable
  String value(byte[] bytes, int base, String name) {
    int line = find(bytes, base, name);
    if (line == NONE) {
      return null;
    }
    int start = valueStart(line);
    return new String(bytes, base + start, valueEnd(line) - start, StandardCharsets.ISO_8859_1);
  }

  private Step parseEmptyLine(byte[] bytes, int at, int limit) throws HttpParseException {
    if (at + 1 == limit) {
      return Step.INCOMPLETE;
    }
    if (bytes[at + 1] != '\n') {
      throw HttpParseException.badByte("LF after CR", bytes[at + 1], baseOffset + lineStart + 1L);
    }
    scanned = lineStart + 2;
    return Step.END;
  }

  private void requireLineStart(byte first) throws HttpParseException {
    if (Ascii.isBlank(first)) {
      // RFC 9112 §5.2: a folded line may be refused; §2.2: so may whitespace before the first
      // field.
      throw HttpParseException.badByte("a field name (no folded lines)", first, offset(lineStart));
    }
    if (count == linesMax) {
      throw new HttpParseException(
          431, "field lines exceed headersMax=" + linesMax, offset(lineStart));
    }
  }

  /** Parses a field name. RFC 9112 §5.1: no whitespace is allowed between name and colon. */
  private boolean parseName(byte[] bytes, int base, int limit) throws HttpParseException {
    int at = base + scanned;
    while (at < limit && Ascii.isToken(bytes[at])) {
      at++;
    }
    scanned = at - base;
    if (at == limit) {
      return false;
    }
    if (bytes[at] != ':' || scanned == lineStart) {
      throw HttpParseException.badByte("a field name and ':'", bytes[at], offset(scanned));
    }
    colon = scanned;
    scanned++;
    return true;
  }

  /**
   * Parses a field value and its line end. RFC 9112 §2.2 permits recipients to accept a bare LF as
   * line end, but not all do; RFC 9110 §5.5 calls CR, LF and NUL in a value dangerous.
   */
  private Step parseValue(byte[] bytes, int base, int limit) throws HttpParseException {
    int at = Ascii.findNotFieldText(bytes, base + scanned, limit);
    scanned = at - base;
    if (at == limit) {
      return Step.INCOMPLETE;
    }
    if (bytes[at] != '\r') {
      throw HttpParseException.badByte("field text or CRLF", bytes[at], offset(scanned));
    }
    if (at + 1 == limit) {
      return Step.INCOMPLETE;
    }
    if (bytes[at + 1] != '\n') {
      throw HttpParseException.badByte("LF after CR", bytes[at + 1], offset(scanned + 1));
    }
    int start = base + colon + 1;
    while (start < at && Ascii.isBlank(bytes[start])) {
      start++;
    }
    int end = at;
    while (end > start && Ascii.isBlank(bytes[end - 1])) {
      end--;
    }
    add(start - base, end - base);
    lineStart = scanned + 2;
    scanned = lineStart;
    colon = NONE;
    return Step.LINE;
  }

  private void add(int valueStart, int valueEnd) {
    int at = count * SPANS_PER_LINE;
    if (at == spans.length) {
      spans = Arrays.copyOf(spans, 2 * at);
    }
    spans[at] = lineStart;
    spans[at + 1] = colon;
    spans[at + 2] = valueStart;
    spans[at + 3] = valueEnd;
    count++;
  }

  /** Returns the offset from the start of the head. */
  private long offset(int position) {
    return baseOffset + (long) position;
  }
}
