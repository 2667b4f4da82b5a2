// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Protocols and cipher suites as {@code openssl s_client} finds them; {@link TlsNodeIT} tries them
 * with the JDK's client too.
 */
class OpensslTest {
  private static final long LIMIT_SECONDS = 60;

  /** All suites up to TLS 1.2, also those that this openssl does not offer by default. */
  private static final String ALL = "ALL:COMPLEMENTOFALL";

  /** Forward secrecy and authenticated encryption. */
  private static final String STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20";

  @TempDir
  private static Path directory;

  private static Path openssl;
  private static Path authorities;
  private static TestAuthority authority;

  @BeforeAll
  static void issue() throws IOException {
    openssl = ExternalPrograms.find("openssl");
    authority = new TestAuthority(directory, "authority");
    authorities = authority.file();
  }

  private static SecuredNode node(String provider, Issued identity) throws IOException {
    Map<String, String> options = SecuredNode.tls(identity);
    options.put("--tls-provider", provider);
    return SecuredNode.start(options);
  }

  private static Issued identity(String keyType) {
    return keyType.equals("RSA") ? authority.issueRsa("node") : authority.issue("node");
  }

  /** Returns the output of a handshake, which ends with the input. */
  private static String handshake(int port, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(openssl.toString(), "s_client"));
    command.addAll(List.of("-connect", "127.0.0.1:" + port, "-CAfile", authorities.toString()));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // What the machine's configuration forbids is what the node is to refuse.
    builder.environment().put("OPENSSL_CONF", "/dev/null");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(output).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jdk, -tls1_2, TLSv1.2", "jdk, -tls1_3, TLSv1.3",
    "openssl, -tls1_2, TLSv1.2", "openssl, -tls1_3, TLSv1.3"
  })
  void handshake_currentProtocol_isCompletedWithATrustedCertificate(
      String provider, String option, String protocol) throws Exception {
    try (SecuredNode node = node(provider, identity("EC"))) {
      assertThat(handshake(node.port, option, "-verify_return_error", "-verify_ip", "127.0.0.1"))
          .contains("New, " + protocol + ", Cipher is ")
          .contains("Verify return code: 0 (ok)")
          .contains("Compression: NONE");
    }
  }

  /** At security level 0, openssl itself permits them. */
  @ParameterizedTest
  @CsvSource({"jdk, -tls1", "jdk, -tls1_1", "openssl, -tls1", "openssl, -tls1_1"})
  void handshake_olderProtocol_isRefusedByTheNode(String provider, String option) throws Exception {
    try (SecuredNode node = node(provider, identity("EC"))) {
      assertThat(handshake(node.port, option, "-cipher", ALL + ":@SECLEVEL=0"))
          .contains("alert protocol version")
          .contains("Cipher is (NONE)");
    }
  }

  /** After a ClientHello with many suites. BoringSSL closes the connection without an alert. */
  @ParameterizedTest
  @CsvSource({"jdk, EC", "jdk, RSA", "openssl, EC", "openssl, RSA"})
  void handshake_allWeakCipherSuites_isRefusedByTheNode(String provider, String keyType)
      throws Exception {
    String weak = ALL + ":!" + STRONG.replace(":", ":!") + ":@SECLEVEL=0";
    try (SecuredNode node = node(provider, identity(keyType))) {
      assertThat(handshake(node.port, "-tls1_2", "-cipher", weak))
          .contains(provider.equals("jdk") ? "alert handshake failure" : "")
          .containsPattern("written [1-9]\\d\\d+ bytes")
          .contains("Cipher is (NONE)");
    }
  }

  @ParameterizedTest
  @CsvSource({"jdk, EC", "jdk, RSA", "openssl, EC", "openssl, RSA"})
  void handshake_eachStrongCipherSuite_isCompleted(String provider, String keyType)
      throws Exception {
    String authentication = keyType.equals("RSA") ? "RSA" : "ECDSA";
    try (SecuredNode node = node(provider, identity(keyType))) {
      for (String suite : List.of("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")) {
        String name = "ECDHE-" + authentication + "-" + suite;
        assertThat(handshake(node.port, "-tls1_2", "-cipher", name)).contains("Cipher is " + name);
      }
    }
  }

  @Test
  void handshake_clientCertificateRequiredAndAbsent_isRefused() throws Exception {
    Map<String, String> options = SecuredNode.tls(identity("EC"));
    options.put("--tls-client-ca", authorities.toString());
    options.put("--tls-client-auth", "required");
    try (SecuredNode node = SecuredNode.start(options)) {
      Issued client = authority.issue("client");

      // The first by JDK 17, the other by later ones.
      assertThat(handshake(node.port, "-tls1_2"))
          .containsPattern("alert (bad certificate|handshake failure)");
      assertThat(handshake(
              node.port,
              "-tls1_2",
              "-cert",
              client.certificate().toString(),
              "-key",
              client.key().toString()))
          .contains("New, TLSv1.2, Cipher is ")
          .doesNotContain("alert");
    }
  }
}
