// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Objects;

/**
 * Finds the end of one message's body, by its length, by its chunks or by the connection's end (RFC
 * 9112 §6, §7.1), and hands out the content without the framing. Reused, body after body, for
 * requests and for responses. Takes every byte it is offered until the body's end, so nothing of an
 * unfinished body is ever offered twice. For one thread at a time.
 */
public final class BodyFraming {
  /** Receives the content, piece by piece, in order. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes {@code length} bytes, at least one; the array is the reader's and changes afterwards.
     */
    void accept(byte[] bytes, int from, int length);
  }

  /** As the length to {@link #begin}: the body goes on until the connection ends. */
  public static final long UNTIL_CLOSE = -1;

  /*
   *  SIZE 1a EXTENSION ;x=y EXTENSION_LF \n DATA ...26... DATA_CR \r DATA_LF \n SIZE ...
   *                                      \n TRAILER_START (when the size was 0)
   *  TRAILER_START  Name TRAILER_NAME :value TRAILER_VALUE \r TRAILER_LF \n TRAILER_START
   *                 \r LAST_LF \n COMPLETE
   *
   *  A body with a length, or none, is DATA until COMPLETE.
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

  /** 15 hexadecimal digits are below 2^60, so that sums of two sizes do not overflow. */
  private static final int SIZE_DIGITS_MAX = 15;

  private static final long ENDLESS = Long.MAX_VALUE;

  private final HttpLimits limits;

  private State state = State.COMPLETE;
  private boolean chunked;
  private long bodyBytesMax;
  /** Content bytes so far announced. */
  private long announced;
  /** Content bytes that the body, or the current chunk, still has; ENDLESS until close. */
  private long left;

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
   * @param contentLength bytes, or {@link #UNTIL_CLOSE}; of no account when {@code chunked}
   * @param bodyBytesMax the most bytes of content, framing not counted
   * @throws HttpParseException 413 when the length alone is more than that
   */
  public void begin(long contentLength, boolean chunked, long bodyBytesMax)
      throws HttpParseException {
    if (contentLength < UNTIL_CLOSE || bodyBytesMax < 0) {
      throw new IllegalArgumentException(
          "contentLength=" + contentLength + ", bodyBytesMax=" + bodyBytesMax);
    }
    this.chunked = chunked;
    this.bodyBytesMax = bodyBytesMax;
    announced = 0;
    consumed = 0;
    if (chunked) {
      beginChunk();
    } else if (contentLength == UNTIL_CLOSE) {
      state = State.DATA;
      left = ENDLESS;
    } else {
      announce(contentLength);
      left = contentLength;
      state = contentLength == 0 ? State.COMPLETE : State.DATA;
    }
  }

  /** Whether the body has ended; {@link #read} then takes nothing more. */
  public boolean isComplete() {
    return state == State.COMPLETE;
  }

  /**
   * Reads on in the body.
   *
   * @return the index of the first byte that is not the body's: {@code to} while it is not complete
   * @throws HttpParseException 400 for broken chunks, 413 when chunks come to more than the most
   *     allowed, 431 when the trailers do; the offset counts from the body's first byte
   */
  public int read(byte[] bytes, int from, int to, Sink sink) throws HttpParseException {
    Objects.checkFromToIndex(from, to, bytes.length);
    int at = from;
    while (at < to && state != State.COMPLETE) {
      if (state == State.DATA) {
        int length = (int) Math.min(left, to - at);
        data(bytes, at, length, sink);
        at += length;
        consumed += length;
      } else {
        framing(bytes[at]);
        at++;
        consumed++;
      }
    }
    return at;
  }

  private void data(byte[] bytes, int at, int length, Sink sink) throws HttpParseException {
    if (left == ENDLESS) {
      announce(length);
    } else {
      left -= length;
      if (left == 0) {
        state = chunked ? State.DATA_CR : State.COMPLETE;
      }
    }
    sink.accept(bytes, at, length);
  }

  private void framing(byte b) throws HttpParseException {
    switch (state) {
      case SIZE -> size(b);
      case SIZE_BLANK, EXTENSION -> extension(b);
      case EXTENSION_LF -> {
        require(b == '\n', "LF after CR", b);
        endOfSizeLine();
      }
      case DATA_CR -> {
        require(b == '\r', "CRLF after a chunk's data", b);
        state = State.DATA_LF;
      }
      case DATA_LF -> {
        require(b == '\n', "LF after CR", b);
        beginChunk();
      }
      default -> trailer(b);
    }
  }

  private void beginChunk() {
    state = State.SIZE;
    size = 0;
    sizeDigits = 0;
    lineBytes = 0;
  }

  private void size(byte b) throws HttpParseException {
    int digit = Ascii.hexDigit(b);
    if (digit < 0) {
      require(sizeDigits > 0, "a chunk size in hexadecimal digits", b);
      extension(b);
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
   * Extensions are ignored as RFC 9112 §7.1.1 asks of those who do not know them, but not the
   * line's end in them: that is CRLF alone. Blanks belong to an extension; before the line's end
   * they are refused, since one reader trims them and another does not.
   */
  private void extension(byte b) throws HttpParseException {
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

  private void endOfSizeLine() throws HttpParseException {
    if (size == 0) {
      trailerBytes = 0;
      state = State.TRAILER_START;
    } else {
      announce(size);
      left = size;
      state = State.DATA;
    }
  }

  /** Trailers are held to the grammar of field lines and dropped, RFC 9112 §7.1.2. */
  private void trailer(byte b) throws HttpParseException {
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

  private void announce(long bytes) throws HttpParseException {
    if (bytes > bodyBytesMax - announced) {
      throw new HttpParseException(413, "body exceeds bodyBytesMax=" + bodyBytesMax, consumed);
    }
    announced += bytes;
  }

  private void require(boolean holds, String expected, byte got) throws HttpParseException {
    if (!holds) {
      throw HttpParseException.badByte(expected, got, consumed);
    }
  }
}
