// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import io.systole.protocol.renewal.LeaseHandle;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A decoder of the responses of one connection, for arbitrarily split bytes. For one thread. */
final class ResponseDecoder {
  /*
   *   HEAD --no body--> (report) --> HEAD        OVER: the server sent close, or the end of the
   *   HEAD --body-----> BODY --> (report) --> HEAD     connection ends the body. Later bytes are
   *   HEAD, BODY ----> (report) --> OVER               ignored.
   *   HEAD, 1xx ------> HEAD   (interim response, RFC 9110 §15.2)
   *
   * Nearly all heads repeat the previous one byte for byte, until the Date changes. The last plain
   * head is therefore cached: equal bytes at the start of a head are the same head, since its
   * meaning depends on its bytes alone and it ends at its empty line. A head with Location,
   * Retry-After or Systole-Lease is never cached, so each one is parsed.
   */
  private enum DecoderStage {
    HEAD,
    BODY,
    OVER
  }

  /** A callback for complete responses. */
  interface Sink {
    /** Handles a response; returns false to stop reading. */
    boolean answered(int status);
  }

  private static final int CACHED_BYTES_MAX = 1024;
  private static final int TEXT_BYTES_MAX = 256;
  private static final int INTERIM_END = 200;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int REDIRECTS = 300;
  private static final int ERRORS = 400;

  /** The client sends no HEAD, the only method that changes response framing. */
  private static final HttpMethod METHOD = HttpMethod.PUT;

  private final ResponseHeadParser head;
  private final BodyFraming body;
  private final BodyFraming.Sink bodySink = this::bodyRead;
  private final long bodyBytesMax;

  private DecoderStage stage = DecoderStage.HEAD;
  private boolean isHeadBegun;
  private int status;

  private final byte[] cachedHead = new byte[CACHED_BYTES_MAX];
  private int cachedLength;
  private int cachedStatus;

  private final byte[] text = new byte[TEXT_BYTES_MAX];
  private int textLength;
  private @Nullable String retryAfter;

  private final boolean usesFrames;
  private final ByteArrayOutputStream content = new ByteArrayOutputStream(0);
  private boolean hasContent;
  private @Nullable String lease;

  /** @param usesFrames whether to keep the bodies and lease fields of successful responses */
  ResponseDecoder(HttpLimits limits, long bodyBytesMax, boolean usesFrames) {
    this.usesFrames = usesFrames;
    this.head = new ResponseHeadParser(limits);
    this.body = new BodyFraming(limits);
    this.bodyBytesMax = bodyBytesMax;
  }

  /** Returns whether no further response can follow, so the connection must be closed. */
  boolean isOver() {
    return stage == DecoderStage.OVER;
  }

  /** Returns whether no byte of a further response has been read. */
  boolean isBetweenResponses() {
    return stage == DecoderStage.HEAD && !isHeadBegun;
  }

  /** Returns the status of the last response; 0 before the first. */
  int status() {
    return status;
  }

  /** Returns the last Retry-After field of an error response until it is taken; else null. */
  @Nullable
  String retryAfter() {
    return retryAfter;
  }

  /** Returns the last Retry-After field and clears it. */
  @Nullable
  String takeRetryAfter() {
    String taken = retryAfter;
    retryAfter = null;
    return taken;
  }

  /**
   * Returns the beginning of the last error response's body as one line without control characters,
   * or the target of a redirect; empty if there was neither.
   */
  String text() {
    return new String(text, 0, textLength, StandardCharsets.UTF_8)
        .replaceAll("[\\s\\p{Cc}]+", " ")
        .strip();
  }

  /** Returns the value of the last successful response's lease field, or null. */
  @Nullable
  String lease() {
    return lease;
  }

  /** Returns the body of the last successful response; empty unless frames are used. */
  byte[] body() {
    return content.toByteArray();
  }

