// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two members, of which the first connects to the second with the SOCKS client of the JDK. */
@Timeout(60)
class MemberProxiesTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private ServerSocket second;
  private MemberProxies proxies;

  @BeforeEach
  void open() throws IOException {
    second = new ServerSocket(0, 50, LOOPBACK);
    proxies = MemberProxies.open(List.of(0, 0), 3);
    proxies.identify(Map.of(
        (InetSocketAddress) second.getLocalSocketAddress(),
        2,
        new InetSocketAddress(LOOPBACK, 1),
        1));
  }

  @AfterEach
  void close() throws IOException {
    proxies.close();
    second.close();
  }

  private Socket connect(int timeoutMs) throws IOException {
    InetSocketAddress proxy = new InetSocketAddress(LOOPBACK, proxies.ports().get(0));
    Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy));
    try {
      socket.connect(second.getLocalSocketAddress(), timeoutMs);
      return socket;
    } catch (IOException failed) {
      socket.close();
      throw failed;
    }
  }

  private static void assertReceives(Socket to, byte[] bytes) throws IOException {
    to.setSoTimeout(30_000);
    assertThat(to.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
  }

  private static void assertReceivesNothing(Socket to) throws IOException {
    to.setSoTimeout(200);
    assertThatThrownBy(() -> to.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void tunnel_whole_carriesBytesBothWaysAndEndsWithEither() throws IOException {
    byte[] large = new byte[1 << 20];
    large[large.length - 1] = 7;
    try (Socket socket = connect(30_000);
        Socket accepted = second.accept()) {
      new Thread(() -> write(socket, large)).start();
      assertReceives(accepted, large);
      write(accepted, new byte[] {1});
      assertReceives(socket, new byte[] {1});

      socket.shutdownOutput();

      accepted.setSoTimeout(30_000);
      assertThat(accepted.getInputStream().read()).isEqualTo(-1);
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> proxies.tunnelCount() == 0);
  }

  private static void write(Socket to, byte[] bytes) {
    try {
      to.getOutputStream().write(bytes);
    } catch (IOException closed) {
      throw new IllegalStateException(closed);
    }
  }

  @Test
  void separate_openTunnel_holdsBytesAndItsEndUntilTheHeal() throws IOException {
    try (Socket socket = connect(30_000);
        Socket accepted = second.accept()) {
      write(socket, new byte[] {1});
      assertReceives(accepted, new byte[] {1});

      proxies.separate(Set.of(1));
      write(socket, new byte[] {2});
      write(accepted, new byte[] {3});
      assertReceivesNothing(accepted);
      assertReceivesNothing(socket);
      socket.shutdownOutput();
      assertReceivesNothing(accepted);
      proxies.separate(Set.of());

      assertReceives(accepted, new byte[] {2});
      assertThat(accepted.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void separate_newTunnel_isNotConnectedUntilTheHeal() throws IOException {
    proxies.separate(Set.of(2));

    assertThatThrownBy(() -> connect(200)).isInstanceOf(SocketTimeoutException.class);

    proxies.separate(Set.of());
    try (Socket socket = connect(30_000);
        Socket accepted = second.accept()) {
      write(socket, new byte[] {1});
      assertReceives(accepted, new byte[] {1});
    }
  }

  @Test
  void separate_bothInOnePart_remainConnected() throws IOException {
    proxies.separate(Set.of(1, 2));

    try (Socket socket = connect(30_000);
        Socket accepted = second.accept()) {
      write(socket, new byte[] {1});
      assertReceives(accepted, new byte[] {1});
    }
  }

  @Test
  void accept_moreTunnelsThanPermitted_areClosed() throws IOException {
    try (Socket first = connect(30_000);
        Socket another = connect(30_000);
        Socket third = connect(30_000)) {
      assertThatThrownBy(() -> connect(30_000)).isInstanceOf(IOException.class);

      assertThat(proxies.tunnelCount()).isEqualTo(3);
      assertThat(first.isConnected() && another.isConnected() && third.isConnected())
          .isTrue();
    }
  }

  @Test
  void decode_anythingButConnect_closes() throws IOException {
    try (Socket socket = new Socket(LOOPBACK, proxies.ports().get(0))) {
      write(socket, "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

      socket.setSoTimeout(30_000);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void open_portIsTaken_isReported() {
    assertThatThrownBy(() -> MemberProxies.open(List.of(second.getLocalPort()), 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen at");
  }
}
