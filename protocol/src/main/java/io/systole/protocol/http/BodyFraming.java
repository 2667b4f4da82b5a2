// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Objects;

/**
 * An incremental decoder of message bodies, delimited by Content-Length, by chunks or by the end of
 * the connection (RFC 9112 §6, §7.1). It passes the content without the framing to a {@link Sink}.
 * One instance decodes many bodies, of requests or of responses. It consumes all bytes up to the
 * end of the body, so the caller keeps nothing between reads. Not thread-safe.
 */
public final class BodyFraming {
  /** A receiver of content, in order and in segments of any size. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Receives {@code length} bytes, at least one. The array belongs to the caller and is only
     * valid during the call.
     */
    void accept(byte[] bytes, int from, int length);
  }

  /** A {@code contentLength} for {@link #begin}: the end of the connection ends the body. */
  public static final long UNTIL_CLOSE = -1;

  /*
   *  SIZE 1a EXTENSION ;x=y EXTENSION_LF \n DATA ...26... DATA_CR \r DATA_LF \n SIZE ...
   *                                      \n TRAILER_START (when the size was 0)
   *  TRAILER_START  Name TRAILER_NAME :value TRAILER_VALUE \r TRAILER_LF \n TRAILER_START
   *                 \r LAST_LF \n COMPLETE
   *
   *  A body that is not chunked stays in DATA until COMPLETE.
   */
  private enum State {
    SIZE,
    SIZE_BLANK,
    EXTENSION,
    EXTENSION_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    COMPLETE
  }

  /** 15 hexadecimal digits are below 2^60, so the sum of two sizes does not overflow. */
  private static final int SIZE_DIGITS_MAX = 15;

  private static final long UNBOUNDED = Long.MAX_VALUE;

  private final HttpLimits limits;

  private State state = State.COMPLETE;
  private boolean isChunked;
  private long bodyBytesMax;
  /** Content bytes declared so far by Content-Length, chunk sizes or received data. */
  private long declaredBytes;
  /** Content bytes left in the body or in the current chunk; UNBOUNDED until close. */
  private long remainingBytes;

  private long consumed;
  private long size;
  private int sizeDigits;
  private int lineBytes;
  private int trailerBytes;

  public BodyFraming(HttpLimits limits) {
    this.limits = limits;
  }

  /**
   * Begins a body.
   *
   * @param contentLength bytes, or {@link #UNTIL_CLOSE}; ignored if {@code isChunked}
   * @param bodyBytesMax maximum bytes of content, excluding the framing
   * @throws HttpParseException 413 if {@code contentLength} exceeds {@code bodyBytesMax}
   */
  public void begin(long contentLength, boolean isChunked, long bodyBytesMax)
      throws HttpParseException {
    if (contentLength < UNTIL_CLOSE || bodyBytesMax < 0) {
      throw new IllegalArgumentException(
          "contentLength=" + contentLength + ", bodyBytesMax=" + bodyBytesMax);
    }
    this.isChunked = isChunked;
    this.bodyBytesMax = bodyBytesMax;
    declaredBytes = 0;
    consumed = 0;
    if (isChunked) {
      beginChunk();
    } else if (contentLength == UNTIL_CLOSE) {
      state = State.DATA;
      remainingBytes = UNBOUNDED;
    } else {
      declare(contentLength);
      remainingBytes = contentLength;
      state = contentLength == 0 ? State.COMPLETE : State.DATA;
    }
  }

  /** Returns whether the body has ended; {@link #read} then consumes nothing more. */
  public boolean isComplete() {
    return state == State.COMPLETE;
  }

  /**
   * Decodes more bytes of the body.
   *
   * @return the index of the first byte after the body; {@code to} while the body is incomplete
   * @throws HttpParseException 400 for malformed chunks, 413 if the chunks exceed the maximum, 431
   *     if the trailers exceed theirs; the offset counts from the first byte of the body
   */
  public int read(byte[] bytes, int from, int to, Sink sink) throws HttpParseException {
    Objects.checkFromToIndex(from, to, bytes.length);
    int at = from;
    while (at < to && state != State.COMPLETE) {
      if (state == State.DATA) {
        int length = (int) Math.min(remainingBytes, to - at);
        readData(bytes, at, length, sink);
        at += length;
        consumed += length;
      } else {
        readFraming(bytes[at]);
        at++;
        consumed++;
      }
    }
    return at;
  }

  private void readData(byte[] bytes, int at, int length, Sink sink) throws HttpParseException {
    if (remainingBytes == UNBOUNDED) {
      declare(length);
    } else {
      remainingBytes -= length;
      if (remainingBytes == 0) {
        state = isChunked ? State.DATA_CR : State.COMPLETE;
      }
    }
    sink.accept(bytes, at, length);
  }

  private void readFraming(byte b) throws HttpParseException {
    switch (state) {
      case SIZE -> readSize(b);
      case SIZE_BLANK, EXTENSION -> readExtension(b);
      case EXTENSION_LF -> {
        require(b == '\n', "LF after CR", b);
        endSizeLine();
      }
      case DATA_CR -> {
        require(b == '\r', "CRLF after a chunk's data", b);
        state = State.DATA_LF;
      }
      case DATA_LF -> {
        require(b == '\n', "LF after CR", b);
        beginChunk();
      }
      default -> readTrailer(b);
    }
  }

  private void beginChunk() {
    state = State.SIZE;
    size = 0;
    sizeDigits = 0;
    lineBytes = 0;
  }

  private void readSize(byte b) throws HttpParseException {
    int digit = Ascii.hexDigit(b);
    if (digit < 0) {
      require(sizeDigits > 0, "a chunk size in hexadecimal digits", b);
      readExtension(b);
      return;
    }
    countLineByte();
    if (sizeDigits == SIZE_DIGITS_MAX) {
      // RFC 9112 §7.1: large sizes must be anticipated, and overflow prevented.
      throw new HttpParseException(400, "chunk size exceeds 15 hexadecimal digits", consumed);
    }
    sizeDigits++;
    size = size << 4 | digit;
  }

  /**
   * Skips an extension, as RFC 9112 §7.1.1 requires of recipients that do not recognize it. Only
   * CRLF ends the line. Whitespace is part of an extension; whitespace directly before the line end
   * is refused, because some recipients trim it and others do not.
   */
  private void readExtension(byte b) throws HttpParseException {
    if (b == '\r' && state != State.SIZE_BLANK) {
      state = State.EXTENSION_LF;
      return;
    }
    countLineByte();
    if (state == State.EXTENSION) {
      require(Ascii.isFieldText(b), "a chunk extension and CRLF", b);
    } else if (b == ';') {
      state = State.EXTENSION;
    } else {
      require(Ascii.isBlank(b), "';' or CRLF after a chunk size", b);
      state = State.SIZE_BLANK;
    }
  }

  private void countLineByte() throws HttpParseException {
    if (lineBytes == limits.chunkLineBytesMax()) {
      throw new HttpParseException(
          400, "chunk line exceeds chunkLineBytesMax=" + limits.chunkLineBytesMax(), consumed);
    }
    lineBytes++;
  }

  private void endSizeLine() throws HttpParseException {
    if (size == 0) {
      trailerBytes = 0;
      state = State.TRAILER_START;
    } else {
      declare(size);
      remainingBytes = size;
      state = State.DATA;
    }
  }

  /** Checks the trailers against the grammar of field lines and discards them, RFC 9112 §7.1.2. */
  private void readTrailer(byte b) throws HttpParseException {
    if (trailerBytes == limits.trailerBytesMax()) {
      throw new HttpParseException(
          431, "trailers exceed trailerBytesMax=" + limits.trailerBytesMax(), consumed);
    }
    trailerBytes++;
    switch (state) {
      case TRAILER_START -> {
        require(b == '\r' || Ascii.isToken(b), "a field name or CRLF", b);
        state = b == '\r' ? State.LAST_LF : State.TRAILER_NAME;
      }
      case TRAILER_NAME -> {
        require(b == ':' || Ascii.isToken(b), "a field name and ':'", b);
        state = b == ':' ? State.TRAILER_VALUE : State.TRAILER_NAME;
      }
      case TRAILER_VALUE -> {
        require(b == '\r' || Ascii.isFieldText(b), "field text or CRLF", b);
        state = b == '\r' ? State.TRAILER_LF : State.TRAILER_VALUE;
      }
      default -> {
        require(b == '\n', "LF after CR", b);
        state = state == State.LAST_LF ? State.COMPLETE : State.TRAILER_START;
      }
    }
  }

  private void declare(long bytes) throws HttpParseException {
    if (bytes > bodyBytesMax - declaredBytes) {
      throw new HttpParseException(413, "body exceeds bodyBytesMax=" + bodyBytesMax, consumed);
    }
    declaredBytes += bytes;
  }

  private void require(boolean holds, String expected, byte got) throws HttpParseException {
    if (!holds) {
      throw HttpParseException.badByte(expected, got, consumed);
    }
  }
}
