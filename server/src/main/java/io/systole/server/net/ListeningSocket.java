// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A listening socket that can be closed without resetting the connections in its backlog. */
final class ListeningSocket {
  /*
   * The fields are used on the channel's loop.
   *
   *     OPEN --drain--> DRAINING --nothing accepted since the last check, or too late--> closed
   *
   * Between two checks the loop has polled its sockets: a check that finds nothing accepted proves
   * an empty backlog. It stays empty where the filter lets no handshake begin.
   */

  /**
   * Time for the handshakes under way to complete before the backlog counts as empty: a round trip
   * between continents. It is also the interval of the checks.
   */
  private static final long HANDSHAKE_MS = 200;

  /** Without the filter clients may connect without end: after so many checks the socket closes. */
  private static final int CHECKS_MAX = 5;

  /** The first handler of the channel; Netty's own registers what is accepted, and ends there. */
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

  /**
   * Begins to listen.
   *
   * @param name of the address, in the exception's message
   * @param onAccepted run with each connection before it is registered, on the listener's loop
   * @throws IOException when the address can't be had
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

  /** The JDK's exception for a host name that can't be resolved has no message. */
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
   * Begins to close: no new handshake begins, where the kernel can prevent it; those under way
   * complete, and their connections are accepted.
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
    if (observer.hasAccepted && checks < CHECKS_MAX) {
      checkLater();
    } else {
      channel.close();
    }
  }

  /** Waits until the socket is closed; a drain takes a bounded time. */
  void awaitClosed() throws InterruptedException {
    channel.closeFuture().sync();
  }

  /** Closes at once, and resets what is in the backlog. */
  void close() {
    channel.close().syncUninterruptibly();
  }
}