  /**
   * Reads all complete responses and the available part of a body.
   *
   * @return the index of the first byte not consumed; it and the following bytes must be passed
   *     again with more behind them
   */
  int read(byte[] bytes, int from, int to, Sink sink) throws HttpParseException {
    int at = from;
    while (at < to) {
      int next = step(bytes, at, to);
      if (next == ResponseHeadParser.INCOMPLETE) {
        return at;
      }
      at = next;
      if (status != 0 && stage != DecoderStage.BODY && !sink.answered(status)) {
        return at;
      }
      if (stage == DecoderStage.OVER) {
        return to;
      }
    }
    return at;
  }

  /** Reads one head or continues a body; leaves the status at 0 if there is no response yet. */
  private int step(byte[] bytes, int at, int to) throws HttpParseException {
    if (stage == DecoderStage.BODY) {
      return readBody(bytes, at, to);
    }
    if (!isHeadBegun && isCached(bytes, at, to)) {
      status = cachedStatus;
      clear();
      return at + cachedLength;
    }
    return readHead(bytes, at, to);
  }

  private boolean isCached(byte[] bytes, int at, int to) {
    int length = cachedLength;
    return length > 0
        && to - at >= length
        && Arrays.equals(bytes, at, at + length, cachedHead, 0, length);
  }

  private int readHead(byte[] bytes, int at, int to) throws HttpParseException {
    int end = head.parse(bytes, at, to);
    isHeadBegun = end == ResponseHeadParser.INCOMPLETE;
    if (isHeadBegun) {
      return end;
    }
    clear();
    status = head.status();
    if (status < INTERIM_END) {
      stage = status == SWITCHING_PROTOCOLS ? DecoderStage.OVER : DecoderStage.HEAD;
      status = 0;
      return end;
    }
    boolean hasFields = status >= REDIRECTS ? storeFields() : usesFrames && storeLease();
    if (head.isUntilClose(METHOD) || (!head.keepAlive() && !head.hasBody(METHOD))) {
      stage = DecoderStage.OVER;
    } else if (head.hasBody(METHOD)) {
      body.begin(head.contentLength(), head.isChunked(), bodyBytesMax);
      stage = DecoderStage.BODY;
      return readBody(bytes, end, end);
    } else if (!hasFields) {
      cache(bytes, at, end);
    }
    return end;
  }

  /** Discards the content of the previous response. */
  private void clear() {
    textLength = 0;
    lease = null;
    if (hasContent) {
      hasContent = false;
      content.reset();
    }
  }

  private boolean storeLease() {
    lease = head.header(LeaseHandle.FIELD);
    return lease != null;
  }

  /** Stores Location or Retry-After; returns whether the field was present. */
  private boolean storeFields() {
    if (status < ERRORS) {
      String location = head.header("Location");
      if (location != null) {
        byte[] bytes = location.getBytes(StandardCharsets.UTF_8);
        appendText(bytes, 0, bytes.length);
      }
      return location != null;
    }
    String field = head.header("Retry-After");
    retryAfter = field == null ? retryAfter : field;
    return field != null;
  }

  private int readBody(byte[] bytes, int at, int to) throws HttpParseException {
    int end = body.read(bytes, at, to, bodySink);
    if (body.isComplete()) {
      stage = head.keepAlive() ? DecoderStage.HEAD : DecoderStage.OVER;
    }
    return end;
  }

  private void cache(byte[] bytes, int from, int to) {
    cachedLength = 0;
    if (to - from <= CACHED_BYTES_MAX) {
      System.arraycopy(bytes, from, cachedHead, 0, to - from);
      cachedLength = to - from;
      cachedStatus = status;
    }
  }

  private void bodyRead(byte[] bytes, int from, int length) {
    if (status >= ERRORS) {
      appendText(bytes, from, length);
    } else if (usesFrames) {
      hasContent = true;
      content.write(bytes, from, length);
    }
  }

  private void appendText(byte[] bytes, int from, int length) {
    int count = Math.min(length, TEXT_BYTES_MAX - textLength);
    System.arraycopy(bytes, from, text, textLength, count);
    textLength += count;
  }
}
