// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The connector of one event loop. Host names are resolved for each connection, and addresses that
 * failed last are tried last. For one thread.
 */
final class Connector {
  /** Limit of addresses tried per host, in the order of resolution. */
  private static final int ADDRESSES_MAX = 16;

  /** Minimum timeout per address when several share the connect timeout (RFC 8305 §5). */
  private static final int ADDRESS_TIMEOUT_MS_MIN = 250;

  private static final int PORT_MAX = 65_535;

  private final EventLoop loop;
  private final Network network;
  private final int connectTimeoutMs;

  /** Failed addresses by host, a subset of the last resolution. */
  private final Map<String, Set<InetAddress>> failed = new HashMap<>();

  Connector(EventLoop loop, Network network, int connectTimeoutMs) {
    this.loop = loop;
    this.network = network;
    this.connectTimeoutMs = connectTimeoutMs;
  }

  /**
   * Resolves a server, and passes on its addresses in the order to try, or the cause of failure.
   */
  void lookUp(
      ServerAddress server, Consumer<List<InetAddress>> onResolved, Consumer<String> onFailed) {
    network
        .names()
        .resolve(server.hostName())
        .copy()
        .orTimeout(connectTimeoutMs, TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (addresses, cause) -> {
              if (cause == null) {
                onResolved.accept(inOrder(server.hostName(), addresses));
              } else {
                onFailed.accept(description(server.hostName(), cause));
              }
            },
            loop);
  }

  private String description(String host, Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    return cause instanceof TimeoutException
        ? "lookup of " + host + " exceeds connectTimeoutMs=" + connectTimeoutMs
        : "lookup of " + host + " failed: " + cause.getMessage();
  }

  private List<InetAddress> inOrder(String host, List<InetAddress> found) {
    List<InetAddress> all = found.subList(0, Math.min(ADDRESSES_MAX, found.size()));
    Set<InetAddress> last = failed.getOrDefault(host, Set.of());
    List<InetAddress> order = new ArrayList<>(all);
    order.removeIf(last::contains);
    all.stream().filter(last::contains).forEach(order::add);
    if (!last.isEmpty()) {
      last.retainAll(all);
    }
    return order;
  }

  /**
   * Connects to one address.
   *
   * @param untried addresses that share the connect timeout, including this one
   */
  ChannelFuture connect(ServerAddress server, InetAddress to, int untried, ChannelHandler handler) {
    int timeoutMs =
        Math.max(Math.min(ADDRESS_TIMEOUT_MS_MIN, connectTimeoutMs), connectTimeoutMs / untried);
    InetAddress from = network.sources().next();
    return new Bootstrap()
        .group(loop)
        .channel(network.transport().channelType())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMs)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (server.isTls()) {
              channel.pipeline().addLast(tlsHandler(server, channel));
            }
            channel.pipeline().addLast(handler);
          }
        })
        .connect(
            new InetSocketAddress(to, server.port()),
            from == null ? null : new InetSocketAddress(from, 0));
  }

  /** Returns a TLS handler that sends the host as server name and requires a certificate for it. */
  private SslHandler tlsHandler(ServerAddress server, Channel channel) {
    TlsContext tls = network.tls();
    if (tls == null) {
      throw new IllegalStateException("no TLS context for " + server);
    }
    SslHandler handler =
        tls.current().newHandler(channel.alloc(), server.hostName(), sessionPort(server));
    handler.setHandshakeTimeoutMillis(connectTimeoutMs);
    return handler;
  }

  /**
   * Returns the port for the JDK's session cache: a random one prevents resumption, since host and
   * port are the key.
   */
  private int sessionPort(ServerAddress server) {
    return network.resumesTls()
        ? server.port()
        : ThreadLocalRandom.current().nextInt(PORT_MAX + 1, Integer.MAX_VALUE);
  }

  /** Records an address that failed. */
  void failed(ServerAddress server, InetAddress address) {
    failed.computeIfAbsent(server.hostName(), host -> new HashSet<>()).add(address);
  }

  /** Records an address that accepted a connection. */
  void connected(ServerAddress server, InetAddress address) {
    Set<InetAddress> last = failed.get(server.hostName());
    if (last != null) {
      last.remove(address);
    }
  }
}
