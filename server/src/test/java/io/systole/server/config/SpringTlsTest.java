// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpringTlsTest {
  private static final String FILES = """
      server.ssl.certificate: /c.crt
      server.ssl.certificate-private-key: /c.key
      """;

  private final Path file;

  SpringTlsTest(@TempDir Path folder) {
    file = folder.resolve("application.yml");
  }

  private LoadedConfig load(String text, String... flags) throws IOException {
    Files.writeString(file, text);
    Map<String, String> given = new HashMap<>(Map.of("--config", file.toString()));
    for (int i = 0; i < flags.length; i += 2) {
      given.put(flags[i], flags[i + 1]);
    }
    return ConfigParser.load(given, Map.of("STORE_PASSWORD", "hidden"));
  }

  private static TlsSettings tls(LoadedConfig loaded) {
    return Objects.requireNonNull(loaded.server().security().tls());
  }

  @Test
  void load_pemFiles_areThoseOfTheNode() throws IOException {
    LoadedConfig loaded = load("""
        server:
          ssl:
            enabled: true
            certificate: "file:/etc/tls/node.crt"
            certificatePrivateKey: file:///etc/tls/node.key
            trust-certificate: ca.crt
            client-auth: NEED
            enabled-protocols: [TLSv1.3, TLSv1.2]
        """);

    assertThat(tls(loaded))
        .isEqualTo(new TlsSettings(
            Path.of("/etc/tls/node.crt"),
            Path.of("/etc/tls/node.key"),
            Path.of("ca.crt"),
            ClientCertificate.REQUIRED,
            TlsProvider.JDK));
    assertThat(loaded.notices()).isEmpty();
  }

  @Test
  void load_bundleOfPemFiles_isThatOfTheNode() throws IOException {
    LoadedConfig loaded = load("""
        server.ssl: {bundle: web-server, client-auth: want, certificate: /unused.crt}
        spring.ssl.bundle.pem:
          web-server:
            reload-on-update: true
            keystore: {certificate: /b.crt, private-key: /b.key}
            truststore: {certificate: /ca.crt}
          other: {keystore: {certificate: /o.crt}}
        """);

    assertThat(tls(loaded))
        .isEqualTo(new TlsSettings(
            Path.of("/b.crt"),
            Path.of("/b.key"),
            Path.of("/ca.crt"),
            ClientCertificate.OPTIONAL,
            TlsProvider.JDK));
    assertThat(loaded.notices())
        .containsExactlyInAnyOrder(
            file + ":1: server.ssl.certificate has no counterpart: server.ssl.bundle takes"
                + " precedence",
            file + ":4: spring.ssl.bundle.pem.web-server.reload-on-update has no counterpart: of a"
                + " bundle, the files of certificate, private key and authorities are read",
            file + ":7: spring.ssl.bundle.pem.other.keystore.certificate has no counterpart: of a"
                + " bundle, the files of certificate, private key and authorities are read");
  }

  @Test
  void load_managementServer_hasFilesOfItsOwn() throws IOException {
    LoadedConfig loaded = load(FILES + """
        management.server.port: 8762
        management.server.ssl: {certificate: /m.crt, certificate-private-key: /m.key}
        """);

    assertThat(
            Objects.requireNonNull(loaded.server().security().managementTls()).certificates())
        .isEqualTo(Path.of("/m.crt"));
    assertThat(tls(loaded).certificates()).isEqualTo(Path.of("/c.crt"));
  }

  @Test
  void load_managementServerWithoutTls_isPlain() throws IOException {
    LoadedConfig loaded = load(FILES + """
        management.server.port: 8762
        management.server.ssl: {enabled: false, certificate: /m.crt}
        """);

    assertThat(loaded.server().security().managementTls()).isNull();
    assertThat(loaded.server().security().tls()).isNotNull();
    assertThat(loaded.notices())
        .containsExactly(file + ":4: management.server.ssl.certificate has no counterpart:"
            + " management.server.ssl.enabled is false");
  }

  @Test
  void load_tlsIsNotEnabled_reportsItsNames() throws IOException {
    LoadedConfig loaded = load("server.ssl: {enabled: off, key-store: /k.p12}\n" + FILES);

    assertThat(loaded.server().security().tls()).isNull();
    assertThat(loaded.notices())
        .hasSize(3)
        .allSatisfy(notice ->
            assertThat(notice).endsWith("has no counterpart: server.ssl.enabled is false"));
  }

  @Test
  void load_authoritiesWithoutClientAuth_areReported() throws IOException {
    LoadedConfig loaded = load(FILES + "server.ssl.trust-certificate: /ca.crt\n");

    assertThat(tls(loaded).clientCertificate()).isEqualTo(ClientCertificate.NONE);
    assertThat(loaded.notices())
        .containsExactly(file + ":3: server.ssl.trust-certificate has no counterpart:"
            + " server.ssl.client-auth requests no certificate");
  }

  /** A node that started all the same would serve in plain text, or to anyone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.ssl.key-store: classpath:k.p12 | server.ssl.key-store has no counterpart: keystores are not read. For --tls-certificate: openssl pkcs12 -in FILE -nokeys",
        "management.server.ssl.key-store: /k.jks | management.server.ssl.key-store has no counterpart: keystores are not read.",
        "server.ssl.enabled: true | server.ssl.enabled needs --tls-certificate",
        "server.ssl.key-alias: node | server.ssl.key-alias has no counterpart: keystores are not read; with --tls-certificate set, the node starts",
        "server.ssl.trust-store: /t.p12 | server.ssl.trust-store has no counterpart: keystores are not read.",
        "management.server.ssl.ciphers: x | management.server.ssl.ciphers has no counterpart: cipher suites are those with forward secrecy and authenticated encryption; with --management-tls-certificate set, the node starts",
        "server.ssl.some-thing: 1 | server.ssl.some-thing needs --tls-certificate",
        "server.ssl.bundle: web | server.ssl.bundle has no counterpart: it is no bundle of PEM files; keystores are not read.",
        "server.ssl.certificate: classpath:a.crt | server.ssl.certificate has no counterpart: it names no file",
        "server.ssl.certificate: '-----BEGIN CERTIFICATE-----x' | server.ssl.certificate has no counterpart: PEM is read from files only",
        "spring.security.user.password: ${STORE_PASSWORD} | spring.security.user.password has no counterpart: users are those of --credentials-file, with a line: user NAME HASH",
        "spring.security.user.name: hidden | spring.security.user.name has no counterpart: users are those of --credentials-file"
      })
  void load_securityWithoutCounterpart_isRefused(String line, String error) {
    assertThatThrownBy(() -> load(line + "\n"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith(file + ":1: " + error)
        .hasMessageNotContaining("hidden");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.ssl.key-store: /k.p12", "server.ssl.enabled: true"})
  void load_keystoreBesideAnOwnCertificate_isAccepted(String line) throws IOException {
    LoadedConfig loaded =
        load(line + "\nsecurity: {tls-certificate: /own.crt, tls-key: /own.key}\n");

    assertThat(tls(loaded).certificates()).isEqualTo(Path.of("/own.crt"));
    assertThat(loaded.notices()).hasSize(line.contains("store") ? 1 : 0);
  }

  @Test
  void load_userBesideACredentialsFile_isReported() throws IOException {
    LoadedConfig loaded = load(
        "spring.security.user: {name: u, password: secret, roles: ADMIN}\n",
        "--credentials-file",
        "/users");

    assertThat(loaded.notices())
        .hasSize(3)
        .noneMatch(notice -> notice.contains("secret"))
        .anyMatch(notice -> notice.equals(file
            + ":1: spring.security.user.roles has no counterpart: roles are those of"
            + " --credentials-file"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server.ssl.key-store-password | keystores are not read",
        "server.ssl.key-alias | keystores are not read",
        "server.ssl.trust-store-type | keystores are not read",
        "server.ssl.key-password | the file of a private key has no password; openssl pkcs8 -topk8 -nocrypt removes one",
        "server.ssl.enabled-protocols | the protocols are TLSv1.3 and TLSv1.2",
        "server.ssl.protocol | the protocols are TLSv1.3 and TLSv1.2",
        "server.ssl.ciphers | cipher suites are those with forward secrecy and authenticated encryption",
        "spring.ssl.bundle.jks.a.keystore.location | keystores are not read",
        "spring.security.oauth2.client.registration.a.client-id | credentials are those of --credentials-file"
      })
  void load_nameWithoutCounterpart_isReportedWithTheReason(String name, String reason)
      throws IOException {
    String[] flags = {"--tls-certificate", "/c.crt", "--tls-key", "/c.key"};

    LoadedConfig loaded = load(name + ": secret\n", flags);

    assertThat(loaded.notices())
        .containsExactly(file + ":1: " + name + " has no counterpart: " + reason);
    assertThat(loaded.server()).isEqualTo(load("", flags).server());
  }

  @Test
  void load_truststore_isReportedWithTheCommandThatConvertsIt() throws IOException {
    assertThat(load(FILES + "server.ssl.trust-store: /t.jks\n").notices())
        .singleElement()
        .asString()
        .contains("For --tls-client-ca: openssl pkcs12 -in FILE -nokeys -out ca.crt");
  }
}
