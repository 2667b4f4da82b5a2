// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.client.time.Clock;
import java.util.SplittableRandom;

/**
 * What all connections of one event loop share.
 *
 * @param scratch what they read through
 */
record LoopParts(
    EventLoop loop,
    Connector connector,
    LoopStalls stalls,
    LineSettings settings,
    Clock clock,
    Answers answers,
    Scratch scratch,
    SplittableRandom random) {

  static LoopParts of(
      EventLoop loop,
      Network network,
      LineSettings settings,
      Clock clock,
      Answers answers,
      SplittableRandom random) {
    return new LoopParts(
        loop,
        new Connector(loop, network, settings.connectTimeoutMs()),
        new LoopStalls(),
        settings,
        clock,
        answers,
        new Scratch(settings),
        random);
  }

  /** Room for an unfinished head and one read; its content means nothing between two reads. */
  static final class Scratch {
    private static final int READ_BYTES = 64 * 1024;

    final byte[] bytes;

    Scratch(LineSettings settings) {
      bytes = new byte[settings.limits().headBytesMax() + READ_BYTES];
    }
  }
}
