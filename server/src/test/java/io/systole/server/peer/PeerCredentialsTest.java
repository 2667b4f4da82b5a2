// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static io.systole.server.peer.PeerFixture.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.client.api.TlsFiles;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.PeerStatus.LinkState;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Links to peers that require credentials or TLS. */
@ExtendWith(BufferLeakExtension.class)
class PeerCredentialsTest {
  @TempDir
  private Path directory;

  private PeerFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  @Test
  void credentials_areSentAndNeverShown() {
    Logger root = (Logger) LoggerFactory.getLogger("io.systole");
    Level level = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    try {
      fixture.peer.otherwise = FakePeer.status(503);
      fixture.start(URI.create("http://user:secret@127.0.0.1:" + fixture.peer.port() + "/eureka"));
      fixture.awaitFailure("503");
      fixture.peer.otherwise = FakePeer::accept;
      fixture.awaitStates(LinkState.UP);
      PeerStatus status = fixture.status();
      fixture.peers().close();

      String encoded =
          Base64.getEncoder().encodeToString("user:secret".getBytes(StandardCharsets.UTF_8));
      assertThat(fixture.peer.requests)
          .isNotEmpty()
          .allSatisfy(each ->
              assertThat(each.head()).containsIgnoringCase("authorization: Basic " + encoded));
      assertThat(status.toString()).doesNotContain("secret", encoded);
      assertThat(List.copyOf(log.list))
          .isNotEmpty()
          .allSatisfy(
              event -> assertThat(event.getFormattedMessage()).doesNotContain("secret", encoded));
    } finally {
      root.detachAppender(log);
      root.setLevel(level);
    }
  }

  /** The link with the former password would have stayed, besides the new one. */
  @Test
  void credentials_changedInTheFile_replaceTheLink() throws IOException {
    Path file = Files.writeString(directory.resolve("peers"), withPassword("old"));
    fixture
        .create(new PeerSettings(List.of(), file, PeerFixture.TIMEOUT_MS, TlsFiles.NONE, false))
        .start(1);
    fixture.awaitStates(LinkState.UP);

    Files.writeString(file, withPassword("new"));
    fixture.peers().refresh();

    String encoded =
        Base64.getEncoder().encodeToString("user:new".getBytes(StandardCharsets.UTF_8));
    eventually()
        .until(
            () -> fixture.peer.requests.stream().anyMatch(each -> each.head().contains(encoded)));
    fixture.awaitStates(LinkState.UP);
  }

  private String withPassword(String password) {
    return "http://user:" + password + "@127.0.0.1:" + fixture.peer.port() + "/eureka";
  }

  @Test
  void peer_withTrustedCertificate_isUpAndAnotherIsNot() throws Exception {
    PeerCertificate trusted = new PeerCertificate(directory, "trusted");
    PeerCertificate other = new PeerCertificate(directory, "other");
    FakePeer first = fixture.open(new FakePeer(trusted.sockets(), "127.0.0.1", 0));
    FakePeer second = fixture.open(new FakePeer(other.sockets(), "127.0.0.1", 0));

    fixture
        .create(PeerFixture.settings(
            5_000,
            TlsFiles.trusting(trusted.writePem()),
            URI.create("https://127.0.0.1:" + first.port() + "/eureka"),
            URI.create("https://127.0.0.1:" + second.port() + "/eureka")))
        .start(1);

    fixture.awaitStates(LinkState.UP, LinkState.DOWN);
    eventually()
        .untilAsserted(() -> assertThat(fixture.peers().statuses())
            .filteredOn(each -> each.state() == LinkState.DOWN)
            .singleElement()
            .satisfies(each -> assertThat(each.lastFailure())
                .isEqualTo("the certificate of the peer is not trusted: unable to find valid"
                    + " certification path to requested target; --peer-ca names the trusted"
                    + " authorities")));
    assertThat(second.requests).isEmpty();
  }
}
