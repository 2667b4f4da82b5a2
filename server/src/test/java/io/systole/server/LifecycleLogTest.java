// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.net.LiveClient;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LifecycleLogTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(LifecycleLog.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
  }

  /** Returns the lines of this thread: other tests start and stop nodes at the same time. */
  private List<String> lines() {
    String thread = Thread.currentThread().getName();
    // The monitor in which lines are appended.
    synchronized (log) {
      return log.list.stream()
          .filter(event -> event.getThreadName().equals(thread))
          .map(ILoggingEvent::getFormattedMessage)
          .toList();
    }
  }

  private void clear() {
    synchronized (log) {
      log.list.clear();
    }
  }

  @Test
  void started_withRestoredLeases_hasTheirNumberAndTheDirectory(@TempDir Path folder)
      throws IOException {
    Map<String, String> options = Map.of("--data-dir", folder.toString());
    try (LiveNode node = LiveNode.start(options)) {
      node.server.registry().register(Instances.up("PAY", "i-1", 90), Origin.CLIENT);
      node.server.registry().register(Instances.up("PAY", "i-2", 90), Origin.CLIENT);
    }
    clear();

    LiveNode.start(options).close();

    assertThat(lines().get(0))
        .matches("started version=.+ revision=\\S+ java=\\S+ address=127\\.0\\.0\\.1:(\\d+)"
            + " management=127\\.0\\.0\\.1:\\1 dataDirectory=\\Q" + folder + "\\E restoredLeases=2"
            + " restoreMs=0 startMs=0 transport=\\w+ loops=1");
  }

  @Test
  void started_inMemory_namesNoDirectory() throws IOException {
    LiveNode.start(Map.of()).close();

    assertThat(lines().get(0)).contains(" dataDirectory=none restoredLeases=0 ");
  }

  @Test
  void stop_bySignal_hasItsNameAndTheDrainedConnections() throws IOException {
    Map<String, String> options =
        Map.of("--port", "0", "--bind", "127.0.0.1", "--lame-duck", "0", "--drain-timeout", "1m");
    // A manual clock would not end the quiet period of the connection.
    HeartbeatServer server =
        new HeartbeatServer(ConfigParser.read(options, Map.of()), Clock.startingAtZero());
    try (LiveClient client = LiveClient.connect(server.start().getPort())) {
      server.registry().register(Instances.up("PAY", "i-1", 90), Origin.CLIENT);
      client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      clear();

      server.stop("SIGTERM");
    }

    assertThat(lines()).hasSize(3);
    assertThat(lines().subList(0, 2))
        .containsExactly(
            "operator action=shutdown outcome=begun principal=- from=SIGTERM",
            "stopping signal=SIGTERM leases=1");
    assertThat(lines().get(2))
        .matches("stopped signal=SIGTERM drainedConnections=1 durationMs=\\d{3,6} leases=1");
  }

  @Test
  void stop_byTheProcess_hasNoSignalAndIsNoActionOfAnOperator() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of("--lame-duck", "0"))) {
      clear();

      node.server.stop();

      assertThat(lines())
          .containsExactly(
              "stopping signal=none leases=0",
              "stopped signal=none drainedConnections=0 durationMs=0 leases=0");
    }
  }
}
