// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** All attacks, driven by the one event loop that carries their connections. */
final class Attackers implements AutoCloseable {
  private static final int TICK_MS = 10;

  /** The read mode of an attack's sockets. */
  enum Reading {
    /** Reads all input. */
    EAGER,
    /** Reads only on request, one byte at a time, with the smallest window. */
    BYTE_BY_BYTE
  }

  private final EventLoopGroup loop;
  private final NodePort target;
  private final ClientAccess access;

  /** Confined to the loop. */
  private boolean isPaused = true;

  Attackers(NodePort target, ClientAccess access) {
    this(
        target,
        access,
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("attackers"), NioIoHandler.newFactory()));
  }

  private Attackers(NodePort target, ClientAccess access, EventLoopGroup loop) {
    this.target = target;
    this.access = access;
    this.loop = loop;
  }

  /** Returns attackers on the same loop that reach the node in another way. */
  Attackers with(ClientAccess other) {
    return new Attackers(target, other, loop);
  }

  NodePort target() {
    return target;
  }

  ClientAccess access() {
    return access;
  }

  /** Adds attacks, which run concurrently after {@link #resume}. */
  void launch(List<Attack> attacks) {
    loop.scheduleAtFixedRate(() -> tick(attacks), 0, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick(List<Attack> attacks) {
    for (Attack attack : attacks) {
      try {
        if (isPaused || !target.isUp()) {
          attack.pause();
        } else {
          attack.tick(System.nanoTime());
        }
      } catch (RuntimeException failure) {
        attack.stats().violation("internal error of the attack: " + failure);
      }
    }
  }

  void resume() throws InterruptedException, ExecutionException {
    loop.submit(() -> isPaused = false).get();
  }

  void pause() throws InterruptedException, ExecutionException {
    loop.submit(() -> isPaused = true).get();
  }

  /** Opens a connection to the node. */
  ChannelFuture connect(Reading reading, Supplier<List<ChannelHandler>> handlers) {
    Bootstrap bootstrap = new Bootstrap()
        .group(loop)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (reading == Reading.BYTE_BY_BYTE && access.tls() != null) {
              channel.pipeline().addLast(new SlowReads());
            }
            access.secure(channel);
            handlers.get().forEach(channel.pipeline()::addLast);
          }
        });
    if (reading == Reading.BYTE_BY_BYTE) {
      bootstrap
          .option(ChannelOption.AUTO_READ, false)
          .option(ChannelOption.SO_RCVBUF, 2_048)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(1).maxMessagesPerRead(1));
    }
    return bootstrap.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()), access.local());
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
