// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Both ends of a connection over loopback.
 *
 * @param key of the client's end, non-blocking, in a separate selector
 * @param server the other end, blocking
 */
record SocketPair(SelectionKey key, SocketChannel server) implements AutoCloseable {
  static SocketPair open() throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ServerSocketChannel listener = ServerSocketChannel.open().bind(anyPort)) {
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      SocketChannel server = listener.accept();
      client.configureBlocking(false);
      return new SocketPair(client.register(Selector.open(), 0), server);
    }
  }

  SocketChannel client() {
    return (SocketChannel) key.channel();
  }

  Selector selector() {
    return key.selector();
  }

  @Override
  public void close() throws IOException {
    client().close();
    server.close();
    selector().close();
  }
}
