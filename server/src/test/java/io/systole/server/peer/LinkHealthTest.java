// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.net.ServerAddress;
import io.systole.server.time.ManualClock;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkHealthTest {
  private final ManualClock clock = new ManualClock();
  private final LinkHealth health = new LinkHealth(
      new PeerAddress(
          ServerAddress.of(URI.create("http://peer.test:8761/eureka")),
          InetAddress.getLoopbackAddress()),
      clock,
      new PeerCounters(),
      LinkTimings.DEFAULT);

  /** Regression: the text of a peer began further lines of the log. */
  @Test
  void failed_reasonHasControlCharacters_areEscaped() {
    List<String> warnings =
        PeerRig.capture(Level.WARN, () -> fail("a\n2026 ERROR \u001b[2J\u202e"));

    assertThat(warnings)
        .singleElement()
        .satisfies(w -> assertThat(w).endsWith("a\\u000a2026 ERROR \\u001b[2J\\u202e"));
  }

  @Test
  void succeeded_nodeIdHasControlCharacters_areEscaped() {
    health.reached("a\u001b[2J b");

    List<String> lines = PeerRig.capture(Level.INFO, health::succeeded);

    assertThat(lines)
        .singleElement()
        .satisfies(w -> assertThat(w).endsWith("node=\"a\\u001b[2J b\""));
  }

  private void fail(String reason) {
    assertThat(health.failed(reason)).isPositive();
  }
}
