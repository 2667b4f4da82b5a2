// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.cluster.group.MemberHandshake.Streams;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberHandshakeTest {
  private static final String OTHER_SECRET =
      "its --cluster-secret-file has another secret, or only one side has the option";
  private static final String OTHER_PROTOCOL =
      "it uses another protocol, or only one side uses TLS";

  @TempDir
  private Path directory;

  private ServerSocket port;
  private int files;

  @BeforeEach
  void listen() throws IOException {
    port = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    port.close();
  }

  private MemberHandshake handshake(
      String name, @Nullable String secret, GroupSettings.@Nullable Tls tls) throws IOException {
    files++;
    Path file =
        secret == null ? null : Files.writeString(directory.resolve("secret-" + files), secret);
    return new MemberHandshake(new GroupSettings(
        name, GroupFixture.address("127.0.0.1", 0), List.of(), null, null, file, tls));
  }

  private GroupSettings.Tls tls(TestAuthority trusted, TestAuthority issuer) throws IOException {
    Issued issued = issuer.issue("member");
    return new GroupSettings.Tls(trusted.file(), issued.certificate(), issued.key());
  }

  private CompletableFuture<@Nullable IOException> accept(MemberHandshake server) {
    return CompletableFuture.supplyAsync(() -> {
      try (Socket accepted = port.accept()) {
        accepted.setSoTimeout(30_000);
        Streams streams = server.accept(accepted);
        streams.out().write(streams.in().read());
        streams.out().flush();
        return null;
      } catch (IOException failure) {
        return failure;
      }
    });
  }

  private void assertRefused(
      MemberHandshake server, MemberHandshake client, String atServer, String atClient)
      throws Exception {
    CompletableFuture<@Nullable IOException> accepted = accept(server);
    try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
      socket.setSoTimeout(30_000);

      assertThatThrownBy(() -> client.connect(socket))
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith(atClient);
    }
    assertThat(accepted.get(30, TimeUnit.SECONDS))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith(atServer);
    server.close();
    client.close();
  }

  private void assertAdmitted(MemberHandshake server, MemberHandshake client) throws Exception {
    CompletableFuture<@Nullable IOException> accepted = accept(server);
    try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
      socket.setSoTimeout(30_000);

      Streams streams = client.connect(socket);
      streams.out().write(17);
      streams.out().flush();

      assertThat(streams.in().read()).isEqualTo(17);
    }
    assertThat(accepted.get(30, TimeUnit.SECONDS)).isNull();
    server.close();
    client.close();
  }

  @Test
  void connect_withoutSecurity_isAdmitted() throws Exception {
    assertAdmitted(handshake("test", null, null), handshake("test", null, null));
  }

  @Test
  void connect_sameSecretAndAuthority_isAdmitted() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");

    assertAdmitted(
        handshake("test", "correct horse battery", tls(authority, authority)),
        handshake("test", " correct horse battery\n", tls(authority, authority)));
  }

  @Test
  void accept_connectionEnds_isNotRefused() throws Exception {
    byte[] name =
        MessageDigest.getInstance("SHA-256").digest("test".getBytes(StandardCharsets.UTF_8));
    byte[] request = ByteBuffer.allocate(5 + 32 + 32)
        .put("SYSM".getBytes(StandardCharsets.UTF_8))
        .put((byte) 1)
        .put(name)
        .array();

    for (int length : new int[] {0, 3, 40, request.length}) {
      CompletableFuture<@Nullable IOException> accepted = accept(handshake("test", null, null));
      try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
        socket.getOutputStream().write(request, 0, length);
        socket.shutdownOutput();

        assertThat(accepted.get(30, TimeUnit.SECONDS)).isExactlyInstanceOf(EOFException.class);
      }
    }
  }

  @Test
  void connect_otherName_isRefused() throws Exception {
    assertRefused(
        handshake("test", null, null),
        handshake("other", null, null),
        "it joins a cluster with another name",
        "it belongs to a cluster with another name");
  }

  @Test
  void connect_otherSecret_isRefused() throws Exception {
    assertRefused(
        handshake("test", "correct horse battery", null),
        handshake("test", "another horse battery", null),
        OTHER_SECRET,
        OTHER_SECRET);
  }

  @Test
  void connect_secretOnOneSide_isRefused() throws Exception {
    assertRefused(
        handshake("test", "correct horse battery", null),
        handshake("test", null, null),
        OTHER_SECRET,
        OTHER_SECRET);
    assertRefused(
        handshake("test", null, null),
        handshake("test", "correct horse battery", null),
        OTHER_SECRET,
        OTHER_SECRET);
  }

  @Test
  void connect_otherAuthority_isRefused() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");
    TestAuthority other = new TestAuthority(directory, "other");

    MemberHandshake server = handshake("test", null, tls(authority, authority));
    MemberHandshake client = handshake("test", null, tls(other, other));
    CompletableFuture<@Nullable IOException> accepted = accept(server);
    try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
      assertThatThrownBy(() -> client.connect(socket))
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith("TLS: ");
    }
    // The alert, or the end of a connection to which the server still writes.
    assertThat(accepted.get(30, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void connect_certificateOfOtherAuthority_isRefused() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");
    TestAuthority other = new TestAuthority(directory, "other");

    assertRefused(
        handshake("test", null, tls(authority, authority)),
        handshake("test", null, tls(authority, other)),
        "TLS: ",
        "TLS: ");
  }

  @Test
  void connect_tlsAtServerOnly_isRefused() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");

    assertRefused(
        handshake("test", null, tls(authority, authority)),
        handshake("test", null, null),
        "TLS: ",
        OTHER_PROTOCOL);
  }

  @Test
  void connect_tlsAtClientOnly_isRefused() throws Exception {
    TestAuthority authority = new TestAuthority(directory, "authority");

    assertRefused(
        handshake("test", null, null),
        handshake("test", null, tls(authority, authority)),
        OTHER_PROTOCOL,
        "TLS: ");
  }

  @Test
  void connect_serverProvesNothing_isRefused() throws Exception {
    MemberHandshake client = handshake("test", "correct horse battery", null);
    CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
      try (Socket accepted = port.accept()) {
        byte[] hello = accepted.getInputStream().readNBytes(69);
        accepted.getOutputStream().write(new byte[33]);
        byte[] proof = accepted.getInputStream().readNBytes(32);
        accepted.getOutputStream().write(new byte[1]);
        accepted.getOutputStream().write(proof);
        return hello;
      } catch (IOException failure) {
        throw new IllegalStateException(failure);
      }
    });
    try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
      assertThatThrownBy(() -> client.connect(socket))
          .isInstanceOf(RefusedException.class)
          .hasMessage(OTHER_SECRET);
    }

    assertThat(received.get(30, TimeUnit.SECONDS)).startsWith('S', 'Y', 'S', 'M', 1);
  }

  @Test
  void connect_serverCloses_isNoRefusal() throws Exception {
    MemberHandshake client = handshake("test", null, null);
    CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
      try (Socket accepted = port.accept()) {
        accepted.getInputStream().readNBytes(69);
      } catch (IOException failure) {
        throw new IllegalStateException(failure);
      }
    });
    try (Socket socket = new Socket(port.getInetAddress(), port.getLocalPort())) {
      assertThatThrownBy(() -> client.connect(socket))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(RefusedException.class);
    }
    closed.get(30, TimeUnit.SECONDS);
  }
}
