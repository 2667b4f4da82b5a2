// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Arrays;
import java.util.Objects;

/**
 * An incremental parser of request heads from the bytes of one connection (RFC 9112 §2–§6). Where
 * the grammar leaves a choice, the strict one is taken. Allocates only to grow its arrays for
 * longer heads. Not thread-safe.
 */
public final class RequestHeadParser {
  /** Returned by {@link #parse} if the head is not complete. */
  public static final int INCOMPLETE = -1;

  /*
   *   PUT /v2/apps/A/i-1?status=UP HTTP/1.1\r\nHost: a\r\nAccept: *\r\n\r\n
   *   |   |                       |          |                           |
   *   METHOD                      VERSION    FIELDS                      the next head or a body
   *       TARGET                  head.block
   *                               |<------------- the block -------------->|
   *
   * The stages follow in this order, and each scans its bytes once. An error depends only on the
   * bytes up to it, so it does not depend on the way the bytes are split over calls. Positions are
   * relative to the start of the head.
   *
   * A connection repeats its header fields with every request. The parser keeps the block of the
   * last complete head, and the parsed fields stay in the RequestHead (their spans are relative to
   * the block). If the next head has the same block, its fields are not parsed again. A block is
   * not kept if it is chunked or has an Expect field, so a hit is always a plain request. The block
   * of a target with an authority is not kept, and discards the one before, because the authority
   * overrides Host.
   */
  private enum Stage {
    METHOD,
    TARGET,
    VERSION,
    FIELDS
  }

  private static final int MEMO_BYTES_MAX = 1024;
  private static final int UNKNOWN = -2;
  private static final String VERSION = "HTTP/d.d\r\n";

  private final int targetBytesMax;
  private final int headBytesMax;
  private final RequestHead head;
  private final MessageFraming framing = new MessageFraming();

  private Stage stage = Stage.METHOD;
  private int scanned;
  private int target;
  /** Position of the first question mark of the target, or -1. */
  private int questionMark = RequestHead.NONE;

  private byte[] memo = {};
  /** Bytes of the block in {@link #memo}; 0 if none is kept. */
  private int memoSize;

  public RequestHeadParser(HttpLimits limits) {
    this.targetBytesMax = limits.targetBytesMax();
    this.headBytesMax = limits.headBytesMax();
    this.head = new RequestHead(limits.headersMax());
  }

  /**
   * Parses one head that begins at {@code bytes[from]}. After {@link #INCOMPLETE}, the next call
   * must pass the same head from its start with more bytes; it may have moved within the array or
   * to another one. After an exception or {@link #reset}, the next call begins a new head.
   *
   * @param to exclusive
   * @return the index after the empty line of the head, or {@link #INCOMPLETE}
   */
  public int parse(byte[] bytes, int from, int to) throws HttpParseException {
    Objects.checkFromToIndex(from, to, bytes.length);
    int limit = Math.min(to - from, headBytesMax) + from;
    try {
      int end = advance(bytes, from, limit);
      if (end == INCOMPLETE) {
        requireSpace(limit - from);
        return INCOMPLETE;
      }
      head.place(bytes, from);
      stage = Stage.METHOD;
      scanned = 0;
      return end;
    } catch (HttpParseException e) {
      reset();
      throw e;
    }
  }

  /**
   * Returns the end of a head whose request line the caller has read up to its version, if the rest
   * of it equals that of the last head, which was complete. To be called instead of {@link #parse};
   * the head of {@link #head} keeps the spans of the last one.
   *
   * @param from index of the first byte of the method
   * @param block index after the target
   * @param to exclusive
   * @return the index after the empty line, or {@link #INCOMPLETE} if it must be parsed: it is not
   *     equal or not complete, or exceeds a limit
   */
  public int endOfRepeated(byte[] bytes, int from, int block, int to) {
    int end = block + memoSize;
    boolean isWithinLimits = block - from <= targetBytesMax && end - from <= headBytesMax;
    boolean isEqual = memoSize > 0
        && scanned == 0
        && stage == Stage.METHOD
        && end <= to
        && Arrays.equals(bytes, block, end, memo, 0, memoSize);
    return isEqual && isWithinLimits ? end : INCOMPLETE;
  }

  /** Returns the reused head; valid from a complete parse until the next one begins. */
  public RequestHead head() {
    return head;
  }

  /**
   * Releases the array of the last complete parse, whose head is no longer valid. The next head is
   * parsed as without this call.
   */
  public void releaseBytes() {
    head.place(RequestHead.NO_BYTES, 0);
  }

