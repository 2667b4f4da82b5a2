// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.client.api.FailureReason;
import io.systole.client.heartbeat.Sessions;
import io.systole.client.net.FailoverConnector;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Servers and proxies that close connections within a pipeline. */
class ClosingServerTest {
  private static final int NEVER_MS = 3_600_000;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final FakeRegistry registry;
  private final FakeRegistry other;
  private final CountingListener seen = new CountingListener();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger connectionLog =
      (Logger) LoggerFactory.getLogger(FailoverConnector.class.getPackageName());
  private HeartbeatClient client;

  ClosingServerTest() throws IOException {
    registry = new FakeRegistry();
    other = new FakeRegistry();
    client = options().build();
  }

  private ClientBuilder options(URI... more) {
    ClientBuilder options = new ClientBuilder().server(registry.url());
    if (more.length > 0) {
      options.zone("other", List.of(more));
    }
    return options
        .connections(4)
        .interval(Duration.ofMillis(NEVER_MS))
        .returnDelay(Duration.ofMillis(0))
        .cancelOnClose(false)
        .observers(() -> seen);
  }

  private void restart(ClientBuilder options) {
    client.close();
    client = options.build();
  }

  private void registerAll(int count) {
    CompletableFuture<?>[] all = IntStream.range(0, count)
        .mapToObj(index -> client.register(Sessions.source("A", "i" + index)).whenRegistered())
        .toArray(CompletableFuture[]::new);
    assertThat(CompletableFuture.allOf(all)).succeedsWithin(SOON);
  }

  private void quiesce() {
    client.pace(SendMode.REST);
    await().atMost(SOON).until(() -> {
      ClientState state = client.state().join();
      return state.inFlight() == 0 && state.beatsWaiting() == 0;
    });
  }

  private static String closing(FakeRegistry.Request request) {
    return request.isRegister() ? FakeRegistry.NO_CONTENT_AND_CLOSE : FakeRegistry.OK_AND_CLOSE;
  }

  @BeforeEach
  void listen() {
    logged.list = new CopyOnWriteArrayList<>();
    logged.start();
    connectionLog.addAppender(logged);
  }

  @AfterEach
  void stop() throws IOException {
    connectionLog.detachAppender(logged);
    client.close();
    registry.close();
    other.close();
  }

  private List<String> warnings() {
    return List.copyOf(logged.list).stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        // Clients of other test classes share the logger.
        .filter(message -> message.contains(":" + registry.url().getPort()))
        .toList();
  }

  @Test
  void register_closeAfterEachResponse_losesNoneWithoutWarning() {
    registry.script(ClosingServerTest::closing);

    registerAll(300);

    assertThat(seen.count("registration CONNECTION_LOST")).isZero();
    assertThat(warnings()).isEmpty();
  }

  @Test
  void beat_closeAfterEachResponse_losesNone() {
    registry.script(ClosingServerTest::closing);
    registerAll(50);

    client.interval(Duration.ofMillis(200));

    await().atMost(SOON).until(() -> seen.count(200) >= 200);
    quiesce();
    assertThat(seen.count("CONNECTION_LOST")).isZero();
    assertThat(seen.due.get()).isEqualTo(seen.ended.get());
    assertThat(warnings()).isEmpty();
  }

  @Test
  void beat_closeAfterTwentyResponses_losesNone() {
    ThreadLocal<Integer> served = ThreadLocal.withInitial(() -> 0);
    registry.script(request -> {
      served.set(served.get() + 1);
      return served.get() < 20 ? FakeRegistry.ACCEPTING.apply(request) : closing(request);
    });
    registerAll(100);

    client.interval(Duration.ofMillis(50));

    await().atMost(SOON).until(() -> seen.count(200) >= 1_000);
    quiesce();
    assertThat(seen.count("CONNECTION_LOST")).isZero();
    assertThat(seen.count("registration CONNECTION_LOST")).isZero();
    assertThat(seen.due.get()).isEqualTo(seen.ended.get());
  }

  /** Those behind the first one on each connection are sent, but not processed. */
  @Test
  void beat_closeWithoutHeader_isSentAgain() {
    registerAll(50);
    CompletableFuture<Void> pipelined = new CompletableFuture<>();
    registry.script(request -> {
      boolean isFirst = !pipelined.isDone();
      pipelined.join();
      return isFirst ? FakeRegistry.OK + FakeRegistry.END : FakeRegistry.OK;
    });

    client.interval(Duration.ofSeconds(2));
    await().atMost(SOON).until(() -> client.state().join().inFlight() >= 20);
    pipelined.complete(null);

    await().atMost(SOON).until(() -> seen.count(200) >= 50);
    quiesce();
    assertThat(seen.count("CONNECTION_LOST")).isZero();
    assertThat(seen.count("resent")).isPositive();
    assertThat(seen.due.get()).isEqualTo(seen.ended.get());
  }

  @Test
  void drain_otherServerAvailable_continuesThere() throws IOException {
    restart(options(other.url()));
    registerAll(50);
    client.interval(Duration.ofMillis(500));
    await().atMost(SOON).until(() -> seen.count(200) >= 50);

    registry.script(ClosingServerTest::closing);
    int before = seen.count(200);
    await().atMost(SOON).until(() -> seen.count(200) >= before + 50);
    registry.drain();

    await().atMost(SOON).until(() -> other.beats().size() >= 100);
    quiesce();
    // Not lost by the drain: a heartbeat that a slow machine finds still waiting at its next turn,
    // and
    // those on connections that the kernel had not handed to the listener when it closed, and
    // resets.
    assertThat(seen.count(200)
            + seen.count(FailureReason.NOT_SENT)
            + seen.count(FailureReason.CONNECTION_LOST))
        .isEqualTo(seen.due.get())
        .isEqualTo(seen.ended.get());
    assertThat(client.state().join().alive()).isEqualTo(50);
  }

  @Test
  void outage_flappingServer_warnsOnce() throws IOException {
    restart(options().reconnectDelay(Duration.ofMillis(1), Duration.ofMillis(5)));
    registerAll(10);
    client.interval(Duration.ofMillis(20));

    for (int flap = 0; flap < 5; flap++) {
      int before = seen.count(200);
      await().atMost(SOON).until(() -> seen.count(200) > before);
      registry.abort();
      await().atMost(SOON).until(() -> client.state().join().connectionsOpen() == 0);
      registry.reopen();
    }

    await().atMost(SOON).until(() -> client.state().join().connectionsOpen() == 4);
    assertThat(warnings()).hasSize(1);
  }
}
