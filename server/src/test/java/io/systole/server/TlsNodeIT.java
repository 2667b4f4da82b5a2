// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that serves TLS. */
class TlsNodeIT {
  private static final int TIMEOUT_MS = 20_000;

  private static final String EMPTY_RECORDS =
      "systole_net_connections_closed_total{reason=\"empty_tls_records\"}";

  private static final String DROPPED = "systole_tls_handshakes_total{outcome=\"dropped\"}";

  @TempDir
  private static Path directory;

  private static TestAuthority authority;
  private static Issued identity;

  @BeforeAll
  static void issue() {
    authority = new TestAuthority(directory, "authority");
    identity = authority.issue("node");
  }

  private static SecuredNode node() throws IOException {
    return node("jdk");
  }

  private static SecuredNode node(String provider) throws IOException {
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--tls-provider", provider);
    return SecuredNode.start(options);
  }

  /** Connects with one protocol only. */
  private static SSLSocket socket(SSLContext context, int port, String protocol)
      throws IOException {
    SSLSocket socket = SecuredNode.socket(context, port);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.setEnabledProtocols(new String[] {protocol});
    return socket;
  }

  @ParameterizedTest
  @CsvSource({"jdk, TLSv1.2", "jdk, TLSv1.3", "openssl, TLSv1.2", "openssl, TLSv1.3"})
  void heartbeat_overEachProtocol_renews(String provider, String protocol) throws Exception {
    try (SecuredNode node = node(provider);
        SSLSocket socket = socket(authority.client(null), node.port, protocol);
        LiveClient client = LiveClient.of(socket)) {
      client.send(SecuredNode.HEARTBEAT);

      assertThat(client.response().status()).isEqualTo(200);
      assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
      assertThat(socket.getSession().getCipherSuite()).contains("_GCM_");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void heartbeats_pipelinedOverTls_areAnsweredInOrder(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        LiveClient client = node.connect(authority.client(null))) {
      String unknown = SecuredNode.HEARTBEAT.replace("/PAY/", "/NONE/");
      client.send((SecuredNode.HEARTBEAT + unknown).repeat(500));

      assertThat(ParsedResponse.statusesIn(client.responses(1000)))
          .startsWith(200, 404, 200, 404)
          .hasSize(1000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void read_largeRegistryOverTls_isComplete(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        LiveClient client = node.connect(authority.client(null))) {
      for (int i = 0; i < 2_000; i++) {
        node.server.registry().register(Instances.up("MANY", "i-" + i, 90), Origin.CLIENT);
      }
      client.send("GET /v2/apps HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      ParsedResponse response = ParsedResponse.parseAll(client.rest()).get(0);

      assertThat(response.body()).hasSizeGreaterThan(1_000_000).contains("i-1999");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void request_withConnectionClose_endsWithCloseNotify(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        LiveClient client = node.connect(authority.client(null))) {
      client.send("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

      // An SSLSocket reports the end of input without a close_notify as an error.
      assertThat(ParsedResponse.statusesIn(client.rest())).containsExactly(200);
    }
  }

  /** BoringSSL responds to a close_notify at once with its own, as TLS 1.2 requires. */
  @Test
  void request_thenCloseNotify_isAnswered() throws Exception {
    try (SecuredNode node = node();
        LiveClient client = node.connect(authority.client(null))) {
      client.send(SecuredNode.HEARTBEAT);
      client.endOutput();

      assertThat(ParsedResponse.statusesIn(client.rest())).containsExactly(200);
    }
  }

  @Test
  void plainRequest_onTlsPort_isClosedWithoutResponse() throws Exception {
    try (SecuredNode node = node();
        LiveClient client = node.connect()) {
      client.send(SecuredNode.HEARTBEAT);

      assertThat(restOrReset(client)).isEmpty();
      assertThat(metric(node, "systole_tls_handshakes_total{outcome=\"not_tls\"}"))
          .isEqualTo(1);
      assertThat(metric(node, "systole_net_errors_total")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void garbage_afterTheFirstByte_isClosedWithoutInternalError(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        LiveClient client = node.connect()) {
      client.send("\26\3\1\0\7GARBAGE".getBytes(ISO_8859_1));
      restOrReset(client);

      assertThat(metric(node, "systole_tls_handshakes_total{outcome=\"failed\"}"))
          .isEqualTo(1);
      assertThat(metric(node, "systole_net_errors_total")).isZero();
    }
  }

  /** Reads to the end; a reset is an end too, as the server closes without reading everything. */
  private static String restOrReset(LiveClient client) {
    try {
      return client.rest();
    } catch (IOException reset) {
      return "";
    }
  }

  private static double metric(SecuredNode node, String name) throws Exception {
    try (LiveClient client = node.connect(authority.client(null))) {
      client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
      return node.metric(client.response().body(), name);
    }
  }

  @Test
  void handshake_incomplete_isClosedAfterTheRequestTimeout() throws Exception {
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--request-timeout", "300ms");
    try (SecuredNode node = SecuredNode.start(options);
        LiveClient client = node.connect()) {
      client.send("\26\3\1\2\0".getBytes(ISO_8859_1));

      restOrReset(client);

      // On a busy machine, the handshake for the metric may exceed the timeout too.
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(
              () -> assertThat(metric(node, "systole_tls_handshakes_total{outcome=\"timed_out\"}"))
                  .isGreaterThanOrEqualTo(1));
    }
  }

  /** A ClientHello whose highest version is this one, with a suite that the version has. */
  private static byte[] clientHello(int version) {
    String body = "03%02x".formatted(version) + "00".repeat(32) + "00" + "0002c013" + "0100";
    String handshake = "01%06x".formatted(body.length() / 2) + body;
    String message = "160301%04x".formatted(handshake.length() / 2) + handshake;
    return HexFormat.of().parseHex(message);
  }

  @ParameterizedTest
  @CsvSource({"jdk, 0", "jdk, 1", "jdk, 2", "openssl, 1", "openssl, 2"})
  void handshake_olderProtocol_receivesProtocolVersionAlert(String provider, int version)
      throws Exception {
    try (SecuredNode node = node(provider);
        LiveClient client = node.connect()) {
      client.send(clientHello(version));

      byte[] alert = client.rest().getBytes(ISO_8859_1);

      // A record of content type alert: level fatal, description protocol_version.
      assertThat(alert).hasSize(7).startsWith(21, 3).endsWith(2, 70);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void handshake_cipherSuiteWithoutForwardSecrecy_isRefused(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        SSLSocket socket = socket(authority.client(null), node.port, "TLSv1.2")) {
      socket.setEnabledCipherSuites(
          new String[] {"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"});

      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void renegotiation_byTheClient_closesTheConnection(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        SSLSocket socket = socket(authority.client(null), node.port, "TLSv1.2")) {
      socket.startHandshake();
      socket.startHandshake();

      assertThatThrownBy(() -> {
            for (int i = 0; i < 100; i++) {
              socket.getOutputStream().write(SecuredNode.HEARTBEAT.getBytes(ISO_8859_1));
              if (socket.getInputStream().read() < 0) {
                throw new IOException("closed");
              }
            }
          })
          .isInstanceOf(IOException.class);
      // BoringSSL refuses it as invalid.
      assertThat(metric(node, "systole_tls_handshakes_total{outcome=\"renegotiated\"}"))
          .isEqualTo(provider.equals("jdk") ? 1 : 0);
    }
  }

  @Test
  void handshakes_moreThanTheShareOfASource_areClosedUntilOneIsAbandoned() throws Exception {
    byte[] hello = clientHelloOfTheJdk();
    try (SecuredNode node = SecuredNode.start(limitedToTwoHandshakes());
        Socket first = new Socket(InetAddress.getLoopbackAddress(), node.port);
        Socket second = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      for (Socket idle : List.of(first, second)) {
        idle.getOutputStream().write(hello);
        assertThat(idle.getInputStream().read()).isEqualTo(22);
      }

      try (LiveClient third = node.connect()) {
        third.send(hello);
        assertThat(restOrReset(third)).isEmpty();
      }
      double dropped = await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> metric(node, DROPPED), count -> count > 0);

      assertThat(dropped).isEqualTo(1);
    }
  }

  /** Returns options by which one source may have two of the 1024 slots. */
  private static Map<String, String> limitedToTwoHandshakes() {
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--max-source-share", "0.001");
    options.put("--request-timeout", "5m");
    options.put("--idle-timeout", "10m");
    return options;
  }

  private static byte[] clientHelloOfTheJdk() throws Exception {
    SSLEngine engine = authority.client(null).createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    return Arrays.copyOf(hello.array(), hello.position());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 9, 40})
  void clientHellos_incomplete_doNotKeepOthersOut(int length) throws Exception {
    byte[] part = Arrays.copyOf(clientHelloOfTheJdk(), length);
    try (SecuredNode node = SecuredNode.start(limitedToTwoHandshakes());
        LiveClient first = node.connect();
        LiveClient second = node.connect();
        LiveClient third = node.connect()) {
      first.send(part);
      second.send(part);
      assertThat(metric(node, DROPPED)).isZero();

      third.send(part);

      // Of more incomplete ones than the share, the oldest is closed.
      String exhausted =
          "systole_net_resource_exhausted_total{limit=\"source\",resource=\"client_hellos\"}";
      await().atMost(Duration.ofSeconds(30)).until(() -> metric(node, exhausted) == 1);
      assertThat(metric(node, DROPPED)).isEqualTo(1);
    }
  }

  @Test
  void clientHello_inParts_completesTheHandshake() throws Exception {
    try (SecuredNode node = node();
        Socket client = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      client.setTcpNoDelay(true);
      byte[] hello = clientHelloOfTheJdk();
      for (byte part : hello) {
        client.getOutputStream().write(part);
      }

      assertThat(client.getInputStream().read()).isEqualTo(22);
    }
  }

  /** Repeated handshakes of TLS 1.3 are KeyUpdates. */
  @ParameterizedTest
  @ValueSource(strings = {"jdk", "openssl"})
  void keyUpdates_withoutRequests_closeTheConnection(String provider) throws Exception {
    try (SecuredNode node = node(provider);
        SSLSocket socket = socket(authority.client(null), node.port, "TLSv1.3")) {
      assertThatThrownBy(() -> {
            for (int i = 0; i < 10_000; i++) {
              socket.startHandshake();
            }
          })
          .isInstanceOf(IOException.class);

      // BoringSSL refuses them as invalid.
      assertThat(metric(node, EMPTY_RECORDS)).isEqualTo(provider.equals("jdk") ? 1 : 0);
      assertThat(metric(node, "systole_net_errors_total")).isZero();
    }
  }

  @Test
  void keyUpdates_betweenRequests_closeTheConnectionAtTheirRate() throws Exception {
    try (SecuredNode node = node();
        SSLSocket socket = socket(authority.client(null), node.port, "TLSv1.3");
        LiveClient client = LiveClient.of(socket)) {
      for (int i = 0; i < 30; i++) {
        socket.startHandshake();
        client.send(SecuredNode.HEARTBEAT);
        assertThat(client.response().status()).isEqualTo(200);
      }
      assertThatThrownBy(() -> {
            for (int i = 0; i < 10_000; i++) {
              socket.startHandshake();
              client.send(SecuredNode.HEARTBEAT);
              client.response();
            }
          })
          .isInstanceOf(IOException.class);

      assertThat(metric(node, EMPTY_RECORDS)).isEqualTo(1);
    }
  }

  @Test
  void rotation_newCertificate_isPresentedToNewConnectionsOnly() throws Exception {
    Path certificate = Files.copy(identity.certificate(), directory.resolve("rotated.pem"));
    Path key = Files.copy(identity.key(), directory.resolve("rotated.key"));
    SSLContext context = authority.client(null);
    try (SecuredNode node = SecuredNode.start(
            Map.of("--tls-certificate", certificate.toString(), "--tls-key", key.toString()));
        SSLSocket old = SecuredNode.socket(context, node.port)) {
      old.startHandshake();
      Issued next = authority.issue("next");
      Files.write(certificate, Files.readAllBytes(next.certificate()));
      Files.write(key, Files.readAllBytes(next.key()));

      node.server.reloadSecurity();

      try (SSLSocket fresh = SecuredNode.socket(authority.client(null), node.port)) {
        fresh.startHandshake();
        assertThat(subjectOf(fresh)).isEqualTo("CN=next");
      }
      LiveClient client = LiveClient.of(old);
      client.send(SecuredNode.HEARTBEAT);
      assertThat(client.response().status()).isEqualTo(200);
      assertThat(subjectOf(old)).isEqualTo("CN=node");
    }
  }

  private static String subjectOf(SSLSocket socket) throws IOException {
    return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  @Test
  void managementTls_ownCertificateAndClientCertificates_areThoseOfItsPort() throws Exception {
    Issued management = authority.issue("management");
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--management-port", "0");
    options.put("--management-tls-certificate", management.certificate().toString());
    options.put("--management-tls-key", management.key().toString());
    options.put("--management-tls-client-ca", authority.file().toString());
    options.put("--management-tls-client-auth", "required");
    try (SecuredNode node = SecuredNode.start(options)) {
      int port = node.server.managementAddress().getPort();
      try (SSLSocket socket = SecuredNode.socket(authority.client(management), port);
          LiveClient client = LiveClient.of(socket)) {
        client.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(200);
        assertThat(subjectOf(socket)).isEqualTo("CN=management");
      }
      try (SSLSocket socket = SecuredNode.socket(authority.client(null), node.port)) {
        socket.startHandshake();
        assertThat(subjectOf(socket)).isEqualTo("CN=node");
      }
      assertRefused(authority.client(null), port);
    }
  }

  @Test
  void metrics_showTheExpiryOfTheCertificate() throws Exception {
    try (SecuredNode node = node()) {
      long expirySecs =
          identity.bundle().getCertificate().getNotAfter().toInstant().getEpochSecond();

      assertThat(metric(node, "systole_tls_certificate_not_after_timestamp_seconds"))
          .isEqualTo((double) expirySecs);
    }
  }

  @Test
  void managementTls_false_servesPlainText() throws Exception {
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--management-port", "0");
    options.put("--management-tls", "false");
    try (SecuredNode node = SecuredNode.start(options);
        LiveClient client = LiveClient.connect(node.server.managementAddress().getPort())) {
      client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");

      assertThat(client.response().status()).isEqualTo(200);
    }
  }

  @Test
  void clientAuthRequired_certificatesNotTrusted_areRefused() throws Exception {
    TestAuthority other = new TestAuthority(directory, "authority");
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--tls-client-ca", authority.file().toString());
    options.put("--tls-client-auth", "required");
    try (SecuredNode node = SecuredNode.start(options)) {
      try (LiveClient client = node.connect(authority.client(authority.issue("client")))) {
        client.send(SecuredNode.HEARTBEAT);
        assertThat(client.response().status()).isEqualTo(200);
      }
      assertRefused(authority.client(null), node.port);
      assertRefused(authority.client(authority.issueExpired("client")), node.port);
      assertRefused(authority.client(other.issue("client")), node.port);
    }
  }

  @Test
  void clientAuthOptional_noCertificateOrUntrusted_isServedOrRefused() throws Exception {
    TestAuthority other = new TestAuthority(directory, "authority");
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--tls-client-ca", authority.file().toString());
    options.put("--tls-client-auth", "optional");
    try (SecuredNode node = SecuredNode.start(options)) {
      try (LiveClient client = node.connect(authority.client(null))) {
        client.send(SecuredNode.HEARTBEAT);
        assertThat(client.response().status()).isEqualTo(200);
      }
      assertRefused(authority.client(other.issue("client")), node.port);
      assertRefused(authority.client(authority.issueExpired("client")), node.port);
    }
  }

  /** In TLS 1.3 a client learns of the refusal with its first read. */
  private static void assertRefused(SSLContext context, int port) {
    assertThatThrownBy(() -> {
          try (SSLSocket socket = SecuredNode.socket(context, port);
              LiveClient client = LiveClient.of(socket)) {
            client.send(SecuredNode.HEARTBEAT);
            client.response();
          }
        })
        .isInstanceOf(IOException.class);
  }

  @Test
  void stop_connectionsWithAndWithoutHandshake_closesAll() throws Exception {
    SecuredNode node = node();
    try (LiveClient client = node.connect(authority.client(null));
        LiveClient silent = node.connect();
        Socket halfway = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      client.send(SecuredNode.HEARTBEAT);
      assertThat(client.response().status()).isEqualTo(200);
      halfway.getOutputStream().write(22);

      node.close();

      assertThat(client.rest()).isEmpty();
      assertThat(silent.rest()).isEmpty();
      assertThat(halfway.getInputStream().readAllBytes()).hasSizeLessThan(100);
    }
  }
}