  /** Discards an incomplete head and the kept header block, as for a new connection. */
  public void reset() {
    stage = Stage.METHOD;
    scanned = 0;
    memoSize = 0;
  }

  private int advance(byte[] bytes, int from, int limit) throws HttpParseException {
    if (stage == Stage.METHOD && !parseMethod(bytes, from, limit)) {
      return INCOMPLETE;
    }
    if (stage == Stage.TARGET && !parseTarget(bytes, from, limit)) {
      return INCOMPLETE;
    }
    if (stage == Stage.VERSION) {
      int end = matchMemo(bytes, from, limit);
      if (end != UNKNOWN) {
        return end;
      }
      if (!parseVersion(bytes, from, limit)) {
        return INCOMPLETE;
      }
    }
    return parseFields(bytes, from, limit);
  }

  private boolean parseMethod(byte[] bytes, int from, int limit) throws HttpParseException {
    int at = skipEmptyLines(bytes, from, limit);
    HttpMethod method =
        limit - at >= Long.BYTES ? HttpMethod.frequent(Ascii.word(bytes, at)) : null;
    if (method == null) {
      method = HttpMethod.parse(bytes, at, from, limit);
      if (method == null) {
        return false;
      }
    }
    head.method = method;
    target = at - from + method.nameBytes() + 1;
    scanned = target;
    questionMark = RequestHead.NONE;
    stage = Stage.TARGET;
    return true;
  }

  /** RFC 9112 §2.2: a server should ignore at least one empty line before the request line. */
  private int skipEmptyLines(byte[] bytes, int from, int limit) throws HttpParseException {
    int at = from + scanned;
    while (limit - at >= 2 && bytes[at] == '\r') {
      if (bytes[at + 1] != '\n') {
        throw HttpParseException.badByte("LF after CR", bytes[at + 1], at + 1 - from);
      }
      at += 2;
    }
    scanned = at - from;
    return at;
  }

  private boolean parseTarget(byte[] bytes, int from, int limit) throws HttpParseException {
    int start = from + target;
    int stop = Math.min(limit - start, targetBytesMax + 1) + start;
    int at = from + scanned;
    if (questionMark == RequestHead.NONE) {
      at = Ascii.findQuestionMarkOrTargetEnd(bytes, at, stop);
      if (at < stop && bytes[at] == '?') {
        questionMark = at - from;
      }
    }
    if (questionMark != RequestHead.NONE) {
      at = Ascii.findTargetEnd(bytes, at, stop);
    }
    scanned = at - from;
    if (at == stop) {
      requireTargetSpace(stop - start);
      return false;
    }
    if (bytes[at] != ' ' || at == start) {
      // RFC 9112 §3.2: a target has no whitespace, no fragment, and no byte unknown to RFC 3986.
      throw HttpParseException.badByte(
          "a target of visible ASCII and one SP", bytes[at], at - from);
    }
    head.block = scanned;
    splitTarget(bytes, from);
    stage = Stage.VERSION;
    return true;
  }

  /** Splits a complete target, RFC 9112 §3.2: origin form, absolute form, or "*" with OPTIONS. */
  private void splitTarget(byte[] bytes, int from) throws HttpParseException {
    boolean hasQuery = questionMark != RequestHead.NONE;
    head.authorityStart = RequestHead.NONE;
    head.pathStart = target;
    head.pathEnd = hasQuery ? questionMark : head.block;
    head.queryStart = hasQuery ? questionMark + 1 : RequestHead.NONE;
    head.queryEnd = hasQuery ? head.block : RequestHead.NONE;
    if (bytes[from + target] != '/' && !isAsterisk(bytes, from)) {
      AbsoluteTargetParser.parse(bytes, from, head);
      memoSize = 0;
    }
  }

  /** Returns whether this is OPTIONS for the server as a whole, RFC 9112 §3.2.4. */
  private boolean isAsterisk(byte[] bytes, int from) {
    return head.method == HttpMethod.OPTIONS
        && head.block - target == 1
        && bytes[from + target] == '*';
  }

  /**
   * Returns the end of the head if its block equals the kept one, INCOMPLETE if it equals so far,
   * else UNKNOWN.
   */
  private int matchMemo(byte[] bytes, int from, int limit) {
    int block = from + head.block;
    int size = Math.min(memoSize, limit - block);
    if (size == 0 || !Arrays.equals(bytes, block, block + size, memo, 0, size)) {
      return UNKNOWN;
    }
    head.isRepeated = true;
    return size == memoSize ? block + size : INCOMPLETE;
  }

