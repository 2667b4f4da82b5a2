// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Netty transport. */
public enum TransportKind {
  /** Epoll where its native library loads, else NIO. */
  AUTO,
  EPOLL,
  NIO,
  IO_URING;

  private static final Logger LOG = LoggerFactory.getLogger(TransportKind.class);

  /** Returns the transport to use, never AUTO. */
  TransportKind resolve() {
    if (this != AUTO) {
      return this;
    }
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Returns the reason why this transport is not available, or null if it is. */
  @Nullable
  Throwable unavailabilityCause() {
    return switch (this) {
      case EPOLL -> Epoll.unavailabilityCause();
      case IO_URING -> IoUring.unavailabilityCause();
      case AUTO, NIO -> null;
    };
  }

  /**
   * Limits the unsent bytes that the kernel buffers for a socket, where the kernel supports it. By
   * default it buffers megabytes for each slow reader and reports the socket writable only when a
   * third of them is free: a slow but steady reader would appear to have stalled.
   */
  static void limitUnsent(Channel channel, long bytesMax) {
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

  IoHandlerFactory ioHandlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case AUTO, NIO -> NioIoHandler.newFactory();
    };
  }

  Class<? extends ServerSocketChannel> serverChannel() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
      case AUTO, NIO -> NioServerSocketChannel.class;
    };
  }

  /** Returns the type of connections to other servers. */
  public Class<? extends SocketChannel> clientChannel() {
    return switch (this) {
      case EPOLL -> EpollSocketChannel.class;
      case IO_URING -> IoUringSocketChannel.class;
      case AUTO, NIO -> NioSocketChannel.class;
    };
  }
}
