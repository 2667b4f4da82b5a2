// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.systole.server.time.Clock;

/**
 * How a connection is ended from our side: the last bytes, the end of our output, and then a while
 * in which input is read and dropped. Closing a socket with unread input would reset it, and the
 * peer might never see its last answers. Used on the connection's loop.
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

  /** Whether it was said; nothing is written after it. */
  boolean isSaid() {
    return timeouts.isLingering();
  }

  /** Sends the last bytes and ends our side. */
  void say() {
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

  /** Notes that the peer has ended its side, which it may have done in reply to ours. */
  void inputEnded() {
    inputEnded = true;
    if (isSaid() && unsentBytes() == 0) {
      channel.close();
    }
  }

  /** Whether the peer has ended its side. */
  boolean hasInputEnded() {
    return inputEnded;
  }

  /** Bytes that were written and that the socket has not taken. */
  long unsentBytes() {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    return unsent == null ? 0 : unsent.totalPendingWriteBytes();
  }
}
