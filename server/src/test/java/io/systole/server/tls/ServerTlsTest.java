// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.systole.client.net.WatchedFiles;
import io.systole.server.tls.TestAuthority.Issued;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import io.systole.server.tls.TlsSettings.FileOptions;
import io.systole.server.tls.TlsSettings.TlsProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ServerTlsTest {
  private static final TlsListener NO_LISTENER = new TlsListener() {
    @Override
    public boolean admitsTask() {
      return true;
    }

    @Override
    public void taskCompleted() {}

    @Override
    public boolean admitsRecord() {
      return true;
    }
  };

  @TempDir
  private Path directory;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private TestAuthority authority;
  private Path certificate;
  private Path key;

  @BeforeEach
  void writeFiles() throws IOException {
    authority = new TestAuthority(directory, "authority");
    certificate = directory.resolve("tls.crt");
    key = directory.resolve("tls.key");
    replace(authority.issue("first"));
    log.start();
    ((Logger) LoggerFactory.getLogger(WatchedFiles.class)).addAppender(log);
  }

  @AfterEach
  void detachLog() {
    ((Logger) LoggerFactory.getLogger(WatchedFiles.class)).detachAppender(log);
  }

  private void replace(Issued identity) throws IOException {
    Files.write(certificate, Files.readAllBytes(identity.certificate()));
    Files.write(key, Files.readAllBytes(identity.key()));
  }

  private ServerTls open(TlsProvider provider) throws IOException {
    return new ServerTls(new TlsSettings(certificate, key, null, ClientCertificate.NONE, provider));
  }

  /** Warnings that mention this test's files; other tests run at the same time. */
  private List<String> warnings() {
    return log.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .filter(text -> text.contains(directory.toString()))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void reload_unusableFiles_keepsTheContextWithAWarning(TlsProvider provider) throws IOException {
    try (ServerTls tls = open(provider)) {
      Issued other = authority.issue("other");
      byte[] secret = Files.readAllBytes(key);

      Files.writeString(certificate, "no certificate");
      assertThat(tls.reload()).isFalse();
      assertThat(tls.reload()).isFalse();
      assertThat(warnings()).hasSize(2);

      Files.write(certificate, Files.readAllBytes(other.certificate()));
      assertThat(tls.reload()).isFalse();
      assertThat(warnings()).hasSize(3).last().asString().contains("is not the key of");

      replace(authority.issueExpired("late"));
      assertThat(tls.reload()).isFalse();
      assertThat(warnings())
          .hasSize(4)
          .last()
          .asString()
          .contains(certificate + " is expired, NotAfter 20");

      Files.delete(key);
      assertThat(tls.reload()).isFalse();
      assertThat(warnings()).hasSize(5);

      Files.write(key, secret);
      Files.writeString(certificate, "no certificate");
      assertThat(tls.reload()).isFalse();
      SslHandler handler = tls.newHandler(ByteBufAllocator.DEFAULT, 1_000, NO_LISTENER);
      assertThat(handler.engine()).isNotNull();
      ReferenceCountUtil.release(handler.engine());

      replace(other);
      assertThat(tls.reload()).isTrue();
      assertThat(tls.reload()).isFalse();
      String line = new String(secret, US_ASCII).lines().skip(1).findFirst().orElseThrow();
      assertThat(log.list).noneMatch(event -> event.getFormattedMessage().contains(line));
    }
  }

  @Test
  void open_keyOfAnotherCertificate_isRefused() throws IOException {
    Files.write(key, Files.readAllBytes(authority.issue("other").key()));

    assertThatThrownBy(() -> open(TlsProvider.JDK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not the key of the first certificate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n"
      })
  void open_keyOfAnotherFormat_isRefusedWithTheWayToConvertIt(String pem) throws IOException {
    Files.writeString(key, pem);

    assertThatThrownBy(() -> open(TlsProvider.JDK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("openssl pkcs8 -topk8 -nocrypt -in " + key)
        .hasMessageContaining(pem.contains("ENCRYPTED") ? "encrypted" : "traditional")
        .hasMessageNotContaining("c2VjcmV0");
  }

  @Test
  void open_unusableFile_isNamedWithItsOptionAndReason() throws IOException {
    byte[] certificatePem = Files.readAllBytes(certificate);
    byte[] keyPem = Files.readAllBytes(key);

    Files.delete(certificate);
    assertRefused("--tls-certificate " + certificate, certificate + ": no such file");

    Files.write(certificate, keyPem);
    assertRefused(certificate + " contains no certificate in PEM", "but a private key");

    Files.write(certificate, certificatePem);
    Files.write(key, certificatePem);
    assertRefused("--tls-key " + key, key + " contains no private key in PEM", "but a certificate");

    Files.delete(key);
    assertRefused(key + ": no such file");

    FileOptions management = new FileOptions("--a-certificate", "--a-key", "--a-ca");
    Path missing = directory.resolve("missing.crt");
    Files.write(key, keyPem);
    assertThatThrownBy(() -> new ServerTls(new TlsSettings(
            certificate, key, missing, ClientCertificate.OPTIONAL, TlsProvider.JDK, management)))
        .hasMessageContaining("--a-key " + key + " and --a-ca " + missing)
        .hasMessageContaining(missing + ": no such file");
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> open(TlsProvider.JDK))
        .isInstanceOf(IOException.class)
        .message()
        .contains(parts);
  }

  @Test
  void open_expiredCertificate_serves() throws IOException {
    replace(authority.issueExpired("late"));

    try (ServerTls tls = open(TlsProvider.JDK)) {
      assertThat(tls.newHandler(ByteBufAllocator.DEFAULT, 1_000, NO_LISTENER)).isNotNull();
    }
  }

  @Test
  void open_directoryAsFile_isRefused() throws IOException {
    Files.delete(key);
    Files.createDirectory(key);

    assertThatThrownBy(() -> open(TlsProvider.JDK))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(": not a regular file");
  }

  @Test
  void settings_clientCertificatesWithoutAuthorities_areRefused() {
    assertThatThrownBy(() ->
            new TlsSettings(certificate, key, null, ClientCertificate.REQUIRED, TlsProvider.JDK))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
