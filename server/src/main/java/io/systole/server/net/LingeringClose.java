// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.systole.protocol.time.Clock;

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

  LingeringClose(Channel channel, ResponseWriter writer, ConnectionTimeouts timeouts, Clock clock) {
    this.channel = channel;
    this.writer = writer;
    this.timeouts = timeouts;
    this.clock = clock;
  }

  /** Flushes the last bytes and shuts the output down; nothing may be written after that. */
  void begin() {
    timeouts.linger(clock.monotonicNs());
    flushLast().addListener(sent -> {
      timeouts.linger(clock.monotonicNs());
      if (sent.isSuccess()
          && channel instanceof DuplexChannel duplex
          && !duplex.isInputShutdown()) {
        duplex.shutdownOutput();
        channel.config().setAutoRead(true);
      } else {
        channel.close();
      }
    });
  }

  /** Flushes the last bytes and, with TLS, the close_notify that marks them as the last. */
  private ChannelFuture flushLast() {
    ChannelFuture sent = writer.flushLast();
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null ? sent : tls.closeOutbound();
  }

  /** Ends the close early if everything is sent, as the peer has shut its output down. */
  void inputEnded() {
    if (timeouts.isLingering() && unsentBytes() == 0) {
      channel.close();
    }
  }

  /** Returns the number of bytes written to the channel that the socket has not accepted. */
  long unsentBytes() {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    return unsent == null ? 0 : unsent.totalPendingWriteBytes();
  }
}
