// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.protocol.time.Clock;
import java.util.SplittableRandom;

/**
 * The shared state of all connections of one event loop.
 *
 * @param readBuffer contents are valid during one read only
 */
record ConnectionContext(
    EventLoop loop,
    Connector connector,
    LoopStalls stalls,
    ConnectionSettings settings,
    Clock clock,
    ReadBuffer readBuffer,
    SplittableRandom random) {

  static ConnectionContext of(
      EventLoop loop,
      Network network,
      ConnectionSettings settings,
      Clock clock,
      SplittableRandom random) {
    return new ConnectionContext(
        loop,
        new Connector(loop, network, settings.connectTimeoutMs()),
        new LoopStalls(),
        settings,
        clock,
        new ReadBuffer(settings),
        random);
  }

  /** Space for an incomplete head and one read. */
  static final class ReadBuffer {
    private static final int READ_BYTES = 64 * 1024;

    final byte[] bytes;

    ReadBuffer(ConnectionSettings settings) {
      bytes = new byte[settings.limits().headBytesMax() + READ_BYTES];
    }
  }
}
