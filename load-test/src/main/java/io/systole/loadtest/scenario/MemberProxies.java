// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.systole.client.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A SOCKS proxy for each member of a cluster, on loopback, through which it connects to the others.
 * A partition holds back the bytes of its connections in both directions, and new ones, as a
 * network does that drops packets: none is closed, and a heal delivers what is held. Thread-safe.
 */
final class MemberProxies implements AutoCloseable {
  /*
   * All state is confined to the one event loop, and so are the tunnels. A tunnel reads from one
   * side only while the other one takes it, so it holds at most Netty's high water mark and a read.
   */

  /** Far more than the members of a cluster need among each other. */
  static final int TUNNELS_MAX = 1_024;

  private final EventLoopGroup loop = Transport.NIO.startLoops(1, "member-proxies");
  private final List<Integer> ports = new ArrayList<>();
  private final int tunnelsMax;
  private final Set<Tunnel> tunnels = new HashSet<>();
  private Map<InetSocketAddress, Integer> nodes = Map.of();
  private Set<Integer> part = Set.of();

  private MemberProxies(int tunnelsMax) {
    this.tunnelsMax = tunnelsMax;
  }

  /**
   * Listens on a port for each member.
   *
   * @param ports in the order of the members; 0 for a free one
   * @throws IOException if a port is taken
   */
  static MemberProxies open(List<Integer> ports, int tunnelsMax) throws IOException {
    MemberProxies proxies = new MemberProxies(tunnelsMax);
    try {
      for (int node = 1; node <= ports.size(); node++) {
        proxies.listen(ports.get(node - 1), node);
      }
      return proxies;
    } catch (IOException taken) {
      proxies.close();
      throw taken;
    }
  }

  private void listen(int port, int node) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    ChannelFuture bound = new ServerBootstrap()
        .group(loop)
        .channel(NioServerSocketChannel.class)
        .childHandler(new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            accept(channel, node);
          }
        })
        .bind(address)
        .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen at " + address + ": " + bound.cause().getMessage());
    }
    ports.add(((InetSocketAddress) bound.channel().localAddress()).getPort());
  }

  private void accept(Channel channel, int node) {
    if (tunnels.size() >= tunnelsMax) {
      channel.close();
      return;
    }
    Tunnel tunnel = new Tunnel(node, channel);
    tunnels.add(tunnel);
    channel.closeFuture().addListener(closed -> tunnels.remove(tunnel));
    channel.pipeline().addLast(new SocksDecoder(), tunnel);
  }

  /** Returns the ports, in the order of the members. */
  List<Integer> ports() {
    return List.copyOf(ports);
  }

  /** Returns the number of connections between members. */
  int tunnelCount() {
    return onLoop(tunnels::size);
  }

  /** Sets the numbers of the members, from 1, by their addresses. */
  void identify(Map<InetSocketAddress, Integer> nodesByAddress) {
    Map<InetSocketAddress, Integer> copy = Map.copyOf(nodesByAddress);
    onLoop(() -> nodes = copy);
  }

  /** Separates members from the others until the next call; an empty set ends a partition. */
  void separate(Set<Integer> members) {
    Set<Integer> copy = Set.copyOf(members);
    onLoop(() -> {
      part = copy;
      List.copyOf(tunnels).forEach(Tunnel::update);
      return part;
    });
  }

  private <T> T onLoop(Callable<T> task) {
    try {
      return loop.submit(task).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the proxies failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the proxies were updated", e);
    }
  }

  @Override
  public void close() {
    // Daemon threads, whose connections end with them.
    loop.shutdownGracefully();
  }

  /** A connection from one member to another. */
  private final class Tunnel extends SimpleChannelInboundHandler<InetSocketAddress> {
    private final int node;
    private final Channel in;
    private @Nullable InetSocketAddress target;
    private @Nullable Channel out;

    Tunnel(int node, Channel in) {
      this.node = node;
      this.in = in;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, InetSocketAddress requested) {
      target = requested;
      update();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable reset) {
      context.close();
    }

    private boolean isHeld() {
      Integer other = target == null ? null : nodes.get(target);
      return other != null && part.contains(node) != part.contains(other);
    }

    /** Connects, reads or pauses, as the partition requires. */
    private void update() {
      if (target == null || !in.isActive()) {
        return;
      }
      if (out != null) {
        read(in, out);
        read(out, in);
      } else if (!isHeld()) {
        connect(target);
      }
    }

    private void read(Channel from, Channel to) {
      from.config().setAutoRead(!isHeld() && to.isWritable());
    }

    private void connect(InetSocketAddress address) {
      in.config().setAutoRead(false);
      ChannelFuture connecting = new Bootstrap()
          .group(in.eventLoop())
          .channel(NioSocketChannel.class)
          .option(ChannelOption.AUTO_READ, false)
          .handler(new Relay(in))
          .connect(address);
      out = connecting.channel();
      connecting.addListener((ChannelFutureListener) done -> {
        if (!done.isSuccess() || !in.isActive()) {
          in.close();
          done.channel().close();
          return;
        }
        in.writeAndFlush(Unpooled.wrappedBuffer(SocksDecoder.REPLY_OK));
        in.pipeline().addLast(new Relay(done.channel()));
        in.pipeline().remove(SocksDecoder.class);
        in.pipeline().remove(this);
        update();
      });
    }

    /** A handler that writes what it reads to the other side. */
    private final class Relay extends ChannelInboundHandlerAdapter {
      private final Channel other;

      Relay(Channel other) {
        this.other = other;
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object bytes) {
        other.writeAndFlush(bytes);
        read(context.channel(), other);
      }

      @Override
      public void channelWritabilityChanged(ChannelHandlerContext context) {
        read(other, context.channel());
      }

      @Override
      public void channelInactive(ChannelHandlerContext context) {
        other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable reset) {
        context.close();
      }
    }
  }
}
