// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.net.ServerAddress;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkHealthTest {
  private static final String URL = "http://peer.test:8761/eureka";

  private final ManualClock clock = new ManualClock();
  private final LinkHealth health = new LinkHealth(
      new PeerAddress(ServerAddress.of(URI.create(URL)), InetAddress.getLoopbackAddress()),
      clock,
      new PeerCounters(),
      LinkTimings.DEFAULT);

  /** Regression: a peer that alternates filled the log. */
  @Test
  void failed_peerAlternates_warnsOnceAMinuteWithTheCountOfOthers() {
    List<String> warnings = PeerFixture.capture(URL, Level.WARN, () -> {
      for (int i = 0; i < 100; i++) {
        fail("status 500");
        health.succeeded();
      }
      clock.advanceMs(WarningLimit.INTERVAL_MS);
      fail("status 500");
    });

    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).contains("omitted=0");
    assertThat(warnings.get(1)).contains("omitted=99");
  }

  @Test
  void succeeded_peerAlternates_logsOnlyTheEndsOfLoggedOutages() {
    List<String> lines = PeerFixture.capture(URL, Level.INFO, () -> {
      for (int i = 0; i < 100; i++) {
        health.succeeded();
        fail("status 500");
      }
    });

    assertThat(lines).hasSize(2);
  }

  /** Regression: a peer that is not a TLS server had all it sent in the log, in hexadecimal. */
  @Test
  void failed_reasonIsLong_isTruncated() {
    List<String> warnings = PeerFixture.capture(
        URL,
        Level.WARN,
        () -> fail(PeerFailureReason.of(new IOException("not TLS: " + "48".repeat(10_000)))));

    assertThat(warnings).singleElement().satisfies(w -> assertThat(w).hasSizeLessThan(1_000));
    assertThat(health.status(0).lastFailure()).startsWith("not TLS").hasSizeLessThan(500);
  }

  /** An outage that begins in the minute of another must not stay unknown. */
  @Test
  void failed_outageLastsLongerThanTheLimit_warns() {
    fail("status 500");
    health.succeeded();
    fail("status 500");
    clock.advanceMs(WarningLimit.INTERVAL_MS);

    List<String> warnings = PeerFixture.capture(URL, Level.WARN, () -> {
      fail("status 501");
      fail("status 502");
    });

    assertThat(warnings).singleElement().satisfies(w -> assertThat(w).endsWith("status 501"));
  }

  /** Regression: the log kept the reason of the start when the peer's real failure was another. */
  @Test
  void failed_reasonChangesDuringTheOutage_warnsOnceWithEach() {
    List<String> warnings = PeerFixture.capture(URL, Level.WARN, () -> {
      fail("Connection refused");
      for (int i = 0; i < 10; i++) {
        clock.advanceMs(WarningLimit.INTERVAL_MS / 5);
        fail("status 401");
      }
    });

    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).endsWith("Connection refused");
    assertThat(warnings.get(1)).contains("omitted=4").endsWith("status 401");
  }

  @Test
  void dropped_peerRefusesManyItems_warnsOnceAMinute() {
    List<String> warnings = PeerFixture.capture(URL, Level.WARN, () -> {
      for (int i = 0; i < 100; i++) {
        health.dropped(null, 400);
      }
    });

    assertThat(warnings).hasSize(1);
  }

  /** Regression: the text of a peer began further lines of the log. */
  @Test
  void failed_reasonHasControlCharacters_areEscaped() {
    List<String> warnings =
        PeerFixture.capture(URL, Level.WARN, () -> fail("a\n2026 ERROR \u001b[2J\u202e"));

    assertThat(warnings)
        .singleElement()
        .satisfies(w -> assertThat(w).endsWith("a\\u000a2026 ERROR \\u001b[2J\\u202e"));
  }

  @Test
  void succeeded_nodeIdHasControlCharacters_areEscaped() {
    health.reached("a\u001b[2J b");

    List<String> lines = PeerFixture.capture(URL, Level.INFO, health::succeeded);

    assertThat(lines)
        .singleElement()
        .satisfies(w -> assertThat(w).endsWith("node=\"a\\u001b[2J b\""));
  }

  private void fail(String reason) {
    assertThat(health.failed(reason)).isPositive();
  }
}
