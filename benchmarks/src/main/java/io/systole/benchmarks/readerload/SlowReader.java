// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A reader that sends one request and then reads a few bytes of the response at each turn, until
 * the server closes the connection.
 */
final class SlowReader extends ReaderConnection {
  /** Offset of the status code in {@code HTTP/1.1 200}. */
  private static final int STATUS_AT = 9;

  private static final int STATUS_LENGTH = 3;

  private final byte[] request;
  private final int bytesPerTurn;
  private final ReaderStats stats;
  private boolean hasRequested;
  private boolean hasStatus;
  private long requestedNs;

  SlowReader(
      SocketChannel channel,
      SelectionKey key,
      byte[] request,
      int bytesPerTurn,
      ReaderStats stats) {
    super(channel, key);
    this.request = request;
    this.bytesPerTurn = bytesPerTurn;
    this.stats = stats;
  }

  @Override
  void onDue(long dueNs, long nowNs, ByteBuffer buffer) {
    try {
      if (!hasRequested) {
        send(request);
        hasRequested = true;
        requestedNs = nowNs;
        stats.count("requests", 1);
        return;
      }
      buffer.clear().limit(bytesPerTurn);
      int got = read(buffer);
      if (got < 0) {
        cut(nowNs);
      } else {
        stats.count("bytes", got);
        countStatus(buffer, got);
      }
    } catch (IOException reset) {
      cut(nowNs);
    }
  }

  /** Counts the status of the response. The bytes of one turn contain the status line. */
  private void countStatus(ByteBuffer buffer, int got) {
    if (!hasStatus && got >= STATUS_AT + STATUS_LENGTH) {
      hasStatus = true;
      byte[] status = new byte[STATUS_LENGTH];
      buffer.get(STATUS_AT, status);
      stats.count("status" + new String(status, US_ASCII), 1);
    }
  }

  private void cut(long nowNs) {
    stats.count("cut", 1);
    stats.time("cutAfter", nowNs - requestedNs);
    close();
  }

  @Override
  void onReadable(long nowNs, ByteBuffer buffer) {
    throw new IllegalStateException("a slow reader has no read interest");
  }
}
