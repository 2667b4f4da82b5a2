// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.api.TlsFiles;
import io.systole.server.time.ManualClock;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PeerResolverTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final ManualClock clock = new ManualClock();
  private volatile boolean isKnown;

  private InetAddress[] lookup(String host) throws UnknownHostException {
    if (!isKnown) {
      throw new UnknownHostException(host);
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  private PeerResolver resolver(String host) {
    URI url = URI.create("http://" + host + ":8761/eureka");
    return new PeerResolver(
        PeerFixture.settings(PeerFixture.TIMEOUT_MS, TlsFiles.NONE, url), this::lookup, clock);
  }

  private static void resolve(PeerResolver resolver) {
    for (CompletableFuture<?> each : resolver.resolve().values()) {
      assertThat(each.handle((peers, failure) -> peers)).succeedsWithin(LIMIT);
    }
  }

  private static List<String> warningsOf(String host, Runnable action) {
    return PeerFixture.capture(host, Level.WARN, action);
  }

  /** Every second, or every 30 s, there was a line for each name. */
  @Test
  void resolve_nameStaysUnknown_warnsOnce() {
    PeerResolver resolver = resolver("unknown.test");

    List<String> warnings = warningsOf("unknown.test", () -> {
      for (int i = 0; i < 10; i++) {
        resolve(resolver);
        clock.advanceMs(WarningLimit.INTERVAL_MS);
      }
    });

    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("cannot resolve peer")
        .endsWith(": unknown host unknown.test");
  }

  @Test
  void resolve_nameIsUnknownFromTimeToTime_warnsOnceAMinute() {
    PeerResolver resolver = resolver("flapping.test");

    List<String> warnings = warningsOf("flapping.test", () -> {
      for (int i = 0; i < 20; i++) {
        isKnown = i % 2 == 1;
        resolve(resolver);
        clock.advanceMs(WarningLimit.INTERVAL_MS / 15);
      }
    });

    assertThat(warnings).hasSize(2);
  }

  @Test
  void resolve_nameIsLong_warningIsShort() {
    String host = "long-".repeat(1_000) + "name.test";

    List<String> warnings = warningsOf("long-long-", () -> resolve(resolver(host)));

    assertThat(warnings).singleElement().satisfies(w -> assertThat(w).hasSizeLessThan(1_000));
  }
}
