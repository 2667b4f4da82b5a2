// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.systole.client.net.Transport;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ListeningSocketTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** Less than the interval of the checks. */
  private static final int CONNECT_MS = 100;

  private final List<Channel> accepted = new CopyOnWriteArrayList<>();
  private final List<MultiThreadIoEventLoopGroup> loops = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    loops.forEach(group -> group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly());
  }

  private ListeningSocket listen(String kind) throws IOException {
    Transport resolved = Transport.valueOf(kind.toUpperCase(Locale.ROOT));
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, resolved.ioHandlerFactory());
    loops.add(group);
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(group)
        .channel(ListeningSocket.channelType(resolved))
        .childHandler(new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {}
        });
    return ListeningSocket.bind(bootstrap, new ListenAddress("127.0.0.1", 0), "", accepted::add);
  }

  private static Socket connect(InetSocketAddress address, int timeoutMs) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, timeoutMs);
      return socket;
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  @ParameterizedTest
  @MethodSource("io.systole.server.net.HttpServerTest#kinds")
  void drain_eachTransport_keepsAcceptedConnectionsAndThenRefuses(String kind) throws Exception {
    ListeningSocket listener = listen(kind);
    InetSocketAddress address = listener.address();

    try (Socket before = connect(address, (int) BOUND.toMillis())) {
      listener.drain();
      listener.awaitClosed();

      await().atMost(BOUND).until(() -> accepted.size() == 1 && accepted.get(0).isActive());
      assertThat(before.isConnected()).isTrue();
    }
    await()
        .atMost(BOUND)
        .untilAsserted(
            () -> assertThatThrownBy(() -> connect(address, CONNECT_MS).close())
                .isInstanceOf(ConnectException.class));
  }

  @ParameterizedTest
  @MethodSource("io.systole.server.net.DrainUnderLoadTest#filteringKinds")
  void attach_filteringTransport_dropsHandshakesAndKeepsTheBacklog(String kind) throws Exception {
    ListeningSocket listener = listen(kind);
    InetSocketAddress address = listener.address();

    listener.channel().config().setAutoRead(false);
    try (Socket waiting = connect(address, (int) BOUND.toMillis())) {
      boolean isAttached = SynFilter.attach(listener.channel());

      assertThat(isAttached).isTrue();
      assertThatThrownBy(() -> connect(address, CONNECT_MS).close())
          .isInstanceOf(SocketTimeoutException.class);
      listener.channel().config().setAutoRead(true);
      await().atMost(BOUND).until(() -> accepted.size() >= 1);
      assertThat(waiting.isConnected()).isTrue();
    }
  }

  @Test
  void attach_nio_isRefused() throws Exception {
    ListeningSocket listener = listen("nio");

    boolean isAttached = SynFilter.attach(listener.channel());

    assertThat(isAttached).isFalse();
  }

  /** Clients that keep connecting must not keep the listening socket open. */
  @Test
  void drain_nioUnderConstantConnects_closesInBoundedTime() throws Exception {
    ListeningSocket listener = listen("nio");
    InetSocketAddress address = listener.address();
    listener.drain();
    long beganNs = System.nanoTime();

    while (listener.channel().isOpen() && System.nanoTime() - beganNs < BOUND.toNanos()) {
      try (Socket next = connect(address, (int) BOUND.toMillis())) {
        next.setSoLinger(true, 0);
      } catch (IOException closing) {
        // The socket is about to close.
      }
    }

    assertThat(listener.channel().isOpen()).isFalse();
    assertThat(accepted).hasSizeGreaterThan(5);
  }
}
