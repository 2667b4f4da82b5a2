// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The requests that our parsers read from the bytes of one connection, split in any way. */
final class Transcript {
  static final long BODY_BYTES_MAX = 1 << 16;

  /** One request; the body may be cut short by an error or by the end of the bytes. */
  static final class Message {
    final String method;
    final String target;
    final boolean isHttp11;
    final long contentLength;
    final boolean chunked;
    final boolean keepAlive;
    final String details;
    final StringBuilder body = new StringBuilder();
    boolean complete;

    private Message(RequestHead head) {
      method = head.method().name();
      int block = head.pathStart() - head.pathStart + head.block;
      target = lastWord(HttpBytes.latin(head.bytes(), 0, block));
      isHttp11 = head.isHttp11();
      contentLength = head.contentLength();
      chunked = head.isChunked();
      keepAlive = head.keepAlive();
      StringBuilder all = new StringBuilder();
      all.append(keepAlive).append(' ').append(head.expectsContinue());
      all.append(' ').append(text(head, head.pathStart(), head.pathEnd()));
      if (head.queryStart() >= 0) {
        all.append('?').append(text(head, head.queryStart(), head.queryEnd()));
      }
      for (int line = 0; line < head.headerCount(); line++) {
        HeaderFields lines = head.lines;
        all.append('|')
            .append(text(head, block + lines.nameStart(line), block + lines.nameEnd(line)));
        all.append(':')
            .append(text(head, block + lines.valueStart(line), block + lines.valueEnd(line)));
      }
      details = all.toString();
    }

    /** Returns the target, which contains no space and follows one. */
    private static String lastWord(String text) {
      return text.substring(text.lastIndexOf(' ') + 1);
    }

    private static String text(RequestHead head, int from, int to) {
      return HttpBytes.latin(head.bytes(), from, to);
    }

    @Override
    public String toString() {
      return String.join(
          " ",
          method,
          target,
          isHttp11 ? "1.1" : "1.0",
          Long.toString(contentLength),
          chunked ? "chunked" : "plain",
          details,
          "[" + body + "]",
          complete ? "complete" : "incomplete");
    }
  }

  final List<Message> messages = new ArrayList<>();

  @Nullable
  HttpParseException refusal;
  /** Start of the head or body that was refused or is incomplete, in all bytes. */
  int incompleteAt;

  private final RequestHeadParser parser;
  private final BodyFraming framing;
  private boolean inBody;

  private Transcript(HttpLimits limits) {
    parser = new RequestHeadParser(limits);
    framing = new BodyFraming(limits);
  }

  /** Parses all bytes in one call. */
  static Transcript of(byte[] bytes, HttpLimits limits) {
    return of(bytes, limits, new int[0]);
  }

  /**
   * Parses the bytes up to each cut, then to the end. Each call gets a new array, in which the
   * bytes that were not consumed have a different position.
   */
  static Transcript of(byte[] bytes, HttpLimits limits, int... cuts) {
    Transcript transcript = new Transcript(limits);
    int at = 0;
    for (int i = 0; i <= cuts.length && transcript.refusal == null; i++) {
      at = transcript.offer(bytes, at, i == cuts.length ? bytes.length : cuts[i], i % 5);
    }
    return transcript;
  }

  /** Returns {@code count} cuts in ascending order, possibly with duplicates. */
  static int[] randomCuts(Random random, int size, int count) {
    return random.ints(count, 0, size + 1).sorted().toArray();
  }

  /** Returns the position of the error in all bytes, or -1. */
  long errorAt() {
    return refusal == null ? -1 : incompleteAt + refusal.offset();
  }

  private int offer(byte[] bytes, int from, int to, int before) {
    byte[] offer = new byte[before + to - from + 3];
    System.arraycopy(bytes, from, offer, before, to - from);
    int limit = before + to - from;
    int at = before;
    try {
      boolean hasProgress = true;
      while (hasProgress) {
        int start = at;
        at = inBody ? body(offer, at, limit) : head(offer, at, limit, from - before);
        hasProgress = at > start;
      }
    } catch (HttpParseException e) {
      refusal = e;
    }
    return from + at - before;
  }

  private int head(byte[] offer, int at, int limit, int moved) throws HttpParseException {
    incompleteAt = at + moved;
    int end = parser.parse(offer, at, limit);
    if (end == RequestHeadParser.INCOMPLETE) {
      return at;
    }
    RequestHead head = parser.head();
    messages.add(new Message(head));
    inBody = true;
    incompleteAt = end + moved;
    framing.begin(head.contentLength(), head.isChunked(), BODY_BYTES_MAX);
    return body(offer, end, limit);
  }

  private int body(byte[] offer, int at, int limit) throws HttpParseException {
    Message message = messages.get(messages.size() - 1);
    int end = framing.read(
        offer,
        at,
        limit,
        (bytes, from, length) -> message.body.append(HttpBytes.latin(bytes, from, from + length)));
    if (framing.isComplete()) {
      message.complete = true;
      inBody = false;
    }
    return end;
  }

  @Override
  public String toString() {
    return messages + (refusal == null ? "" : " " + refusal.getMessage());
  }
}