  private boolean parseVersion(byte[] bytes, int from, int limit) throws HttpParseException {
    int start = from + head.block + 1;
    int size = Math.min(limit - start, VERSION.length());
    for (int i = 0; i < size; i++) {
      byte got = bytes[start + i];
      char expected = VERSION.charAt(i);
      if (expected == 'd' ? !Ascii.isDigit(got) : got != expected) {
        throw HttpParseException.badByte("HTTP/1.1 and CRLF", got, start + i - from);
      }
    }
    if (size < VERSION.length()) {
      return false;
    }
    if (bytes[start + 5] != '1' || bytes[start + 7] > '1') {
      throw new HttpParseException(505, "expected HTTP/1.1 or HTTP/1.0", start - from);
    }
    head.isHttp11 = bytes[start + 7] == '1';
    memoSize = 0;
    head.isRepeated = false;
    head.hasExpect = false;
    head.hasHost = false;
    framing.clear();
    head.lines.begin(head.block, 1 + VERSION.length());
    stage = Stage.FIELDS;
    return true;
  }

  private int parseFields(byte[] bytes, int from, int limit) throws HttpParseException {
    int block = from + head.block;
    HeaderFields lines = head.lines;
    for (; ; ) {
      HeaderFields.Step step = lines.next(bytes, block, limit);
      if (step == HeaderFields.Step.LINE) {
        parseField(bytes, block, lines.count() - 1);
      } else if (step == HeaderFields.Step.INCOMPLETE) {
        return INCOMPLETE;
      } else {
        endFields();
        keepBlock(bytes, block, lines.scanned());
        return block + lines.scanned();
      }
    }
  }

  private void parseField(byte[] bytes, int block, int line) throws HttpParseException {
    HeaderFields lines = head.lines;
    int name = block + lines.nameStart(line);
    int nameEnd = block + lines.nameEnd(line);
    long offset = head.block + (long) lines.nameStart(line);
    if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, "host")) {
      parseHost(bytes, block + lines.valueStart(line), block + lines.valueEnd(line), offset);
    } else if (Ascii.equalsIgnoreCase(bytes, name, nameEnd, "expect")) {
      parseExpect(bytes, block + lines.valueStart(line), block + lines.valueEnd(line), offset);
    } else {
      framing.accept(bytes, block, lines, line, head.isHttp11, offset);
    }
  }

  /** Validates Host. RFC 9112 §3.2: 400 if missing, repeated or invalid; empty is valid. */
  private void parseHost(byte[] bytes, int from, int to, long offset) throws HttpParseException {
    if (head.hasHost) {
      throw new HttpParseException(400, "expected one Host field, got a second", offset);
    }
    int end = Authority.findEnd(bytes, from, to);
    if (end < to) {
      throw HttpParseException.badByte("host and port in the Host field", bytes[end], offset);
    }
    head.hasHost = true;
  }

  /** Validates Expect. RFC 9110 §10.1.1: 417 for any expectation other than 100-continue. */
  private void parseExpect(byte[] bytes, int from, int to, long offset) throws HttpParseException {
    if (!Ascii.equalsIgnoreCase(bytes, from, to, "100-continue")) {
      throw new HttpParseException(417, "expected no Expect but 100-continue", offset);
    }
    head.hasExpect = true;
  }

  /** Sets the properties that depend on all header fields. */
  private void endFields() throws HttpParseException {
    if (head.isHttp11 && !head.hasHost) {
      throw new HttpParseException(
          400, "expected a Host field", head.block + head.lines.scanned() - 2L);
    }
    head.contentLength = Math.max(framing.contentLength(), 0);
    head.isChunked = framing.isChunked();
    head.keepAlive = framing.keepAlive(head.isHttp11);
  }

  private void keepBlock(byte[] bytes, int block, int size) {
    boolean isPlain = !head.isChunked && !head.hasExpect;
    if (size > MEMO_BYTES_MAX || !isPlain || head.authorityStart != RequestHead.NONE) {
      return;
    }
    if (memo.length < size) {
      memo = new byte[Math.min(2 * size, MEMO_BYTES_MAX)];
    }
    System.arraycopy(bytes, block, memo, 0, size);
    memoSize = size;
  }

  private void requireSpace(int size) throws HttpParseException {
    if (size == headBytesMax) {
      throw new HttpParseException(431, "head exceeds headBytesMax=" + headBytesMax, size);
    }
  }

  private void requireTargetSpace(int size) throws HttpParseException {
    if (size > targetBytesMax) {
      throw new HttpParseException(
          414, "target exceeds targetBytesMax=" + targetBytesMax, scanned - 1L);
    }
  }
}
