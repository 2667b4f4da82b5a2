// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.time.ManualClock;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RenewEndpointTest {
  private static final int HEARTBEATS = 10_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final RenewedSlots renewed = new RenewedSlots();
  private final RenewedSlots renewedByPeers = new RenewedSlots();
  private final RenewEndpoint endpoint = new RenewEndpoint(
      registry, new DocumentResponses(), clock, () -> renewed, () -> renewedByPeers);
  private final HeartbeatHandler handler = endpoint.newHandler(new RenewedSlots());
  private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
  private final HeartbeatMatcher matcher = new HeartbeatMatcher(List.of("/v2", "/eureka"));
  private final HeartbeatRequest heartbeat = new HeartbeatRequest();
  private long nowNs = clock.monotonicNs();

  /** Warm means that arrays have grown and classes are initialized, not that code is compiled. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/apps/DEMO/i-1",
        "/v2/apps/DEMO/i-1?status=UP&lastDirtyTimestamp=" + Instances.DIRTY_MS,
        "/eureka/apps/demo/i-1",
        "/v2/apps/DEMO/an-id-for-which-the-words-of-a-key-in-the-registry-are-too-short",
      })
  void renew_warmHeartbeats_allocatesNothing(String target) throws HttpParseException {
    registry.register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    registry.register(
        Instances.up(
            "DEMO", "an-id-for-which-the-words-of-a-key-in-the-registry-are-too-short", 90),
        Origin.CLIENT);
    byte[] head = ("PUT " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    renew(head, HEARTBEATS);
    long before = threads.getCurrentThreadAllocatedBytes();

    renew(head, HEARTBEATS);

    // A single allocation by the JVM itself is tolerated, one for each heartbeat is not.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(HEARTBEATS);
  }

  @Test
  void handle_heartbeat_isRecordedForItsSender() {
    registry.register(Instances.up("DEMO", "i-1", 90), Origin.CLIENT);
    registry.register(Instances.up("DEMO", "i-2", 90), Origin.CLIENT);

    endpoint.handle(Requests.toInstance(HttpMethod.PUT, ""));
    assertThat(renewed.take()).startsWith(1);
    assertThat(renewedByPeers.take()).isEmpty();

    endpoint.handle(
        Requests.toInstance(HttpMethod.PUT, "", "x-netflix-discovery-replication", "true"));
    assertThat(renewed.take()).isEmpty();
    assertThat(renewedByPeers.take()).startsWith(1);
  }

  /** Renews one heartbeat, then two together, and so on. */
  private void renew(byte[] head, int count) throws HttpParseException {
    int size = 1;
    for (int done = 0; done < count; done += size) {
      size = size % handler.batchSizeMax() + 1;
      for (int i = 0; i < size; i++) {
        int end = parser.parse(head, 0, head.length);
        boolean isMatched = matcher.matches(parser.head(), heartbeat);
        if (end != head.length || !isMatched) {
          throw new AssertionError("end=" + end + " isMatched=" + isMatched);
        }
        handler.add(heartbeat);
      }
      handler.renew(nowNs);
      for (int i = 0; i < size; i++) {
        if (handler.status(i) != 200) {
          throw new AssertionError("status=" + handler.status(i));
        }
      }
      nowNs += TimeUnit.MILLISECONDS.toNanos(1);
    }
  }
}
