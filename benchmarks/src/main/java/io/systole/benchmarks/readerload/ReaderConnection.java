// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One connection of a swarm. Called by the swarm's one thread only. */
abstract class ReaderConnection {
  private final SocketChannel channel;
  private final SelectionKey key;

  /** Takes over a connected channel, not blocking, and its key. */
  ReaderConnection(SocketChannel channel, SelectionKey key) {
    this.channel = channel;
    this.key = key;
  }

  /**
   * It is this member's turn.
   *
   * @param dueNs when it was to be
   * @param buffer to read with; its content is anything
   */
  abstract void due(long dueNs, long nowNs, ByteBuffer buffer);

  /** There is something to read, for those who are interested. */
  abstract void readable(long nowNs, ByteBuffer buffer);

  boolean isOpen() {
    return channel.isOpen();
  }

  /** Sends a request that is far smaller than an empty socket's buffer. */
  final void send(byte[] request) throws IOException {
    if (channel.write(ByteBuffer.wrap(request)) != request.length) {
      throw new IOException("server doesn't take a request of " + request.length + " bytes");
    }
  }

  /** Reads what is there, as much as the buffer takes; -1 at the end. */
  final int read(ByteBuffer buffer) throws IOException {
    return channel.read(buffer);
  }

  final void beInterested(boolean isInterested) {
    key.interestOps(isInterested ? SelectionKey.OP_READ : 0);
  }

  final void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no more use, however it ended.
    }
  }
}
