// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.Version;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Locale;

/** The socket transport: epoll where its native library loads, else NIO. */
public enum Transport {
  EPOLL(EpollSocketChannel.class),
  NIO(NioSocketChannel.class);

  private static final String THREADS = "systole-client";

  private final Class<? extends SocketChannel> channelType;

  Transport(Class<? extends SocketChannel> channelType) {
    this.channelType = channelType;
  }

  /** Returns the preferred transport of this machine. */
  public static Transport available() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Returns its name and the version of Netty. */
  public String description() {
    Version netty = Version.identify().get("netty-transport");
    return name().toLowerCase(Locale.ROOT)
        + " of Netty "
        + (netty == null ? "(unknown version)" : netty.artifactVersion());
  }

  /** Starts event loops on daemon threads. */
  public EventLoopGroup startLoops(int loops) {
    var threads = new DefaultThreadFactory(THREADS, true);
    return new MultiThreadIoEventLoopGroup(
        loops, threads, this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  Class<? extends SocketChannel> channelType() {
    return channelType;
  }
}
