// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the state of the node to systemd, which waits for it with {@code Type=notify} and
 * restarts it with {@code WatchdogSec}; see sd_notify(3). Does nothing in a process that systemd
 * has given no socket.
 */
final class SystemdNotifier implements AutoCloseable {
  /*
   * The JDK has no datagrams over Unix domain sockets, so an event loop of Netty sends them. It is
   * separate from the node's, which are what the watchdog watches.
   */

  /** The environment variable with the path of systemd's socket. */
  static final String SOCKET = "NOTIFY_SOCKET";

  /** The environment variable with the time after which systemd restarts a silent node, in µs. */
  static final String WATCHDOG_US = "WATCHDOG_USEC";

  /** The environment variable with the process that the watchdog is meant for. */
  static final String WATCHDOG_PID = "WATCHDOG_PID";

  /** Reports in the time after which systemd restarts the node. */
  private static final int REPORTS = 3;

  /** Sending takes no time unless systemd hangs, which must not keep a node from serving. */
  private static final long SEND_MS_MAX = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

  private final Map<String, String> environment;
  private final @Nullable String socket;

  /** Created with the first message; its thread does not keep the process alive. */
  private @Nullable EventLoopGroup loop;

  /** Creates a notifier for the socket that the environment names, if any. */
  SystemdNotifier(Map<String, String> environment) {
    this.environment = environment;
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

  /**
   * Reports that the node is alive, as often as systemd's watchdog requires, if it does.
   *
   * @param probe returns a future that completes if the node is alive now
   */
  void watch(Supplier<CompletableFuture<Void>> probe) {
    long timeoutUs = watchdogUs();
    if (socket == null || timeoutUs == 0) {
      return;
    }
    DomainSocketAddress address = new DomainSocketAddress(socket);
    try {
      var unused = loop()
          .scheduleAtFixedRate(
              () -> report(probe, address),
              0,
              Math.max(1, timeoutUs / REPORTS),
              TimeUnit.MICROSECONDS);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError failure) {
      LOG.warn("can't notify systemd, which will end the node socket={}", socket, failure);
    }
  }

  /** Returns the timeout of the watchdog; 0 if this process has none. */
  private long watchdogUs() {
    String pid = environment.get(WATCHDOG_PID);
    if (pid != null && !pid.equals(Long.toString(ProcessHandle.current().pid()))) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(environment.getOrDefault(WATCHDOG_US, "0")));
    } catch (NumberFormatException malformed) {
      LOG.warn("{}={} is not a number", WATCHDOG_US, environment.get(WATCHDOG_US));
      return 0;
    }
  }

  /** Called on the loop, so it may not wait. */
  private void report(Supplier<CompletableFuture<Void>> probe, DomainSocketAddress address) {
    try {
      var unused = probe
          .get()
          .thenRunAsync(
              () -> connect("WATCHDOG=1", address).addListener(connected -> {
                if (!connected.isSuccess()) {
                  LOG.debug("can't notify systemd socket={}", address, connected.cause());
                }
              }),
              loop());
    } catch (RejectedExecutionException stopped) {
      LOG.debug("the node has stopped", stopped);
    }
  }

  private void send(String message) {
    if (socket == null) {
      return;
    }
    try {
      ChannelFuture connected = connect(message, new DomainSocketAddress(socket));
      await(connected);
      await(connected.channel().closeFuture());
    } catch (IOException | UnsatisfiedLinkError | NoClassDefFoundError failure) {
      LOG.warn("can't notify systemd, which may end the node socket={}", socket, failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Opens a channel that sends a message and closes. */
  private ChannelFuture connect(String message, DomainSocketAddress address) {
    return new Bootstrap()
        .group(loop())
        .channel(EpollDomainDatagramChannel.class)
        .handler(new ChannelInboundHandlerAdapter() {
          @Override
          public void channelActive(ChannelHandlerContext context) {
            context
                .writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8))
                .addListener(sent -> {
                  if (!sent.isSuccess()) {
                    LOG.warn("can't notify systemd, which may end the node", sent.cause());
                  }
                  context.close();
                });
          }
        })
        .connect(address);
  }

  private synchronized EventLoopGroup loop() {
    EventLoopGroup present = loop;
    if (present == null) {
      present = new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("systole-notify", true), EpollIoHandler.newFactory());
      loop = present;
    }
    return present;
  }

  /** Ends the reports to the watchdog. */
  @Override
  public synchronized void close() {
    if (loop != null) {
      loop.shutdownGracefully(0, SEND_MS_MAX, TimeUnit.MILLISECONDS);
    }
  }

  private static void await(ChannelFuture operation) throws IOException, InterruptedException {
    if (!operation.await(SEND_MS_MAX)) {
      throw new IOException("timed out after " + SEND_MS_MAX + " ms");
    }
    if (!operation.isSuccess()) {
      throw new IOException(operation.cause());
    }
  }
}
