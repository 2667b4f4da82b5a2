// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemberSocketsTest {
  private static final int CONNECT_MS = 30_000;

  private GroupFixture fixture;
  private MemberSockets sockets;

  @BeforeEach
  void bind() throws IOException {
    fixture = new GroupFixture(1);
    sockets = new MemberSockets(fixture.settings(0));
    sockets.bind(fixture.bind(0));
  }

  @AfterEach
  void close() {
    sockets.close();
    fixture.close();
  }

  @Test
  void createServerSocket_ofTheTransport_isBound() throws IOException {
    ServerSocket server = sockets.createServerSocket("jgroups.tcp.server");

    assertThat(server.getLocalPort()).isEqualTo(fixture.bind(0).getPort());
  }

  /** The client of FD_SOCK sends nothing when it connects. */
  @Test
  void createServerSocket_ofAnotherProtocol_admitsConnectionsAtAnotherPort() throws Exception {
    ServerSocket server = sockets.createServerSocket("jgroups.fd_sock.srv_sock");
    server.bind(new InetSocketAddress(fixture.bind(0).getAddress(), 0));
    CompletableFuture<Socket> accepting = CompletableFuture.supplyAsync(() -> accept(server));

    try (Socket client = sockets.createSocket("jgroups.fd.ping_sock")) {
      client.connect(server.getLocalSocketAddress(), CONNECT_MS);
      try (Socket accepted = accepting.get(30, TimeUnit.SECONDS)) {
        accepted.getOutputStream().write(17);
        accepted.getOutputStream().flush();

        assertThat(client.getInputStream().read()).isEqualTo(17);
      }
    }
    assertThat(server.getLocalPort()).isNotEqualTo(fixture.bind(0).getPort());
  }

  @Test
  void close_serverSocketOfAnotherProtocol_isClosed() throws IOException {
    ServerSocket server = sockets.createServerSocket("jgroups.fd_sock.srv_sock");

    sockets.close();

    assertThat(server.isClosed()).isTrue();
  }

  private static Socket accept(ServerSocket server) {
    try {
      return server.accept();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
