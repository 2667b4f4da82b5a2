// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.systole.client.time.Clock;
import java.net.SocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A place for one connection, which is opened again whenever it was lost. On one event loop. */
public final class Line {
  private static final int SCRATCH_BYTES = 64 * 1024;

  private final EventLoop loop;
  private final Transport transport;
  private final SocketAddress server;
  private final LineSettings settings;
  private final Clock clock;
  private final Answers answers;
  private final Uplink uplink;
  private final byte[] scratch;
  private final Backoff backoff;

  /** The connection that is open or being opened. */
  private @Nullable Connection connection;

  /** The next attempt to connect, while there is no connection. */
  private @Nullable Future<?> attempt;

  private boolean isClosed;

  /**
   * Makes a line that is not opened yet.
   *
   * @param scratch from {@link #scratch}, shared by all lines of one loop
   */
  Line(
      EventLoop loop,
      Transport transport,
      SocketAddress server,
      LineSettings settings,
      Clock clock,
      Answers answers,
      Uplink uplink,
      byte[] scratch,
      SplittableRandom random) {
    this.loop = loop;
    this.transport = transport;
    this.server = server;
    this.settings = settings;
    this.clock = clock;
    this.answers = answers;
    this.uplink = uplink;
    this.scratch = scratch;
    this.backoff = new Backoff(settings.reconnectMinMs(), settings.reconnectMaxMs(), random);
  }

  /** Returns an array that the lines of one loop read through: an unfinished head and one read. */
  static byte[] scratch(LineSettings settings) {
    return new byte[settings.limits().headBytesMax() + SCRATCH_BYTES];
  }

  /** Returns the connection, which may still have no room for it is being opened, or null. */
  public @Nullable Connection connection() {
    return connection;
  }

  /** Begins to connect, and to connect again after each loss. */
  void open() {
    Connection next = new Connection(this, answers, clock, settings, scratch);
    connection = next;
    new Bootstrap()
        .group(loop)
        .channel(transport.channelType())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.connectTimeoutMs())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .handler(next)
        .connect(server)
        .addListener((ChannelFuture opened) -> connected(next, opened));
  }

  private static void connected(Connection next, ChannelFuture opened) {
    Throwable cause = opened.cause();
    if (cause != null) {
      next.close(String.valueOf(cause.getMessage()));
    }
  }

  /** Closes the connection for good. */
  void close() {
    isClosed = true;
    if (attempt != null) {
      attempt.cancel(false);
    }
    if (connection != null) {
      connection.close("client closed");
    }
  }

  /** Ends the connection when an answer is overdue; it is opened again. */
  void expire(long nowNs) {
    if (connection != null) {
      connection.expire(nowNs);
    }
  }

  void opened(Connection opened) {
    uplink.opened(opened);
  }

  /** Something came: the server is there. */
  void cycleEnded(Connection answered, int bytesReceived) {
    backoff.reset();
    uplink.cycleEnded(answered, bytesReceived);
  }

  void ended(Connection ended, String cause) {
    if (connection == ended) {
      connection = null;
    }
    uplink.closed(cause, ended.wasOpen());
    if (!isClosed) {
      attempt = loop.schedule(this::open, backoff.nextMs(), TimeUnit.MILLISECONDS);
    }
  }
}
