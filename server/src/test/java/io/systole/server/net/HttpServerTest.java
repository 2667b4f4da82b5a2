// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.EventLoop;
import io.netty.channel.uring.IoUring;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Serving and draining with real sockets on every available transport. */
class HttpServerTest {
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);
  private static final int PERMITS = 1_000;

  private final Counters counters = new Counters();
  private final Semaphore workerPermits = new Semaphore(PERMITS);
  private HttpServer transport = transport(Map.of());

  @AfterEach
  void stop() {
    workerPermits.release(PERMITS);
    transport.close();
  }

  static Stream<String> kinds() {
    if (IoUring.isAvailable()) {
      return Stream.of("epoll", "nio", "io_uring");
    }
    System.out.println("io_uring can't be had here: " + IoUring.unavailabilityCause());
    return Stream.of("epoll", "nio");
  }

  private HttpServer transport(Map<String, String> flags) {
    return transport(flags, Long.MAX_VALUE);
  }

  private static NetSettings settings(Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(Map.of("--bind", "127.0.0.1", "--port", "0"));
    all.putAll(flags);
    return ConfigParser.read(all, Map.of()).net();
  }

  private HttpServer transport(Map<String, String> flags, long descriptorsMax) {
    Router routes = Router.builder()
        .add(HttpMethod.GET, "/slow/{name}", Route.onWorker(this::slow))
        .add(HttpMethod.POST, "/echo", Route.onEventLoopWithBody(HttpServerTest::echo))
        .build();
    try {
      return new HttpServer(
          settings(flags),
          new HeartbeatMatcher(List.of("/v2")),
          loop -> FixedStatus.OK,
          routes,
          counters,
          Clock.startingAtZero(),
          descriptorsMax,
          HttpServer.Security.NONE);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Response slow(Request request) {
    workerPermits.acquireUninterruptibly();
    return Response.text(200, "slow " + request.variable("name"));
  }

  private static Response echo(Request request) {
    return Response.of(200, Response.TEXT, request.body());
  }

  private int start(Map<String, String> flags) throws IOException {
    transport.close();
    transport = transport(flags);
    return transport.start().getPort();
  }

  private void awaitRequests(long count) {
    await().atMost(TIMEOUTS).until(() -> counters.requests() >= count);
  }

  /** With NIO the listening socket closes in the loop's next select, shortly after its close. */
  private static void awaitRefusal(int port) {
    await()
        .atMost(TIMEOUTS)
        .untilAsserted(() -> assertThatThrownBy(() -> LiveClient.connect(port).close())
            .isInstanceOf(ConnectException.class));
  }

  private CompletableFuture<Boolean> drain(long timeoutMs) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return transport.drain(timeoutMs);
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void start_eachKind_servesPipelinesBodiesAndHalfClosedClients(String kind) throws Exception {
    int port = start(Map.of("--transport", kind));
    String body = "b".repeat(300_000);

    try (LiveClient client = LiveClient.connect(port)) {
      client.send(HttpHandlerFixture.put("i-1").repeat(500)
          + HttpHandlerFixture.get("/slow/1")
          + HttpHandlerFixture.post("/echo", body)
          + HttpHandlerFixture.put("i-1"));
      client.endOutput();

      List<ParsedResponse> responses = ParsedResponse.parseAll(client.rest());
      assertThat(responses).hasSize(503).extracting(ParsedResponse::status).containsOnly(200);
      assertThat(responses.get(500).body()).isEqualTo("slow 1");
      assertThat(responses.get(501).body()).isEqualTo(body);
    }

    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 0);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void start_eachKindAndPeerReadsLate_losesNothingAndKeepsTheOrder(String kind) throws Exception {
    int port = start(Map.of("--transport", kind, "--write-buffer-size", "4KiB"));
    int count = 4_000;
    String padding = "x".repeat(3_000);
    try (LiveClient client = LiveClient.connect(port)) {
      CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
        try {
          for (int i = 0; i < count; i++) {
            client.send(HttpHandlerFixture.post("/echo", i + padding));
          }
          client.endOutput();
        } catch (IOException lost) {
          throw new IllegalStateException(lost);
        }
      });
      awaitRequests(100);

      List<ParsedResponse> responses = ParsedResponse.parseAll(client.rest());

      sent.get();
      assertThat(responses).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(responses.get(i).body()).isEqualTo(i + padding);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void drain_eachTransport_answersRequestsInFlightAndAcceptsNoMore(String kind) throws Exception {
    int port = start(Map.of("--transport", kind));
    workerPermits.drainPermits();
    CompletableFuture<Boolean> drained;
    try (LiveClient busy = LiveClient.connect(port);
        LiveClient idle = LiveClient.connect(port)) {
      idle.send(HttpHandlerFixture.put("i-1"));
      idle.response();
      busy.send(HttpHandlerFixture.get("/slow/1")
          + HttpHandlerFixture.put("i-1").repeat(50)
          + HttpHandlerFixture.get("/slow/2"));
      awaitRequests(53);

      drained = drain(TIMEOUTS.toMillis());
      String idleRest = idle.rest();
      awaitRefusal(port);
      workerPermits.release(2);
      List<ParsedResponse> responses = ParsedResponse.parseAll(busy.rest());

      assertThat(idleRest).isEmpty();
      assertThat(responses).hasSize(52).extracting(ParsedResponse::status).containsOnly(200);
      assertThat(responses.get(51).body()).isEqualTo("slow 2");
    }
    assertThat(drained.get()).as("all ended by themselves").isTrue();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void drain_stuckConnection_isCutAtTheTimeout(String kind) throws Exception {
    int port = start(Map.of("--transport", kind));
    workerPermits.drainPermits();
    try (LiveClient stuck = LiveClient.connect(port)) {
      stuck.send(HttpHandlerFixture.get("/slow/1"));
      awaitRequests(1);

      boolean endedByThemselves = transport.drain(100);
      transport.close();

      assertThat(endedByThemselves).isFalse();
      assertEnds(stuck);
      assertThat(counters.connectionsOpen()).isZero();
    }
  }

  /** A cut appears as an end of input or as a reset; nothing follows either. */
  private static void assertEnds(LiveClient client) {
    String rest;
    try {
      rest = client.rest();
    } catch (IOException reset) {
      rest = "";
    }
    assertThat(rest).isEmpty();
  }

  /**
   * Regression: a loop terminated with its connections open, and their buffers were never freed.
   */
  @ParameterizedTest
  @MethodSource("kinds")
  void close_beginsWhileTheLoopRunsATask_closesTheConnections(String kind) throws Exception {
    // The listening socket is on one loop, which closes it first, the connection on the other.
    int port = start(Map.of("--transport", kind, "--loops", "2"));
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(HttpHandlerFixture.put("i-1"));
      client.response();
      EventLoop loop = loopOfTheConnection();
      CountDownLatch running = new CountDownLatch(1);
      loop.execute(() -> {
        running.countDown();
        await().atMost(TIMEOUTS).until(loop::isShuttingDown);
      });
      running.await();

      transport.close();

      assertThat(counters.connectionsOpen()).isZero();
      assertEnds(client);
    }
  }

  private EventLoop loopOfTheConnection() throws Exception {
    for (LoopContext context : transport.contexts()) {
      if (!context.loop.submit(() -> context.connections.tasks()).get().isEmpty()) {
        return context.loop;
      }
    }
    throw new IllegalStateException("no connection is open");
  }

  @Test
  void close_twiceAndDrainedInBetween_doesNoMoreThanOnce() throws Exception {
    start(Map.of());

    transport.close();
    boolean drained = transport.drain(10);
    transport.close();

    assertThat(drained).isTrue();
  }

  @Test
  void start_portTaken_namesTheAddress() throws Exception {
    int port = start(Map.of());

    try (HttpServer second = transport(Map.of("--port", Integer.toString(port)))) {
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("can't listen on 127.0.0.1:" + port);
    }
  }

  @Test
  void connect_overTheMaximum_receivesA503() throws Exception {
    int port = start(Map.of("--max-connections", "2", "--max-source-share", "1.0"));
    try (LiveClient first = LiveClient.connect(port);
        LiveClient second = LiveClient.connect(port)) {
      first.send(HttpHandlerFixture.put("i-1"));
      first.response();
      second.send(HttpHandlerFixture.put("i-1"));
      second.response();

      for (int i = 0; i < 50; i++) {
        try (LiveClient third = LiveClient.connect(port)) {
          boolean hasRequested = i % 2 == 0;
          if (hasRequested) {
            third.send(HttpHandlerFixture.put("i-1"));
          }
          ParsedResponse callback = third.response();
          assertThat(callback.status()).isEqualTo(503);
          assertThat(callback.headers())
              .containsKey("retry-after")
              .containsEntry("connection", "close");
          // A client that has sent a request may see a reset after the response, but not before.
          if (!hasRequested) {
            assertThat(third.rest()).isEmpty();
          }
        }
      }
      first.send(HttpHandlerFixture.put("i-1"));

      assertThat(first.response().status()).isEqualTo(200);
      assertThat(counters.connectionsClosed(Counters.Closed.OVER_LIMIT)).isEqualTo(50);
    }
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 0);
    try (LiveClient next = LiveClient.connect(port)) {
      next.send(HttpHandlerFixture.put("i-1"));
      assertThat(next.response().status()).isEqualTo(200);
    }
  }

  /** Regression: every reload repeated the warning of the start. */
  @Test
  void reload_connectionsOverTheDescriptorLimit_warnsWhenTheMaximumChanges() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(DescriptorReserve.class);
    logger.addAppender(log);
    try (HttpServer limited = transport(Map.of(), DescriptorReserve.DESCRIPTORS + 100)) {
      int atStart = log.list.size();
      limited.reload(settings(Map.of("--idle-timeout", "1m")));
      int afterOther = log.list.size();
      limited.reload(settings(Map.of("--max-connections", "101")));

      assertThat(List.of(atStart, afterOther, log.list.size())).containsExactly(1, 1, 2);
    } finally {
      logger.detachAppender(log);
    }
  }
}
