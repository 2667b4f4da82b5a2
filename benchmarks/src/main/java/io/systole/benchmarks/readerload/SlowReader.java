// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** Asks once, and then reads a few bytes whenever it is due, until the server has had enough. */
final class SlowReader extends ReaderConnection {
  /** {@code HTTP/1.1 200}. */
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
  void due(long dueNs, long nowNs, ByteBuffer buffer) {
    try {
      if (!hasRequested) {
        send(request);
        hasRequested = true;
        requestedNs = nowNs;
        stats.count("asked", 1);
        return;
      }
      buffer.clear().limit(bytesPerTurn);
      int got = read(buffer);
      if (got < 0) {
        cut(nowNs);
      } else {
        stats.count("bytes", got);
        reportStatus(buffer, got);
      }
    } catch (IOException reset) {
      cut(nowNs);
    }
  }

  /** By the first bytes that come; a turn's share holds a status line. */
  private void reportStatus(ByteBuffer buffer, int got) {
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
  void readable(long nowNs, ByteBuffer buffer) {
    throw new IllegalStateException("a slow reader reads by the clock alone");
  }
}
