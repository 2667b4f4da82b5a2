// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.systole.client.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A listening socket that can be closed without resetting the connections in its backlog. */
final class ListeningSocket {
  /*
   * The fields are confined to the channel's loop.
   *
   *     OPEN --drain--> DRAINING --nothing accepted since the last check--> closed
   *
   * There are at most BACKLOG_CHECKS_MAX checks. The loop polls its sockets between two of them, so
   * a check without an accept proves that the backlog is empty. It stays empty where the filter
   * prevents new handshakes.
   */

  /**
   * The interval of the checks, and the time for handshakes in progress to complete: a round trip
   * between continents.
   */
  private static final long HANDSHAKE_MS = 200;

  /** The maximum number of checks. Without the filter, clients could keep connecting forever. */
  private static final int BACKLOG_CHECKS_MAX = 5;

  /** The first handler of the channel; Netty's own registers accepted channels and is the last. */
  private static final class AcceptObserver extends ChannelInboundHandlerAdapter {
    private final Consumer<Channel> onAccepted;
    private boolean hasAccepted;

    AcceptObserver(Consumer<Channel> onAccepted) {
      this.onAccepted = onAccepted;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
      hasAccepted = true;
      onAccepted.accept((Channel) accepted);
      ctx.fireChannelRead(accepted);
    }
  }

  private final Channel channel;
  private final AcceptObserver observer;
  private boolean isDraining;
  private int checks;

  private ListeningSocket(Channel channel, AcceptObserver observer) {
    this.channel = channel;
    this.observer = observer;
  }

  /** Returns the type of listening sockets of a transport. */
  static Class<? extends ServerSocketChannel> channelType(Transport transport) {
    return switch (transport.resolve()) {
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
      case AUTO, NIO -> NioServerSocketChannel.class;
    };
  }

  /**
   * Binds a listening socket.
   *
   * @param name prefix of the address in the exception's message
   * @param onAccepted called with each connection before it is registered, on the listener's loop
   * @throws IOException if the address can't be bound
   */
  static ListeningSocket bind(
      ServerBootstrap bootstrap, ListenAddress address, String name, Consumer<Channel> onAccepted)
      throws IOException {
    AcceptObserver observer = new AcceptObserver(onAccepted);
    try {
      Channel bound = bootstrap
          .handler(observer)
          .bind(address.host(), address.port())
          .sync()
          .channel();
      return new ListeningSocket(bound, observer);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while binding", interrupted);
    } catch (Exception failure) {
      // Netty rethrows the socket's own exception, unwrapped and undeclared.
      throw new IOException("can't listen on " + name + address + ": " + reason(failure), failure);
    }
  }

  /** Supplies a message for an unresolvable host name; the JDK's exception has none. */
  private static String reason(Exception failure) {
    return failure instanceof UnresolvedAddressException
        ? "unresolved host"
        : String.valueOf(failure.getMessage());
  }

  Channel channel() {
    return channel;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /**
   * Begins to close the socket. New handshakes are prevented where the kernel supports it; those in
   * progress complete, and their connections are accepted.
   */
  void drain() {
    channel.eventLoop().execute(() -> {
      if (!isDraining) {
        isDraining = true;
        SynFilter.attach(channel);
        checkLater();
      }
    });
  }

  private void checkLater() {
    observer.hasAccepted = false;
    var unused = channel.eventLoop().schedule(this::check, HANDSHAKE_MS, TimeUnit.MILLISECONDS);
  }

  private void check() {
    checks++;
    if (observer.hasAccepted && checks < BACKLOG_CHECKS_MAX) {
      checkLater();
    } else {
      channel.close();
    }
  }

  /** Waits until the socket is closed. The wait is bounded after {@link #drain}. */
  void awaitClosed() throws InterruptedException {
    channel.closeFuture().sync();
  }

  /** Closes the socket immediately, which resets the connections in its backlog. */
  void close() {
    channel.close().syncUninterruptibly();
  }
}
