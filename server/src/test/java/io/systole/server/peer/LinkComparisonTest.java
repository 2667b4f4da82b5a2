// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.TlsFiles;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkComparisonTest {
  private PeerFixture fixture;
  private LinkComparison comparison;

  @BeforeEach
  void open() throws IOException {
    fixture = new PeerFixture();
    PeerThreads threads = fixture.open(new PeerThreads());
    PeerConnector connector = fixture.open(new PeerConnector(
        PeerFixture.settings(PeerFixture.TIMEOUT_MS, TlsFiles.NONE, fixture.url()), Transport.NIO));
    comparison = new LinkComparison(
        new PeerAddress(ServerAddress.of(fixture.url()), InetAddress.getLoopbackAddress()),
        new LinkEnvironment(
            fixture.registry,
            fixture.clock,
            connector,
            threads,
            new ComparisonQueue(threads::execute),
            LinkTimings.DEFAULT));
  }

  @AfterEach
  void stop() throws Exception {
    fixture.stop();
  }

  /** Each took 30 s of CPU and was repeated after 10 s at most. */
  @Test
  void failed_repeatedly_delayGrowsToMinutes() {
    long firstMs = comparison.failed();
    long delayMs = 0;
    for (int i = 0; i < 20; i++) {
      delayMs = comparison.failed();
    }

    assertThat(firstMs).isLessThanOrEqualTo(1_000);
    assertThat(delayMs).isBetween(150_000L, 300_000L);

    comparison.succeeded();
    assertThat(comparison.failed()).isLessThanOrEqualTo(1_000);
  }

  @Test
  void start_linkIsClosedMeanwhile_requestsNothing() {
    assertThat(comparison.start(() -> true)).failsWithin(Duration.ZERO);

    assertThat(fixture.peer.requests).isEmpty();
  }
}
