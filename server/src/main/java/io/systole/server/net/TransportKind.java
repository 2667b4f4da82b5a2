// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** How the kernel is asked for readiness. */
public enum TransportKind {
  /** Epoll where its native library loads, else NIO. */
  AUTO,
  EPOLL,
  NIO,
  IO_URING;

  /** The kind that will serve: never AUTO. */
  TransportKind resolve() {
    if (this != AUTO) {
      return this;
    }
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Why this kind can't be had here; null when it can. */
  @Nullable
  Throwable unavailability() {
    return switch (this) {
      case EPOLL -> Epoll.unavailabilityCause();
      case IO_URING -> IoUring.unavailabilityCause();
      case AUTO, NIO -> null;
    };
  }

  IoHandlerFactory handlers() {
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
}
