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
  private final ReaderStats tally;
  private boolean hasAsked;
  private boolean hasStatus;
  private long askedNs;

  SlowReader(
      SocketChannel channel,
      SelectionKey key,
      byte[] request,
      int bytesPerTurn,
      ReaderStats tally) {
    super(channel, key);
    this.request = request;
    this.bytesPerTurn = bytesPerTurn;
    this.tally = tally;
  }

  @Override
  void due(long dueNs, long nowNs, ByteBuffer buffer) {
    try {
      if (!hasAsked) {
        send(request);
        hasAsked = true;
        askedNs = nowNs;
        tally.count("asked", 1);
        return;
      }
      buffer.clear().limit(bytesPerTurn);
      int got = read(buffer);
      if (got < 0) {
        cut(nowNs);
      } else {
        tally.count("bytes", got);
        tellStatus(buffer, got);
      }
    } catch (IOException reset) {
      cut(nowNs);
    }
  }

  /** By the first bytes that come; a turn's share holds a status line. */
  private void tellStatus(ByteBuffer buffer, int got) {
    if (!hasStatus && got >= STATUS_AT + STATUS_LENGTH) {
      hasStatus = true;
      byte[] status = new byte[STATUS_LENGTH];
      buffer.get(STATUS_AT, status);
      tally.count("status" + new String(status, US_ASCII), 1);
    }
  }

  private void cut(long nowNs) {
    tally.count("cut", 1);
    tally.time("cutAfter", nowNs - askedNs);
    close();
  }

  @Override
  void readable(long nowNs, ByteBuffer buffer) {
    throw new IllegalStateException("a slow reader reads by the clock alone");
  }
}
