// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** The listening socket of a baseline server on loopback, with one event loop per core. */
final class BaselineListener implements AutoCloseable {
  private static final int BACKLOG_MAX = 1024;

  private final EventLoopGroup loops;
  private final Channel channel;

  private BaselineListener(EventLoopGroup loops, Channel channel) {
    this.loops = loops;
    this.channel = channel;
  }

  /** Binds {@code port}, 0 for any, and serves its connections with {@code child}. */
  static BaselineListener bind(int port, ChannelHandler child) {
    boolean epoll = Epoll.isAvailable();
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
        Runtime.getRuntime().availableProcessors(),
        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    Channel channel = new ServerBootstrap()
        .group(loops)
        .channel(type)
        .option(ChannelOption.SO_BACKLOG, BACKLOG_MAX)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(child)
        .bind("127.0.0.1", port)
        .syncUninterruptibly()
        .channel();
    return new BaselineListener(loops, channel);
  }

  /** Returns the value that follows {@code name} on a command line, or {@code fallback}. */
  static String option(String[] args, String name, String fallback) {
    for (int i = 0; i + 1 < args.length; i++) {
      if (args[i].equals(name)) {
        return args[i + 1];
      }
    }
    return fallback;
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** Prints the name, port and pid for the parent process. */
  void announce(String name) {
    System.out.printf(
        "%s ready port=%d pid=%d%n", name, port(), ProcessHandle.current().pid());
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the task ends with its loops
  void everyMinute(Runnable task) {
    loops.scheduleAtFixedRate(task, 1, 1, TimeUnit.MINUTES);
  }

  void awaitClose() {
    channel.closeFuture().syncUninterruptibly();
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
