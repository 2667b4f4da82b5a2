// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.protocol.http.BodyFraming;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.ResponseHeadParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/**
 * Fetches whenever it is due, and reads the answer as fast as it comes. Every answer must be a
 * whole 200; one of many is inflated and looked into as well.
 */
final class DeltaReader extends ReaderConnection {
  private static final int INFLATED_ONE_IN = 256;
  private static final long BODY_BYTES_MAX = 1L << 30;

  private final byte[] request;
  private final ReaderStats stats;
  private final ResponseHeadParser head = new ResponseHeadParser(HttpLimits.DEFAULT);
  private final BodyFraming framing = new BodyFraming(HttpLimits.DEFAULT);
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean isAsking;
  private boolean isInBody;
  private boolean isInflated;
  private long requestedForNs;
  private int turn;

  /** @param turn when to inflate first, so that not all members do at once */
  DeltaReader(
      SocketChannel channel, SelectionKey key, byte[] request, int turn, ReaderStats stats) {
    super(channel, key);
    this.request = request;
    this.turn = turn;
    this.stats = stats;
    beInterested(true);
  }

  @Override
  void due(long dueNs, long nowNs, ByteBuffer buffer) {
    if (isAsking) {
      stats.count("overdue", 1);
      return;
    }
    try {
      send(request);
      isAsking = true;
      isInflated = turn++ % INFLATED_ONE_IN == 0;
      requestedForNs = dueNs;
      stats.count("asked", 1);
    } catch (IOException e) {
      fail();
    }
  }

  @Override
  void readable(long nowNs, ByteBuffer buffer) {
    try {
      buffer.clear();
      int got = read(buffer);
      if (got < 0) {
        fail();
      } else {
        stats.count("bytes", got);
        int from = buffer.arrayOffset();
        take(buffer.array(), from, from + got);
      }
    } catch (IOException | HttpParseException e) {
      fail();
    }
  }

  private void fail() {
    stats.count("lost", 1);
    close();
  }

  private void take(byte[] bytes, int from, int to) throws IOException, HttpParseException {
    if (isInBody) {
      body(bytes, from, to);
    } else if (pending.size() == 0) {
      head(bytes, from, to);
    } else {
      pending.write(bytes, from, to - from);
      byte[] whole = pending.toByteArray();
      pending.reset();
      head(whole, 0, whole.length);
    }
  }

  private void head(byte[] bytes, int from, int to) throws IOException, HttpParseException {
    int end = head.parse(bytes, from, to);
    if (end == ResponseHeadParser.INCOMPLETE) {
      pending.write(bytes, from, to - from);
      return;
    }
    stats.count("status" + head.status(), 1);
    boolean hasBody = head.hasBody(HttpMethod.GET);
    framing.begin(
        hasBody && !head.isChunked() ? head.contentLength() : 0,
        hasBody && head.isChunked(),
        BODY_BYTES_MAX);
    isInBody = true;
    body(bytes, end, to);
  }

  private void body(byte[] bytes, int from, int to) throws IOException, HttpParseException {
    framing.read(bytes, from, to, (array, start, length) -> {
      if (isInflated) {
        kept.write(array, start, length);
      }
    });
    if (framing.isComplete()) {
      isInBody = false;
      isAsking = false;
      stats.time("answer", System.nanoTime() - requestedForNs);
      if (isInflated) {
        look();
      }
    }
  }

  private void look() throws IOException {
    byte[] body = kept.toByteArray();
    kept.reset();
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      boolean isDelta = text.contains("apps__hashcode") && text.endsWith("}}");
      stats.count(isDelta ? "inflated" : "notADelta", 1);
      stats.count("inflatedBytes", text.length());
    }
  }
}
