// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The management listener, and the limits of open connections. */
class HttpServerListenersTest {
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);

  private final Counters counters = new Counters();
  private final List<Socket> sockets = new ArrayList<>();
  private final HttpServer transport;

  HttpServerListenersTest() throws IOException {
    transport = new HttpServer(
        ConfigParser.read(
                Map.of(
                    "--bind", "127.0.0.1",
                    "--port", "0",
                    "--max-connections", "4",
                    "--max-source-share", "0.5"),
                Map.of())
            .net(),
        new HeartbeatMatcher(List.of("/v2")),
        loop -> FixedStatus.OK,
        routes("/main"),
        counters,
        Clock.startingAtZero(),
        Long.MAX_VALUE,
        HttpServer.Security.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    transport.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static Router routes(String path) {
    return Router.builder()
        .add(HttpMethod.GET, path, Route.onEventLoop(request -> Response.NO_CONTENT))
        .build();
  }

  private int startManagement(int port) throws IOException {
    ListenAddress address = new ListenAddress("127.0.0.1", port);
    return transport.startManagement(address, routes("/systole")).getPort();
  }

  private static List<Integer> statuses(int port, String... requests) throws IOException {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(String.join("", requests));
      return ParsedResponse.statusesIn(client.responses(requests.length));
    }
  }

  @Test
  void startManagement_secondAddress_servesItsOwnRoutesAndNoHeartbeats() throws Exception {
    int main = transport.start().getPort();
    int management = startManagement(0);

    String[] requests = {
      HttpHandlerFixture.get("/main"),
      HttpHandlerFixture.get("/systole"),
      HttpHandlerFixture.put("i")
    };

    assertThat(statuses(main, requests)).containsExactly(204, 404, 200);
    assertThat(statuses(management, requests)).containsExactly(404, 204, 404);
  }

  @Test
  void startManagement_portTaken_isReportedAndTheMainAddressIsClosed() throws Exception {
    int main = transport.start().getPort();

    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> startManagement(taken.getLocalPort()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              "can't listen on the management address 127.0.0.1:" + taken.getLocalPort());
    }

    await()
        .atMost(TIMEOUTS)
        .untilAsserted(() -> assertThatThrownBy(() -> LiveClient.connect(main).close())
            .isInstanceOf(ConnectException.class));
  }

  @Test
  void drain_twoListeners_closesBothAndTheirConnections() throws Exception {
    int main = transport.start().getPort();
    int management = startManagement(0);
    try (LiveClient one = LiveClient.connect(main);
        LiveClient other = LiveClient.connect(management)) {
      await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 2);

      assertThat(transport.drain(TIMEOUTS.toMillis())).isTrue();

      assertThat(one.rest()).isEmpty();
      assertThat(other.rest()).isEmpty();
    }
    for (int port : new int[] {main, management}) {
      await()
          .atMost(TIMEOUTS)
          .untilAsserted(() -> assertThatThrownBy(() -> LiveClient.connect(port).close())
              .isInstanceOf(ConnectException.class));
    }
    assertNoConnectionIsReserved();
  }

  /** Instances behind one address open a connection each. */
  @Test
  void accept_oneSourceOpensAllConnections_isServedUpToTheTotal() throws Exception {
    int port = transport.start().getPort();
    connectFrom("127.0.0.1", port);
    connectFrom("127.0.0.1", port);
    connectFrom("127.0.0.1", port);
    Socket last = connectFrom("127.0.0.1", port);
    last.getOutputStream().write(HttpHandlerFixture.put("i").getBytes(StandardCharsets.US_ASCII));
    assertThat(statusOf(last)).startsWith("HTTP/1.1 200 ");

    Socket refused = connectFrom("127.0.0.1", port);

    assertThat(statusOf(refused)).startsWith("HTTP/1.1 503 ");
    assertThat(counters.connectionsClosed(Closed.OVER_LIMIT)).isEqualTo(1);

    last.close();
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 3);
    assertThat(statuses(port, HttpHandlerFixture.put("i"))).containsExactly(200);
    for (Socket socket : sockets) {
      socket.close();
    }
    assertNoConnectionIsReserved();
  }

  @Test
  void startManagement_mainConnectionsExhausted_isServed() throws Exception {
    int main = transport.start().getPort();
    int management = startManagement(0);
    connectFrom("127.0.0.1", main, 4);
    assertThat(statusOf(connectFrom("127.0.0.1", main))).startsWith("HTTP/1.1 503 ");

    assertThat(statuses(management, HttpHandlerFixture.get("/systole"))).containsExactly(204);
  }

  @Test
  void startManagement_itsConnectionsExhausted_refusesMoreUntilOneCloses() throws Exception {
    int main = transport.start().getPort();
    int management = startManagement(0);
    connectFrom("127.0.0.1", management, Quotas.MANAGEMENT_CONNECTIONS_MAX);

    assertThat(statusOf(connectFrom("127.0.0.1", management))).startsWith("HTTP/1.1 503 ");
    assertThat(statuses(main, HttpHandlerFixture.put("i"))).containsExactly(200);

    sockets.get(0).close();
    await()
        .atMost(TIMEOUTS)
        .ignoreExceptions()
        .until(() -> statuses(management, HttpHandlerFixture.get("/systole")).equals(List.of(204)));
  }

  private void assertNoConnectionIsReserved() {
    Quota connections = transport.quotas().connections();
    await()
        .atMost(TIMEOUTS)
        .until(() -> connections.reserved() == 0 && connections.sourceCount() == 0);
  }

  private Socket connectFrom(String address, int port) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Socket socket = new Socket(loopback, port, InetAddress.getByName(address), 0);
    sockets.add(socket);
    socket.setSoTimeout((int) TIMEOUTS.toMillis());
    return socket;
  }

  /** Opens connections, and waits until they are served. */
  private void connectFrom(String address, int port, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      connectFrom(address, port);
    }
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == count);
  }

  private static String statusOf(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
  }

  @Test
  void probeLoops_oneLoopIsBlocked_completesOnceItRuns() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch blocked = new CountDownLatch(1);
    transport.nextLoop().execute(() -> {
      blocked.countDown();
      awaitUninterruptibly(release);
    });
    assertThat(blocked.await(TIMEOUTS.toSeconds(), TimeUnit.SECONDS)).isTrue();

    CompletableFuture<Void> responded = transport.probeLoops();
    boolean isDoneWhileBlocked = responded.isDone();
    release.countDown();
    responded.get(TIMEOUTS.toSeconds(), TimeUnit.SECONDS);

    assertThat(isDoneWhileBlocked).isFalse();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
