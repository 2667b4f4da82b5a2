// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A Unix datagram socket in the place of systemd's. */
final class NotificationSocket implements AutoCloseable {
  private static final long WAIT_SECONDS = 30;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

  /** Binds a socket to a path, or with a leading zero byte to an abstract address. */
  NotificationSocket(String address) {
    new Bootstrap()
        .group(loop)
        .channel(EpollDomainDatagramChannel.class)
        .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
          @Override
          protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
            received.add(packet.content().toString(UTF_8));
          }
        })
        .bind(new DomainSocketAddress(address))
        .syncUninterruptibly();
  }

  /** Returns the next message; "null" if there is none within 30 s. */
  String next() throws InterruptedException {
    return String.valueOf(received.poll(WAIT_SECONDS, TimeUnit.SECONDS));
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
