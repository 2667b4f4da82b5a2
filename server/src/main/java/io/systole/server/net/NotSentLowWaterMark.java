// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The limit of the unsent bytes that the kernel buffers for a socket, where it supports one. */
final class NotSentLowWaterMark {
  private static final Logger LOG = LoggerFactory.getLogger(NotSentLowWaterMark.class);

  private NotSentLowWaterMark() {}

  /**
   * Sets the limit of a socket. By default the kernel buffers megabytes for each slow reader and
   * reports the socket writable only when a third of them is free: a slow but steady reader would
   * appear to have stalled.
   */
  static void set(Channel channel, long bytesMax) {
    try {
      if (channel instanceof EpollSocketChannel) {
        channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, bytesMax);
      } else if (channel instanceof IoUringSocketChannel) {
        channel.config().setOption(IoUringChannelOption.TCP_NOTSENT_LOWAT, bytesMax);
      }
    } catch (ChannelException closed) {
      // The socket has just closed; its handler is notified separately.
      LOG.debug("unsent bytes not limited: {}", closed.getMessage());
    }
  }
}
