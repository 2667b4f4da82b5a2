// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.TlsFiles;
import io.systole.client.heartbeat.Sessions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  private static Path directory;

  private static Certificate here;
  private static Certificate elsewhere;

  @BeforeAll
  static void makeCertificates() throws Exception {
    here = new Certificate(directory, "here", "ip:127.0.0.1,dns:localhost");
    elsewhere = new Certificate(directory, "elsewhere", "dns:elsewhere.example");
  }

  private static ClientBuilder options(URI... servers) {
    return new ClientBuilder()
        .servers(List.of(servers))
        .connections(2)
        .interval(Duration.ofMillis(20))
        .reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(20))
        .cancelOnClose(false);
  }

  private static void awaitState(HeartbeatClient client, Predicate<ClientState> wanted) {
    await().atMost(SOON).until(() -> wanted.test(client.state().join()));
  }

  private static TlsFiles trusting(Certificate certificate)
      throws IOException, GeneralSecurityException {
    return TlsFiles.trusting(certificate.certificateFile());
  }

  private static void end(FakeRegistry registry) throws IOException {
    registry.close();
  }

  @Test
  void trustedServer_registersAndBeats() throws Exception {
    try (var registry = new FakeRegistry(here.serverContext());
        var client = options(registry.url()).tls(trusting(here)).build()) {
      assertThat(client.register(Sessions.source("A", "i")).whenRegistered()).succeedsWithin(SOON);

      await().atMost(SOON).until(() -> registry.beats().size() > 20);

      assertThat(registry.registers()).hasSize(1);
      assertThat(client.state().join().connectionsOpen()).isEqualTo(2);
    }
  }

  @Test
  void trustedServer_byName_registers() throws Exception {
    try (var registry = new FakeRegistry(here.serverContext())) {
      URI byName = URI.create("https://localhost:" + registry.url().getPort() + "/v2");
      try (var client = options(byName).tls(trusting(here)).build()) {
        assertThat(client.register(Sessions.source("A", "i")).whenRegistered())
            .succeedsWithin(SOON);
      }
    }
  }

  @Test
  void unknownAuthority_failsBeforeAnyRequest() throws Exception {
    try (var registry = new FakeRegistry(here.serverContext());
        var client = options(registry.url()).build()) {
      client.register(Sessions.source("A", "i"));

      awaitState(client, state -> state.lastLoss().contains("TLS handshake failed"));

      assertThat(client.state().join().connectionsOpen()).isZero();
      assertThat(registry.requests()).isEmpty();
    }
  }

  @Test
  void certificateOfOtherHost_isRejected() throws Exception {
    try (var registry = new FakeRegistry(elsewhere.serverContext());
        var client = options(registry.url()).tls(trusting(elsewhere)).build()) {
      client.register(Sessions.source("A", "i"));

      awaitState(client, state -> state.lastLoss().contains("127.0.0.1"));

      assertThat(client.state().join().lastLoss()).contains("TLS handshake failed");
      assertThat(registry.requests()).isEmpty();
    }
  }

  @Test
  void plainServer_httpsUrl_failsOver() throws Exception {
    try (var plain = new FakeRegistry();
        var registry = new FakeRegistry(here.serverContext())) {
      URI wrong = URI.create("https://127.0.0.1:" + plain.url().getPort() + "/v2");
      plain.script(request -> "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n" + FakeRegistry.END);
      try (var client = new ClientBuilder()
          .zone("own", List.of(wrong))
          .zone("far", List.of(registry.url()))
          .connectTimeout(Duration.ofSeconds(1))
          .cancelOnClose(false)
          .tls(trusting(here))
          .build()) {
        assertThat(client.register(Sessions.source("A", "i")).whenRegistered())
            .succeedsWithin(SOON);
        assertThat(registry.registers()).hasSize(1);
      }
    }
  }

  @Test
  void identity_ofTheClient_isShownToTheServer() throws Exception {
    try (var registry = new FakeRegistry(here.serverContext());
        var client = options(registry.url())
            .tls(trusting(here).withIdentity(here.certificateFile(), here.keyFile()))
            .build()) {
      assertThat(client.register(Sessions.source("A", "i")).whenRegistered()).succeedsWithin(SOON);

      assertThat(registry.clients()).containsOnly("CN=here");
    }
  }

  @Test
  void identity_invalidKey_isRejected() throws Exception {
    ClientBuilder options = options(URI.create("https://127.0.0.1:9/v2"))
        .tls(TlsFiles.NONE.withIdentity(here.certificateFile(), here.certificateFile()));

    assertThatThrownBy(options::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot use the TLS files");
  }

  @Test
  void credentials_areSentToTheirServerOnly() throws Exception {
    try (var own = new FakeRegistry(here.serverContext());
        var far = new FakeRegistry()) {
      URI ownUrl = URI.create(own.url().toString().replace("//", "//u%40x:p%3Aw@"));
      try (var client = new ClientBuilder()
          .zone("own", List.of(ownUrl))
          .zone("far", List.of(far.url()))
          .interval(Duration.ofMillis(20))
          .returnDelay(Duration.ofMillis(0))
          .cancelOnClose(false)
          .tls(trusting(here))
          .build()) {
        assertThat(client.register(Sessions.source("A", "i")).whenRegistered())
            .succeedsWithin(SOON);
        await().atMost(SOON).until(() -> own.beats().size() > 5);

        end(own);

        await().atMost(SOON).until(() -> far.beats().size() > 5);
        assertThat(own.requests())
            .extracting(FakeRegistry.Request::authorization)
            .containsOnly("Basic dUB4OnA6dw==");
        assertThat(far.requests())
            .extracting(FakeRegistry.Request::authorization)
            .containsOnly("");
      }
    }
  }
}
