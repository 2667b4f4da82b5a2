// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.systole.client.tls.TlsContext;
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
 * The way of one event loop to the addresses of its servers. Hosts are looked up for each
 * connection, and of their addresses those that failed last are tried last. For one thread.
 */
final class Connector {
  /** A host with more addresses is tried at these only, in the order of the look-up. */
  private static final int ADDRESSES_MAX = 16;

  /** The least time that an address gets when many share the time to connect (RFC 8305 §5). */
  private static final int ADDRESS_TIMEOUT_MS_MIN = 250;

  private static final int PORT_MAX = 65_535;

  private final EventLoop loop;
  private final Network network;
  private final int connectTimeoutMs;

  /** By host, a part of what the last look-up found. */
  private final Map<String, Set<InetAddress>> failed = new HashMap<>();

  Connector(EventLoop loop, Network network, int connectTimeoutMs) {
    this.loop = loop;
    this.network = network;
    this.connectTimeoutMs = connectTimeoutMs;
  }

  /** Looks up a server; gives its addresses in the order to try, or the cause of failure. */
  void lookUp(
      ServerAddress server, Consumer<List<InetAddress>> whenFound, Consumer<String> whenFailed) {
    network
        .names()
        .resolve(server.hostName())
        .copy()
        .orTimeout(connectTimeoutMs, TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (found, cause) -> {
              if (cause == null) {
                whenFound.accept(inOrder(server.hostName(), found));
              } else {
                whenFailed.accept(described(server.hostName(), cause));
              }
            },
            loop);
  }

  private String described(String host, Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    return cause instanceof TimeoutException
        ? "look-up of " + host + " takes longer than connectTimeoutMs=" + connectTimeoutMs
        : "look-up of " + host + " failed: " + cause.getMessage();
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
   * @param untried addresses that share the time to connect, this one included
   */
  ChannelFuture connect(ServerAddress server, InetAddress to, int untried, Connection connection) {
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
            channel.pipeline().addLast(connection);
          }
        })
        .connect(
            new InetSocketAddress(to, server.port()),
            from == null ? null : new InetSocketAddress(from, 0));
  }

  /** The host goes into the handshake as server name and is what the certificate must name. */
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

  /** The port is only part of the key under which the JDK finds a session to resume. */
  private int sessionPort(ServerAddress server) {
    return network.resumesTls()
        ? server.port()
        : ThreadLocalRandom.current().nextInt(PORT_MAX + 1, Integer.MAX_VALUE);
  }

  /** An address did not take a connection. */
  void failed(ServerAddress server, InetAddress address) {
    failed.computeIfAbsent(server.hostName(), host -> new HashSet<>()).add(address);
  }

  /** An address took a connection. */
  void connected(ServerAddress server, InetAddress address) {
    Set<InetAddress> last = failed.get(server.hostName());
    if (last != null) {
      last.remove(address);
    }
  }
}
