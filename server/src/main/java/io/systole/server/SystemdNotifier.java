// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the state of the node to systemd, which waits for it with {@code Type=notify}; see
 * sd_notify(3). Does nothing in a process that systemd has given no socket.
 */
final class SystemdNotifier {
  /*
   * The JDK has no datagrams over Unix domain sockets, so each of the few messages of a node's life is
   * sent by a separate event loop, which ends with it.
   */

  /** The environment variable with the path of systemd's socket. */
  static final String SOCKET = "NOTIFY_SOCKET";

  /** Sending takes no time unless systemd hangs, which must not keep a node from serving. */
  private static final long SEND_MS_MAX = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

  private final @Nullable String socket;

  /** Creates a notifier for the socket that the environment names, if any. */
  SystemdNotifier(Map<String, String> environment) {
    String path = environment.get(SOCKET);
    // A leading @ stands for the zero byte of an abstract address (unix(7)).
    this.socket = path != null && path.startsWith("@") ? '\0' + path.substring(1) : path;
  }

  /** Reports that the node serves. */
  void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  /** Reports that the node has begun to stop. */
  void stopping() {
    send("STOPPING=1\nSTATUS=completing requests");
  }

  private void send(String message) {
    if (socket == null) {
      return;
    }
    try {
      send(message, new DomainSocketAddress(socket));
    } catch (IOException | UnsatisfiedLinkError | NoClassDefFoundError failure) {
      LOG.warn("can't notify systemd, which may end the node socket={}", socket, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(String message, DomainSocketAddress address)
      throws IOException, InterruptedException {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("systole-notify", true), EpollIoHandler.newFactory());
    try {
      Channel channel = await(new Bootstrap()
          .group(loop)
          .channel(EpollDomainDatagramChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(address));
      await(channel.writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8)));
    } finally {
      loop.shutdownGracefully(0, SEND_MS_MAX, TimeUnit.MILLISECONDS);
    }
  }

  private static Channel await(ChannelFuture operation) throws IOException, InterruptedException {
    if (!operation.await(SEND_MS_MAX)) {
      throw new IOException("timed out after " + SEND_MS_MAX + " ms");
    }
    if (!operation.isSuccess()) {
      throw new IOException(operation.cause());
    }
    return operation.channel();
  }
}
