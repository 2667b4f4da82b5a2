// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.systole.client.tls.TlsContext;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A place for one connection to one server. On one event loop. */
public final class Line {
  /*
   *   KNOCKING --opened, taken into use--> SERVING --drain--> DRAINING --nothing in flight--> CLOSED
   *       +-- failed --> CLOSED               +-- close, server given up --> CLOSED
   *
   * Only a serving line is opened again when its connection was lost.
   */
  enum Duty {
    /** Finds out whether a server is there. */
    KNOCKING,
    /** Carries requests. */
    SERVING,
    /** Waits for its last answers. */
    DRAINING,
    CLOSED
  }

  private final LoopParts parts;
  private final ServerAddress server;
  private final Uplink uplink;
  private final Backoff backoff;

  private Duty duty;

  /** The connection that is open or being opened. */
  private @Nullable Connection connection;

  /** The next attempt to connect, while there is no connection. */
  private @Nullable Future<?> attempt;

  /** Makes a line that is not opened yet. */
  Line(LoopParts parts, ServerAddress server, Uplink uplink, Duty duty) {
    this.parts = parts;
    this.server = server;
    this.uplink = uplink;
    this.duty = duty;
    LineSettings settings = parts.settings();
    this.backoff =
        new Backoff(settings.reconnectMinMs(), settings.reconnectMaxMs(), parts.random());
  }

  /** Returns the connection, which may still have no room for it is being opened, or null. */
  public @Nullable Connection connection() {
    return connection;
  }

  Duty duty() {
    return duty;
  }

  boolean isTls() {
    return server.isTls();
  }

  /** Says whether requests may be sent here. */
  boolean mayAsk() {
    return duty == Duty.SERVING && !uplink.isHeld();
  }

  /** Begins to connect, unless it is open or the server has been given up since. */
  void openFirst() {
    if (duty == Duty.SERVING && connection == null) {
      open();
    }
  }

  /** Begins to connect. */
  void open() {
    Connection next = new Connection(this, parts);
    connection = next;
    new Bootstrap()
        .group(parts.loop())
        .channel(parts.transport().channelType())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, parts.settings().connectTimeoutMs())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (server.isTls()) {
              channel.pipeline().addLast(tlsHandler(channel));
            }
            channel.pipeline().addLast(next);
          }
        })
        .connect(server.unresolved())
        .addListener((ChannelFuture opened) -> connected(next, opened));
  }

  /** The host goes into the handshake as server name and is what the certificate must name. */
  private SslHandler tlsHandler(Channel channel) {
    TlsContext tls = parts.tls();
    if (tls == null) {
      throw new IllegalStateException("no TLS context for " + server);
    }
    SslHandler handler =
        tls.current().newHandler(channel.alloc(), server.hostName(), server.port());
    handler.setHandshakeTimeoutMillis(parts.settings().connectTimeoutMs());
    return handler;
  }

  private static void connected(Connection next, ChannelFuture opened) {
    Throwable cause = opened.cause();
    if (cause != null) {
      next.close(String.valueOf(cause.getMessage()));
    }
  }

  /** What knocked becomes the first line in use. */
  void serve() {
    duty = Duty.SERVING;
  }

  /** Sends no more; closes when the last answer has come. */
  void drain() {
    duty = Duty.DRAINING;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection == null) {
      uplink.ended(this, false, Connection.End.ORDERLY, "drained");
    } else {
      connection.endIfDrained();
    }
  }

  /** Closes for good; requests in flight fail as lost. */
  void close(String cause) {
    duty = Duty.CLOSED;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection != null) {
      connection.close(cause);
    }
  }

  /** Ends the connection when an answer is overdue. */
  void expire(long nowNs) {
    if (connection != null) {
      connection.expire(nowNs);
    }
  }

  void opened(Connection opened) {
    uplink.opened(this, opened);
  }

  /** Something came: the server is there. */
  void cycleEnded(Connection answered, int bytesReceived) {
    backoff.reset();
    uplink.cycleEnded(this, answered, bytesReceived);
  }

  void ended(Connection ended, Connection.End end, String cause) {
    if (connection == ended) {
      connection = null;
    }
    uplink.ended(this, ended.wasOpen(), end, cause);
  }

  /** Connects again after a while. */
  void openAgain() {
    attempt = parts.loop().schedule(this::open, backoff.nextMs(), TimeUnit.MILLISECONDS);
  }
}
