// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PeerProxyTest {
  private static final byte[] REQUEST = ("POST /eureka/peerreplication/batch/ HTTP/1.1\r\n"
          + "Host: a\r\nContent-Length: 22\r\n\r\n\"action\":\"Heartbeat\"  ")
      .getBytes(ISO_8859_1);
  private static final int DELAY_MS = 300;

  private static final byte[] RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1);

  private ServerSocket target;
  private PeerProxy proxy;
  private Socket client;

  @BeforeEach
  void start() throws Exception {
    target = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::respond, "target");
    thread.setDaemon(true);
    thread.start();
    proxy = new PeerProxy(target.getLocalPort(), DELAY_MS);
    client = connect();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    proxy.close();
    target.close();
  }

  @Test
  void traffic_forwardedRequests_countsItemsAndBytes() throws IOException {
    exchange();
    int received = exchange();

    assertThat(proxy.traffic())
        .isEqualTo(new PeerProxy.Traffic(2, 2, 2L * REQUEST.length, 2L * received));
  }

  @Test
  void setMode_slow_delaysEachResponse() throws IOException {
    proxy.setMode(PeerProxy.Mode.SLOW);
    long startNs = System.nanoTime();

    exchange();

    assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(DELAY_MS * 1_000_000L);
  }

  @Test
  void setMode_silent_acceptsAndForwardsNothing() throws IOException {
    proxy.setMode(PeerProxy.Mode.SILENT);
    client.setSoTimeout(DELAY_MS);

    assertThatThrownBy(this::exchange).isInstanceOf(SocketTimeoutException.class);

    assertThat(proxy.traffic().requests()).isZero();
  }

  @Test
  void setMode_passAfterSilent_forwardsOnNewConnections() throws IOException {
    proxy.setMode(PeerProxy.Mode.SILENT);
    client.getOutputStream().write(REQUEST);
    proxy.setMode(PeerProxy.Mode.PASS);
    client.close();
    client = connect();

    assertThat(exchange()).isPositive();
  }

  @Test
  void close_openConnection_endsIt() throws IOException {
    exchange();

    proxy.close();

    assertThat(client.getInputStream().read()).isNegative();
  }

  /** Responds to every request on one connection after the other. */
  private void respond() {
    while (!target.isClosed()) {
      try (Socket connection = target.accept()) {
        while (ProxiedRequest.read(connection.getInputStream()) != null) {
          connection.getOutputStream().write(RESPONSE);
        }
      } catch (IOException closed) {
        // The next connection, unless the test has ended.
      }
    }
  }

  private Socket connect() throws IOException {
    Socket connected = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    connected.setSoTimeout(10_000);
    return connected;
  }

  /** Sends a request and returns the size of the response. */
  private int exchange() throws IOException {
    client.getOutputStream().write(REQUEST);
    byte[] buffer = new byte[1 << 16];
    return client.getInputStream().read(buffer);
  }
}
