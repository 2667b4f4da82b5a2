// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Handshake;
import io.systole.server.route.SourceAddress;
import io.systole.server.time.ManualClock;
import io.systole.server.tls.ServerTls;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tasks of handshakes, which run on threads of the server, and the slots that bound them. */
class TlsHandshakeTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final InetSocketAddress PEER = new InetSocketAddress("192.0.2.1", 40_000);

  @TempDir
  private Path directory;

  private final ManualClock clock = new ManualClock();
  private final Counters counters = new Counters();
  private final Quotas quotas = Quotas.of(ConfigParser.read(Map.of(), Map.of()).net());
  private final EmbeddedConnection connection = new EmbeddedConnection(PEER);
  private TestAuthority authority;
  private ServerTls tls;
  private TlsHandshake handshake;
  private SSLEngine client;

  /** The number of bytes received that the client has processed. */
  private int unwrapped;

  @SuppressWarnings("NullAway.Init") // Each test begins with connect().
  @BeforeEach
  void createClient() throws Exception {
    authority = new TestAuthority(directory, "authority");
    client = authority.client(null).createSSLEngine();
    client.setUseClientMode(true);
    client.setEnabledProtocols(new String[] {"TLSv1.2"});
  }

  private void connect(TlsProvider provider) throws Exception {
    Issued node = authority.issue("node");
    tls = new ServerTls(
        new TlsSettings(node.certificate(), node.key(), null, ClientCertificate.NONE, provider));
    handshake = new TlsHandshake(
        connection, tls, quotas, SourceAddress.of(PEER), counters, clock, SOON.toMillis());
    connection.pipeline().addLast(handshake);
    connection.register();
  }

  @AfterEach
  void close() {
    connection.finishAndReleaseAll();
  }

  /** Completes the handshake of the client. */
  private void shakeHands() throws SSLException {
    client.beginHandshake();
    HandshakeStatus status = client.getHandshakeStatus();
    while (status != HandshakeStatus.NOT_HANDSHAKING) {
      switch (status) {
        case NEED_WRAP -> connection.read(wrap());
        case NEED_TASK -> client.getDelegatedTask().run();
        default -> unwrap();
      }
      awaitTasks();
      status = client.getHandshakeStatus();
    }
  }

  private byte[] wrap() throws SSLException {
    ByteBuffer record = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
    client.wrap(ByteBuffer.allocate(0), record);
    return Arrays.copyOf(record.array(), record.position());
  }

  private void unwrap() throws SSLException {
    ByteBuffer received = ByteBuffer.wrap(connection.received().getBytes(ISO_8859_1));
    received.position(unwrapped);
    client.unwrap(received, ByteBuffer.allocate(client.getSession().getApplicationBufferSize()));
    unwrapped = received.position();
  }

  /** Waits for the threads of the server, and continues as its event loop does. */
  private void awaitTasks() {
    await().atMost(SOON).until(() -> handshake.hasWaited(0, clock.monotonicNs()));
    connection.runPendingTasks();
  }

  /** Its tasks would exceed those that the slots permit, and take the place of other clients'. */
  @Test
  void read_renegotiation_isClosedWithoutATask() throws Exception {
    connect(TlsProvider.JDK);
    shakeHands();
    tls.close();

    client.beginHandshake();
    connection.read(wrap());

    assertThat(connection.isOpen()).isFalse();
    assertThat(counters.handshakes(Handshake.COMPLETED)).isEqualTo(1);
    assertThat(counters.handshakes(Handshake.RENEGOTIATED)).isEqualTo(1);
    assertThat(quotas.handshakes().taken()).isZero();
  }

  @Test
  void read_threadsRejectTheTask_returnsTheSlot() throws Exception {
    connect(TlsProvider.JDK);
    tls.close();
    client.beginHandshake();

    assertThatThrownBy(() -> connection.read(wrap()))
        .hasRootCauseInstanceOf(RejectedExecutionException.class);
    connection.close();

    assertThat(quotas.handshakes().taken()).isZero();
  }

  @Test
  void read_engineCannotBeCreated_returnsTheSlotAndReleasesTheBytes() throws Exception {
    connect(TlsProvider.OPENSSL);
    tls.close();
    client.beginHandshake();
    ByteBuf hello = Unpooled.wrappedBuffer(wrap());

    assertThatThrownBy(() -> connection.writeInbound(hello))
        .isInstanceOf(IllegalReferenceCountException.class);

    assertThat(quotas.handshakes().taken()).isZero();
    assertThat(hello.refCnt()).isZero();
  }
}
