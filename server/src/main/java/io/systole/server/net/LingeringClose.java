// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.systole.server.time.Clock;

/**
 * The lingering close of one connection: flushes the last bytes, shuts the output down, then reads
 * and discards input for a bounded time. Closing a socket that has unread input resets it, and the
 * peer might lose the last responses. Confined to the connection's loop.
 */
final class LingeringClose {
  private final Channel channel;
  private final ResponseWriter writer;
  private final ConnectionTimeouts timeouts;
  private final Clock clock;
  private boolean inputEnded;

  LingeringClose(Channel channel, ResponseWriter writer, ConnectionTimeouts timeouts, Clock clock) {
    this.channel = channel;
    this.writer = writer;
    this.timeouts = timeouts;
    this.clock = clock;
  }

  /** Returns whether the close has begun; nothing is written after that. */
  boolean hasBegun() {
    return timeouts.isLingering();
  }

  /** Flushes the last bytes and shuts the output down. */
  void begin() {
    timeouts.linger(clock.monotonicNs());
    writer.flushLast().addListener(sent -> {
      timeouts.linger(clock.monotonicNs());
      if (!inputEnded && sent.isSuccess() && channel instanceof DuplexChannel duplex) {
        duplex.shutdownOutput();
        channel.config().setAutoRead(true);
      } else {
        channel.close();
      }
    });
  }

  /** Records that the peer has shut its output down; closes the channel if everything is sent. */
  void inputEnded() {
    inputEnded = true;
    if (hasBegun() && unsentBytes() == 0) {
      channel.close();
    }
  }

  /** Returns whether the peer has shut its output down. */
  boolean hasInputEnded() {
    return inputEnded;
  }

  /** Returns the number of bytes written to the channel that the socket has not accepted. */
  long unsentBytes() {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    return unsent == null ? 0 : unsent.totalPendingWriteBytes();
  }
}
