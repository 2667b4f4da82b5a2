// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.Version;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A socket transport of Netty. */
public enum Transport {
  /** Epoll where its native library loads, else NIO. */
  AUTO,
  EPOLL,
  NIO,
  IO_URING;

  private static final String THREADS = "systole-client";

  /** Returns the transport to use, never AUTO. */
  public Transport resolve() {
    if (this != AUTO) {
      return this;
    }
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Returns the reason why this transport is not available, or null if it is. */
  public @Nullable Throwable unavailabilityCause() {
    return switch (this) {
      case EPOLL -> Epoll.unavailabilityCause();
      case IO_URING -> IoUring.unavailabilityCause();
      case AUTO, NIO -> null;
    };
  }

  /** Returns its name and the version of Netty. */
  public String description() {
    Version netty = Version.identify().get("netty-transport");
    return name().toLowerCase(Locale.ROOT)
        + " of Netty "
        + (netty == null ? "(unknown version)" : netty.artifactVersion());
  }

  /** Starts event loops of clients, on daemon threads. */
  public EventLoopGroup startLoops(int loops) {
    return startLoops(loops, THREADS);
  }

  /**
   * Starts event loops on daemon threads.
   *
   * @param threads the prefix of their names
   */
  public EventLoopGroup startLoops(int loops, String threads) {
    return new MultiThreadIoEventLoopGroup(
        loops, new DefaultThreadFactory(threads, true), ioHandlerFactory());
  }

  /** Returns the I/O of event loops. */
  public IoHandlerFactory ioHandlerFactory() {
    return switch (resolve()) {
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
      case AUTO, NIO -> NioIoHandler.newFactory();
    };
  }

  /** Returns the type of connections to servers. */
  public Class<? extends SocketChannel> channelType() {
    return switch (resolve()) {
      case EPOLL -> EpollSocketChannel.class;
      case IO_URING -> IoUringSocketChannel.class;
      case AUTO, NIO -> NioSocketChannel.class;
    };
  }
}
