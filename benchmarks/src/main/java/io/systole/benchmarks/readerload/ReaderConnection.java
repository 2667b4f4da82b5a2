// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One connection of a {@link ReaderPool}. Called by the pool's thread only. */
abstract class ReaderConnection {
  private final SocketChannel channel;
  private final SelectionKey key;

  /** Creates a reader of a connected, non-blocking channel and its key. */
  ReaderConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  /**
   * Handles the turn of this reader.
   *
   * @param dueNs scheduled time of the turn
   * @param buffer scratch buffer; its content is undefined
   */
  abstract void onDue(long dueNs, long nowNs, ByteBuffer buffer);

  /** Handles input, if this reader has read interest. */
  abstract void onReadable(long nowNs, ByteBuffer buffer);

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Sends a request that is far smaller than an empty send buffer. */
  final void send(byte[] request) throws IOException {
    if (channel.write(ByteBuffer.wrap(request)) != request.length) {
      throw new IOException(
          "send buffer is full: request of " + request.length + " bytes not sent");
    }
  }

  /** Reads the available bytes, at most {@code buffer.remaining()}; returns -1 at the end. */
  final int read(ByteBuffer buffer) throws IOException {
    return channel.read(buffer);
  }

  final void setReadInterest(boolean isInterested) {
    key.interestOps(isInterested ? SelectionKey.OP_READ : 0);
  }

  final void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // Closed either way.
    }
  }
}
