// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Turns the bytes of one connection into answers, however they were split. For one thread. */
final class ResponseDecoder {
  /*
   *   HEAD --no body--> (told) --> HEAD        OVER: the server said close, or the body has no
   *   HEAD --body-----> BODY --> (told) --> HEAD      end but the connection's. What follows has
   *   HEAD, BODY ----> (told) --> OVER                no meaning and is not read.
   *   HEAD, 1xx ------> HEAD   (interim, RFC 9110 §15.2: nobody's answer)
   *
   * Nearly all heads are the previous one again, byte for byte, until the Date changes. The last
   * plain head is therefore remembered whole: when the same bytes stand at the start of a head they
   * are that head, for what a head means depends on its bytes alone, and it ends at its empty line.
   * A head that says more than its status, where to go or when to come again, is never remembered,
   * so that each one is read.
   */
  private enum DecoderStage {
    HEAD,
    BODY,
    OVER
  }

  /** Told of each whole answer. */
  interface Sink {
    /** Returns false when nothing more may be read. */
    boolean answered(int status);
  }

  private static final int KNOWN_BYTES_MAX = 1024;
  private static final int TEXT_BYTES_MAX = 256;
  private static final int INTERIM_END = 200;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int REDIRECTS = 300;
  private static final int ERRORS = 400;

  /** None of the requests that are sent here changes how the answer is framed; HEAD would. */
  private static final HttpMethod METHOD = HttpMethod.PUT;

  private final ResponseHeadParser head;
  private final BodyFraming body;
  private final BodyFraming.Sink bodySink = this::keepText;
  private final long bodyBytesMax;

  private DecoderStage stage = DecoderStage.HEAD;
  private boolean isHeadBegun;
  private int status;

  private final byte[] known = new byte[KNOWN_BYTES_MAX];
  private int knownLength;
  private int knownStatus;

  private final byte[] text = new byte[TEXT_BYTES_MAX];
  private int textLength;
  private @Nullable String retryAfter;

  ResponseDecoder(HttpLimits limits, long bodyBytesMax) {
    this.head = new ResponseHeadParser(limits);
    this.body = new BodyFraming(limits);
    this.bodyBytesMax = bodyBytesMax;
  }

  /** Says that no further answer can come: the connection is to be closed. */
  boolean isOver() {
    return stage == DecoderStage.OVER;
  }

  /** Returns whether nothing of a further answer has been read. */
  boolean isBetweenResponses() {
    return stage == DecoderStage.HEAD && !isHeadBegun;
  }

  /** Returns the status of the last answer; 0 before the first. */
  int status() {
    return status;
  }

  /** Returns what the last error answer with a Retry-After said, until it is taken; else null. */
  @Nullable
  String retryAfter() {
    return retryAfter;
  }

  /** Returns it and forgets it. */
  @Nullable
  String takeRetryAfter() {
    String taken = retryAfter;
    retryAfter = null;
    return taken;
  }

  /**
   * Returns the beginning of the last error answer's body, as one line, or where a redirect points;
   * empty when there was neither.
   */
  String text() {
    return new String(text, 0, textLength, StandardCharsets.UTF_8)
        .replaceAll("\\s+", " ")
        .strip();
  }

  /**
   * Reads all whole answers and as much of a body as there is.
   *
   * @return the index of the first byte not used up; from there on they must be offered again, with
   *     more behind them
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

  /** Reads one head or goes on with a body; leaves the status at 0 when that made no answer. */
  private int step(byte[] bytes, int at, int to) throws HttpParseException {
    if (stage == DecoderStage.BODY) {
      return readBody(bytes, at, to);
    }
    if (!isHeadBegun && isKnown(bytes, at, to)) {
      status = knownStatus;
      textLength = 0;
      return at + knownLength;
    }
    return readHead(bytes, at, to);
  }

  private boolean isKnown(byte[] bytes, int at, int to) {
    int length = knownLength;
    return length > 0
        && to - at >= length
        && Arrays.equals(bytes, at, at + length, known, 0, length);
  }

  private int readHead(byte[] bytes, int at, int to) throws HttpParseException {
    int end = head.parse(bytes, at, to);
    isHeadBegun = end == ResponseHeadParser.INCOMPLETE;
    if (isHeadBegun) {
      return end;
    }
    textLength = 0;
    status = head.status();
    if (status < INTERIM_END) {
      stage = status == SWITCHING_PROTOCOLS ? DecoderStage.OVER : DecoderStage.HEAD;
      status = 0;
      return end;
    }
    boolean saysMore = status >= REDIRECTS && noteFields();
    if (head.isUntilClose(METHOD) || (!head.keepAlive() && !head.hasBody(METHOD))) {
      stage = DecoderStage.OVER;
    } else if (head.hasBody(METHOD)) {
      body.begin(head.contentLength(), head.isChunked(), bodyBytesMax);
      stage = DecoderStage.BODY;
      return readBody(bytes, end, end);
    } else if (!saysMore) {
      remember(bytes, at, end);
    }
    return end;
  }

  /** Notes what an answer says beside its status; returns whether it did. */
  private boolean noteFields() {
    if (status < ERRORS) {
      String location = head.header("Location");
      if (location != null) {
        byte[] bytes = location.getBytes(StandardCharsets.UTF_8);
        keep(bytes, 0, bytes.length);
      }
      return location != null;
    }
    String said = head.header("Retry-After");
    retryAfter = said == null ? retryAfter : said;
    return said != null;
  }

  private int readBody(byte[] bytes, int at, int to) throws HttpParseException {
    int end = body.read(bytes, at, to, bodySink);
    if (body.isComplete()) {
      stage = head.keepAlive() ? DecoderStage.HEAD : DecoderStage.OVER;
    }
    return end;
  }

  private void remember(byte[] bytes, int from, int to) {
    knownLength = 0;
    if (to - from <= KNOWN_BYTES_MAX) {
      System.arraycopy(bytes, from, known, 0, to - from);
      knownLength = to - from;
      knownStatus = status;
    }
  }

  private void keepText(byte[] bytes, int from, int length) {
    if (status >= ERRORS) {
      keep(bytes, from, length);
    }
  }

  private void keep(byte[] bytes, int from, int length) {
    int kept = Math.min(length, TEXT_BYTES_MAX - textLength);
    System.arraycopy(bytes, from, text, textLength, kept);
    textLength += kept;
  }
}
