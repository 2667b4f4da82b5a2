// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.SslContext;
import io.systole.client.api.TlsFiles;
import io.systole.client.mirror.MirrorBuilder;
import io.systole.client.net.TlsContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replacement of certificates while a client runs. */
class TlsReloadTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String EMPTY_LIST =
      "{\"applications\":{\"versions__delta\":\"1\",\"apps__hashcode\":\"\",\"application\":[]}}";

  @TempDir
  private static Path directory;

  private static Certificate here;
  private static Certificate elsewhere;

  private Path trusted;
  private int replacements;

  @BeforeAll
  static void makeCertificates() throws Exception {
    here = new Certificate(directory, "here", "ip:127.0.0.1,dns:localhost");
    elsewhere = new Certificate(directory, "elsewhere", "dns:elsewhere.example");
  }

  @BeforeEach
  void trustElsewhere() throws Exception {
    trusted = directory.resolve("trusted.pem");
    replace(elsewhere.certificateFile());
  }

  private void replace(Path by) throws IOException {
    Files.write(trusted, Files.readAllBytes(by));
    replacements++;
    Files.setLastModifiedTime(trusted, FileTime.from(Instant.ofEpochSecond(replacements)));
  }

  private void breakFile() throws IOException {
    replace(Files.writeString(directory.resolve("broken"), "no certificate"));
  }

  @Test
  void reload_filesUnchanged_keepsTheContext() throws Exception {
    try (TlsContext tls = new TlsContext(TlsFiles.trusting(trusted))) {
      SslContext before = tls.current();

      assertThat(tls.reload()).isFalse();
      assertThat(tls.current()).isSameAs(before);
    }
  }

  @Test
  void reload_invalidFile_keepsContext() throws Exception {
    try (TlsContext tls = new TlsContext(TlsFiles.trusting(trusted))) {
      SslContext before = tls.current();
      breakFile();

      assertThat(tls.reload()).isFalse();
      assertThat(tls.reload()).isFalse();
      assertThat(tls.current()).isSameAs(before);

      replace(here.certificateFile());

      assertThat(tls.reload()).isTrue();
      assertThat(tls.current()).isNotSameAs(before);
    }
  }

  @Test
  void watch_fileReplaced_reloads() throws Exception {
    try (TlsContext tls = new TlsContext(TlsFiles.trusting(trusted))) {
      SslContext before = tls.current();
      tls.watch(Duration.ofMillis(5));

      replace(here.certificateFile());

      await().atMost(SOON).until(() -> tls.current() != before);
    }
  }

  @Test
  void mirror_trustReplaced_readsFromTheServer() throws Exception {
    try (var registry = new FakeRegistry(here.serverContext())) {
      registry.script(request ->
          "HTTP/1.1 200 OK\r\nContent-Length: " + EMPTY_LIST.length() + "\r\n\r\n" + EMPTY_LIST);
      try (var mirror = new MirrorBuilder()
          .server(registry.url())
          .retryDelay(Duration.ofMillis(1), Duration.ofMillis(20))
          .tls(TlsFiles.trusting(trusted))
          .build()) {
        await().atMost(SOON).until(() -> mirror.state().failureCount() > 0);
        assertThat(registry.requests()).isEmpty();

        replace(here.certificateFile());

        assertThat(mirror.whenReady()).succeedsWithin(SOON);
      }
    }
  }

  @Test
  void tlsFiles_certificateWithoutKey_throws() {
    assertThatThrownBy(() -> new TlsFiles(null, trusted, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("certificates and key must be given together");
  }
}
