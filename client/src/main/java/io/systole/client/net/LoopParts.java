// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoop;
import io.systole.client.time.Clock;
import io.systole.client.tls.TlsContext;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one event loop share.
 *
 * @param tls null when no server is spoken to over TLS
 * @param scratch what they read through
 */
record LoopParts(
    EventLoop loop,
    Transport transport,
    @Nullable TlsContext tls,
    LineSettings settings,
    Clock clock,
    Answers answers,
    Scratch scratch,
    SplittableRandom random) {

  /** Room for an unfinished head and one read; its content means nothing between two reads. */
  static final class Scratch {
    private static final int READ_BYTES = 64 * 1024;

    final byte[] bytes;

    Scratch(LineSettings settings) {
      bytes = new byte[settings.limits().headBytesMax() + READ_BYTES];
    }
  }
}
