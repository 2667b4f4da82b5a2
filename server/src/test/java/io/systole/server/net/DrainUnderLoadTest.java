// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that stops while requests are on the wire. */
class DrainUnderLoadTest {
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);
  private static final int CLIENTS = 8;
  private static final long LONG_LAME_DUCK_MS = 600_000;
  private static final long SHORT_LAME_DUCK_MS = 300;

  private final Counters counters = new Counters();
  private final AtomicLong answered = new AtomicLong();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer transport = transport("auto");

  @AfterEach
  void stop() {
    threads.shutdownNow();
    transport.close();
  }

  private HttpServer transport(String kind) {
    Map<String, String> flags =
        Map.of("--bind", "127.0.0.1", "--port", "0", "--loops", "2", "--transport", kind);
    Router routes = Router.builder()
        .add(
            HttpMethod.POST,
            "/echo",
            Route.onEventLoopWithBody(request -> Response.of(200, Response.TEXT, request.body())))
        .build();
    try {
      return new HttpServer(
          ConfigParser.read(flags, Map.of()).net(),
          new HeartbeatMatcher(List.of("/v2")),
          loop -> FixedStatus.OK,
          routes,
          counters,
          Clock.startingAtZero(),
          Long.MAX_VALUE,
          HttpServer.Security.NONE);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * A client as in RFC 9112 §9.6: it keeps a number of requests in flight until a response
   * announces the close, and retries the unanswered ones on a new connection. Each request and its
   * response carry a sequence number.
   */
  private void load(int port, int depth) throws IOException {
    int sent = 0;
    int received = 0;
    boolean isReported = false;
    do {
      try (LiveClient client = LiveClient.connect(port)) {
        boolean mustResend = isReported;
        int lastToSend = mustResend ? sent : Integer.MAX_VALUE;
        sent = received;
        isReported = false;
        while (!isReported && received < lastToSend) {
          StringBuilder requests = new StringBuilder();
          for (; sent < Math.min(lastToSend, received + depth); sent++) {
            requests.append(HttpHandlerFixture.post("/echo", Integer.toString(sent)));
          }
          if (!requests.isEmpty()) {
            client.send(requests.toString());
          }
          ParsedResponse callback = client.response();
          assertThat(callback.status()).isEqualTo(200);
          assertThat(callback.body()).as("in order, once").isEqualTo(Integer.toString(received));
          received++;
          answered.incrementAndGet();
          isReported = "close".equals(callback.headers().get("connection"));
        }
        if (isReported) {
          assertThat(client.rest()).as("ended, not reset, and nothing follows").isEmpty();
        }
        if (mustResend && !isReported) {
          return;
        }
      }
    } while (received < sent);
  }

  /** Begins a lame-duck period that lasts until the thread is interrupted. */
  private Thread announceClose() {
    Thread thread = new Thread(() -> {
      try {
        transport.announceClose(LONG_LAME_DUCK_MS);
      } catch (InterruptedException ended) {
        // The test ends the period.
      }
    });
    thread.start();
    return thread;
  }

  /** Regression: requests on the wire at the time of the stop received no response. */
  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void drain_underLoad_leavesNoRequestUnanswered(int depth) throws Exception {
    int port = transport.start().getPort();
    List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS)
        .mapToObj(i -> CompletableFuture.runAsync(
            () -> {
              try {
                load(port, depth);
              } catch (IOException lost) {
                throw new IllegalStateException(lost);
              }
            },
            threads))
        .toList();
    await().atMost(TIMEOUTS).until(() -> answered.get() > 1_000L * depth);

    Thread lameDuck = announceClose();
    for (CompletableFuture<Void> client : clients) {
      client.get(TIMEOUTS.toSeconds(), TimeUnit.SECONDS);
    }
    lameDuck.interrupt();
    lameDuck.join();

    assertThat(transport.drain(TIMEOUTS.toMillis()))
        .as("all connections ended by themselves")
        .isTrue();
  }

  /** The transports whose listening sockets can refuse handshakes before they close. */
  static Stream<String> filteringKinds() {
    return HttpServerTest.kinds().filter(kind -> !kind.equals("nio"));
  }

  static Stream<Arguments> filteringKindsAndDepths() {
    return filteringKinds()
        .flatMap(kind -> Stream.of(Arguments.of(kind, 1), Arguments.of(kind, 16)));
  }

  /** Connects repeatedly until refused; returns the number of connections. */
  private int reconnectUntilRefused(int port, int depth) throws IOException {
    for (int count = 0; ; count++) {
      try (LiveClient client = connectUnlessRefused(port)) {
        if (client == null) {
          return count;
        }
        boolean isReported = false;
        while (!isReported) {
          client.send(HttpHandlerFixture.put("i-1").repeat(depth));
          List<ParsedResponse> responses = ParsedResponse.parseAll(client.responses(depth));
          assertThat(responses).extracting(ParsedResponse::status).containsOnly(200);
          answered.addAndGet(depth);
          isReported = "close".equals(responses.get(depth - 1).headers().get("connection"));
        }
      }
    }
  }

  private static @Nullable LiveClient connectUnlessRefused(int port) throws IOException {
    try {
      return LiveClient.connect(port);
    } catch (ConnectException refused) {
      return null;
    }
  }

  /**
   * Regression: connections in the backlog of the listening socket were reset, and accepted ones
   * closed before their first request was read.
   */
  @ParameterizedTest
  @MethodSource("filteringKindsAndDepths")
  void drain_clientsReconnectUntilRefused_leavesNoRequestUnanswered(String kind, int depth)
      throws Exception {
    transport.close();
    transport = transport(kind);
    int port = transport.start().getPort();
    List<CompletableFuture<Integer>> clients = IntStream.range(0, CLIENTS)
        .mapToObj(i -> supplyAsync(() -> reconnectUntilRefused(port, depth)))
        .toList();
    await().atMost(TIMEOUTS).until(() -> answered.get() > 100L * depth);

    transport.announceClose(SHORT_LAME_DUCK_MS);
    boolean hasEnded = transport.drain(TIMEOUTS.toMillis());

    for (CompletableFuture<Integer> client : clients) {
      assertThat(client.get(TIMEOUTS.toSeconds(), TimeUnit.SECONDS))
          .as("connections")
          .isPositive();
    }
    assertThat(hasEnded).as("all connections ended by themselves").isTrue();
  }

  @Test
  void drain_idleConnectionsSendAtItsStart_areAnswered() throws Exception {
    int port = transport.start().getPort();
    CompletableFuture<Boolean> drained;
    try (LiveClient kept = LiveClient.connect(port);
        LiveClient unused = LiveClient.connect(port)) {
      kept.send(HttpHandlerFixture.put("i-1"));
      kept.response();
      transport.announceClose(0);

      drained = supplyAsync(() -> transport.drain(TIMEOUTS.toMillis()));
      kept.send(HttpHandlerFixture.put("i-1"));
      unused.send(HttpHandlerFixture.put("i-1"));

      assertThat(kept.response().headers()).containsEntry("connection", "close");
      assertThat(unused.response().headers()).containsEntry("connection", "close");
    }
    assertThat(drained.get(TIMEOUTS.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private <T> CompletableFuture<T> supplyAsync(Callable<T> task) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return task.call();
          } catch (Exception failure) {
            throw new IllegalStateException(failure);
          }
        },
        threads);
  }

  /** Regression: the period ended at once, so probes were refused before they received 503. */
  @Test
  void announceClose_noConnectionOpen_lastsTheWholePeriod() throws Exception {
    transport.start();
    long startNs = System.nanoTime();

    transport.announceClose(SHORT_LAME_DUCK_MS);

    assertThat(Duration.ofNanos(System.nanoTime() - startNs))
        .isGreaterThanOrEqualTo(Duration.ofMillis(SHORT_LAME_DUCK_MS));
  }

  @Test
  void announceClose_lastConnectionHasClosed_servesNewConnections() throws Exception {
    int port = transport.start().getPort();
    Thread lameDuck = announceClose();

    for (int i = 0; i < 3; i++) {
      try (LiveClient client = LiveClient.connect(port)) {
        boolean isLast = false;
        while (!isLast) {
          client.send(HttpHandlerFixture.put("i-1"));
          ParsedResponse response = client.response();
          assertThat(response.status()).isEqualTo(200);
          isLast = "close".equals(response.headers().get("connection"));
        }
        assertThat(client.rest()).isEmpty();
      }
    }

    assertThat(lameDuck.isAlive()).isTrue();
    lameDuck.interrupt();
    lameDuck.join();
  }

  @Test
  void connect_overTheDescriptorLimit_isRefused() throws Exception {
    HttpServer limited = new HttpServer(
        ConfigParser.read(Map.of("--bind", "127.0.0.1", "--port", "0"), Map.of())
            .net(),
        new HeartbeatMatcher(List.of("/v2")),
        loop -> FixedStatus.OK,
        Router.builder().build(),
        counters,
        Clock.startingAtZero(),
        DescriptorReserve.DESCRIPTORS + 1,
        HttpServer.Security.NONE);
    try (limited) {
      int port = limited.start().getPort();
      try (LiveClient first = LiveClient.connect(port)) {
        first.send(HttpHandlerFixture.put("i-1"));
        assertThat(first.response().status()).isEqualTo(200);
        try (LiveClient second = LiveClient.connect(port)) {
          assertThat(second.response().status()).isEqualTo(503);
        }
      }
    }
  }
}
