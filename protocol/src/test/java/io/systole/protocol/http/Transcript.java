// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What our classes make of the bytes of one connection, however they are split. */
final class Transcript {
  static final long BODY_BYTES_MAX = 1 << 16;

  /** One request; the body may have been cut short by a refusal or by the end of the bytes. */
  static final class Message {
    final String method;
    final String target;
    final boolean isHttp11;
    final long contentLength;
    final boolean chunked;
    final boolean keepAlive;
    final String rest;
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
      rest = all.toString();
    }

    /** A target holds no blank and stands behind one. */
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
          rest,
          "[" + body + "]",
          complete ? "complete" : "unfinished");
    }
  }

  final List<Message> messages = new ArrayList<>();

  @Nullable
  HttpParseException refusal;
  /** Where in all bytes the head or body began that was refused or is unfinished. */
  int unfinishedAt;

  private final RequestHeadParser parser;
  private final BodyFraming framing;
  private boolean inBody;

  private Transcript(HttpLimits limits) {
    parser = new RequestHeadParser(limits);
    framing = new BodyFraming(limits);
  }

  /** All bytes offered at once. */
  static Transcript of(byte[] bytes, HttpLimits limits) {
    return of(bytes, limits, new int[0]);
  }

  /**
   * The bytes offered up to each cut in turn, then to the end. Every offer is an array of its own,
   * in which what was not consumed stands at another place than before.
   */
  static Transcript of(byte[] bytes, HttpLimits limits, int... cuts) {
    Transcript transcript = new Transcript(limits);
    int at = 0;
    for (int i = 0; i <= cuts.length && transcript.refusal == null; i++) {
      at = transcript.offer(bytes, at, i == cuts.length ? bytes.length : cuts[i], i % 5);
    }
    return transcript;
  }

  /** {@code count} cuts in rising order, the same one perhaps twice. */
  static int[] randomCuts(Random random, int size, int count) {
    return random.ints(count, 0, size + 1).sorted().toArray();
  }

  /** Where in all bytes the offence is. */
  long refusedAt() {
    return refusal == null ? -1 : unfinishedAt + refusal.offset();
  }

  private int offer(byte[] bytes, int from, int to, int before) {
    byte[] offer = new byte[before + to - from + 3];
    System.arraycopy(bytes, from, offer, before, to - from);
    int limit = before + to - from;
    int at = before;
    try {
      boolean goesOn = true;
      while (goesOn) {
        int start = at;
        at = inBody ? body(offer, at, limit) : head(offer, at, limit, from - before);
        goesOn = at > start;
      }
    } catch (HttpParseException e) {
      refusal = e;
    }
    return from + at - before;
  }

  private int head(byte[] offer, int at, int limit, int moved) throws HttpParseException {
    unfinishedAt = at + moved;
    int end = parser.parse(offer, at, limit);
    if (end == RequestHeadParser.INCOMPLETE) {
      return at;
    }
    RequestHead head = parser.head();
    messages.add(new Message(head));
    inBody = true;
    unfinishedAt = end + moved;
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
