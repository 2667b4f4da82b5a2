// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.net.NetSettings;
import io.systole.server.time.ManualClock;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("counts the threads of all nodes in this JVM")
class FailedConstructionTest {
  /** More loops than any system can create. */
  private static final int NO_LOOPS = -1;

  @Test
  void construct_transportUnavailable_leavesNoThread() {
    Set<Thread> before = ownThreads();

    assertThatThrownBy(() -> new HeartbeatServer(withoutTransport(), new ManualClock()))
        .isInstanceOf(IllegalArgumentException.class);

    await().until(() -> before.containsAll(ownThreads()));
  }

  private static Set<Thread> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("systole-"))
        .collect(Collectors.toSet());
  }

  private static ServerConfig withoutTransport() {
    ServerConfig plain = ConfigParser.read(Map.of(), Map.of());
    NetSettings net = plain.net();
    return new ServerConfig(
        new NetSettings(
            net.bind(),
            net.port(),
            NO_LOOPS,
            net.transport(),
            net.connectionsMax(),
            net.http(),
            net.bodyBytesMax(),
            net.bodiesBytesMax(),
            net.idleTimeoutMs(),
            net.requestTimeoutMs(),
            net.writeTimeoutMs(),
            net.responseTimeoutMs(),
            net.longResponsesMax(),
            net.streamsMax(),
            net.pendingResponsesMax(),
            net.writeBufferBytesMax(),
            net.unsentBytesMax(),
            net.sourceShare(),
            net.credentialRateMax(),
            net.allowedHosts(),
            net.allowedPeers(),
            net.management(),
            net.workers(),
            net.workQueueMax()),
        plain.security(),
        plain.registry(),
        plain.events(),
        plain.eviction(),
        plain.store(),
        plain.peers(),
        plain.cluster(),
        plain.otlp(),
        plain.basePaths(),
        plain.isDeltaDisabled(),
        plain.waitWhenEmptyMs(),
        plain.waitAfterRestoreMs(),
        plain.lameDuckMs(),
        plain.drainTimeoutMs(),
        plain.isManaged(),
        plain.isSimulationServed());
  }
}
