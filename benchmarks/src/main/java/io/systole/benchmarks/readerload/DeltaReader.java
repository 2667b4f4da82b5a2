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
 * A reader that fetches the delta at each turn and reads responses without delay. Every response
 * must be a complete 200; one of {@value #INFLATED_ONE_IN} is inflated and verified.
 */
final class DeltaReader extends ReaderConnection {
  private static final int INFLATED_ONE_IN = 256;
  private static final long BODY_BYTES_MAX = 1L << 30;

  private final byte[] request;
  private final ReaderStats stats;
  private final ResponseHeadParser head = new ResponseHeadParser(HttpLimits.DEFAULT);
  private final BodyFraming framing = new BodyFraming(HttpLimits.DEFAULT);
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private final ByteArrayOutputStream compressed = new ByteArrayOutputStream();
  private boolean isAwaitingResponse;
  private boolean isInBody;
  private boolean isInflated;
  private long requestDueNs;
  private int turn;

  /** @param turn initial turn, which staggers the inflated responses of a pool's readers */
  DeltaReader(
      SocketChannel channel, SelectionKey key, byte[] request, int turn, ReaderStats stats) {
    super(channel, key);
    this.request = request;
    this.turn = turn;
    this.stats = stats;
    setReadInterest(true);
  }

  @Override
  void onDue(long dueNs, long nowNs, ByteBuffer buffer) {
    if (isAwaitingResponse) {
      stats.count("overdue", 1);
      return;
    }
    try {
      send(request);
      isAwaitingResponse = true;
      isInflated = turn++ % INFLATED_ONE_IN == 0;
      requestDueNs = dueNs;
      stats.count("requests", 1);
    } catch (IOException e) {
      fail();
    }
  }

  @Override
  void onReadable(long nowNs, ByteBuffer buffer) {
    try {
      buffer.clear();
      int got = read(buffer);
      if (got < 0) {
        fail();
      } else {
        stats.count("bytes", got);
        int from = buffer.arrayOffset();
        receive(buffer.array(), from, from + got);
      }
    } catch (IOException | HttpParseException e) {
      fail();
    }
  }

  private void fail() {
    stats.count("lost", 1);
    close();
  }

  private void receive(byte[] bytes, int from, int to) throws IOException, HttpParseException {
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
        compressed.write(array, start, length);
      }
    });
    if (framing.isComplete()) {
      isInBody = false;
      isAwaitingResponse = false;
      stats.time("response", System.nanoTime() - requestDueNs);
      if (isInflated) {
        verifyDelta();
      }
    }
  }

  private void verifyDelta() throws IOException {
    byte[] body = compressed.toByteArray();
    compressed.reset();
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      boolean isDelta = text.contains("apps__hashcode") && text.endsWith("}}");
      stats.count(isDelta ? "inflated" : "notADelta", 1);
      stats.count("inflatedBytes", text.length());
    }
  }
}
