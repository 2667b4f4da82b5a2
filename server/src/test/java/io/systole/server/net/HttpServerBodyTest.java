// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.uring.IoUring;
import io.systole.protocol.http.HttpMethod;
import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.net.TestBodySource.ScriptedStream;
import io.systole.server.route.BodySource;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streamed bodies and heartbeats over real sockets on one loop. */
class HttpServerBodyTest {
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);
  private static final int TIMEOUTS_MS = 30_000;
  private static final long MIB = 1024 * 1024;
  private static final long LENGTH = 100 * MIB;

  /** One chunk and its head. */
  private static final long HELD_BYTES_MAX = LoopContext.CHUNK_BYTES_MAX + 1024;

  private final Counters counters = new Counters();
  private final ManualClock clock = new ManualClock();
  private final TestBodySource source = new TestBodySource();
  private final ScriptedStream stream = new ScriptedStream();
  private final AtomicLong bytesRead = new AtomicLong();
  private final List<Socket> sockets = new ArrayList<>();
  private HttpServer transport = transport(Map.of());
  private int port;

  @AfterEach
  void stop() throws IOException {
    transport.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  static Stream<String> kinds() {
    return IoUring.isAvailable()
        ? Stream.of("epoll", "nio", "io_uring")
        : Stream.of("epoll", "nio");
  }

  private HttpServer transport(Map<String, String> flags) {
    Map<String, String> all =
        new HashMap<>(Map.of("--bind", "127.0.0.1", "--port", "0", "--loops", "1"));
    all.putAll(flags);
    Router routes = Router.builder()
        .add(
            HttpMethod.GET,
            "/long",
            Route.onEventLoop(request -> Response.of(200, Response.TEXT, source.ofLength(LENGTH))))
        .add(
            HttpMethod.GET,
            "/quick",
            Route.onEventLoop(request -> Response.of(200, Response.TEXT, endlessLength())))
        .add(
            HttpMethod.GET,
            "/stream",
            Route.onEventLoop(request -> Response.of(200, Response.TEXT, stream.body())))
        .build();
    try {
      return new HttpServer(
          ConfigParser.read(all, Map.of()).net(),
          new HeartbeatMatcher(List.of("/v2")),
          loop -> FixedStatus.OK,
          routes,
          counters,
          clock,
          Long.MAX_VALUE,
          HttpServer.Security.NONE);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** A body larger than any test reads, which costs nothing to produce. */
  private ResponseBody endlessLength() {
    return ResponseBody.ofLength(Long.MAX_VALUE, () -> new BodySource() {
      @Override
      public int read(byte[] into, int from, int length) {
        bytesRead.addAndGet(length);
        return length;
      }

      @Override
      public void close() {}
    });
  }

  private void start(Map<String, String> flags) throws IOException {
    transport.close();
    transport = transport(flags);
    port = transport.start().getPort();
  }

  /** Returns a client that has sent a request and doesn't read. */
  private Socket send(String path) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setReceiveBufferSize(16 * 1024);
    socket.setSoTimeout(TIMEOUTS_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUTS_MS);
    socket
        .getOutputStream()
        .write(HttpHandlerFixture.get(path).getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Runs an action on the loop. */
  private <T> T onLoop(Function<LoopContext, T> question) throws Exception {
    LoopContext context = transport.contexts().get(0);
    return context.loop.submit(() -> question.apply(context)).get(30, TimeUnit.SECONDS);
  }

  private List<Long> unsentBytes() throws Exception {
    return onLoop(context -> context.connections.tasks().stream()
        .map(connection -> ((HttpHandler) connection).unsentBytes())
        .toList());
  }

  private void awaitReserved(int count) {
    await()
        .atMost(TIMEOUTS)
        .until(() -> unsentBytes().stream().filter(bytes -> bytes > 0).count() == count);
  }

  private static void readUntil(InputStream in, long bytes) throws IOException {
    byte[] buffer = new byte[256 * 1024];
    long left = bytes;
    while (left > 0) {
      int size = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (size < 0) {
        throw new IOException("ended with bytes to come: " + left);
      }
      left -= size;
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void send_100MiBToAPausingReader_buffersAChunkAndSendsAll(String kind) throws Exception {
    start(Map.of("--transport", kind));
    Socket socket = send("/long");
    InputStream in = socket.getInputStream();
    awaitReserved(1);
    List<Long> heldAtFirst = unsentBytes();
    byte[] head = new byte[4096];
    int headSize = in.read(head);
    int bodyFrom =
        new String(head, 0, headSize, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
    long at = headSize;
    at -= bodyFrom;

    List<Long> held = new ArrayList<>();
    for (int stop = 0; stop < 4; stop++) {
      readUntil(in, 5 * MIB);
      at += 5 * MIB;
      awaitReserved(1);
      held.addAll(unsentBytes());
    }
    readUntil(in, LENGTH - at - 1);
    int last = in.read();

    assertThat(heldAtFirst).hasSize(1).allMatch(bytes -> bytes <= HELD_BYTES_MAX);
    assertThat(held).hasSize(4).allMatch(bytes -> bytes <= HELD_BYTES_MAX);
    assertThat(last).isEqualTo(TestBodySource.byteAt(LENGTH - 1));
    await().atMost(TIMEOUTS).until(() -> source.closedCount.get() == 1);
  }

  @Test
  void send_toAHundredStalledReaders_heartbeatsOnTheSameLoopAreAnswered() throws Exception {
    start(Map.of());
    for (int i = 0; i < 100; i++) {
      send("/long");
    }
    awaitReserved(100);

    try (LiveClient client = LiveClient.connect(port)) {
      for (int i = 0; i < 500; i++) {
        client.send(HttpHandlerFixture.put("i-1"));
        assertThat(client.response().status()).isEqualTo(200);
      }
    }

    assertThat(unsentBytes()).allMatch(bytes -> bytes <= HELD_BYTES_MAX);
    assertThat(counters.connectionsOpen()).isBetween(100L, 101L);
  }

  @Test
  void checkTimeouts_hundredStalledReaders_areClosedAndReleaseTheQuota() throws Exception {
    start(Map.of("--write-timeout", "5s"));
    for (int i = 0; i < 100; i++) {
      send("/long");
    }
    awaitReserved(100);

    clock.advanceMs(5_001);
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 0);

    assertThat(counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(100);
    assertThat(source.closedCount).hasValue(100);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void send_toAFastReader_heartbeatsAreAnsweredMeanwhile(String kind) throws Exception {
    start(Map.of("--transport", kind));
    Socket greedy = send("/quick");
    CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
      try {
        readUntil(greedy.getInputStream(), Long.MAX_VALUE);
      } catch (IOException closed) {
        // The test has ended.
      }
    });
    await().atMost(TIMEOUTS).until(() -> bytesRead.get() > 10 * MIB);

    int beats = 50;
    long before = bytesRead.get();
    try (LiveClient client = LiveClient.connect(port)) {
      for (int i = 0; i < beats; i++) {
        client.send(HttpHandlerFixture.put("i-1"));
        assertThat(client.response().status()).isEqualTo(200);
      }
    }
    long perBeat = (bytesRead.get() - before) / beats;
    greedy.close();

    reading.get(30, TimeUnit.SECONDS);
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 0);
    assertThat(perBeat).as("bytes moved while one heartbeat waited").isLessThan(64 * MIB);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void send_streamWhoseReaderDisconnects_isClosedOnce(String kind) throws Exception {
    start(Map.of("--transport", kind));
    Socket socket = send("/stream");
    InputStream in = socket.getInputStream();
    stream.emit("one");
    StringBuilder received = new StringBuilder();
    while (!received.toString().endsWith("3\r\none\r\n")) {
      received.append((char) in.read());
    }

    socket.setSoLinger(true, 0);
    socket.close();

    await().atMost(TIMEOUTS).until(() -> stream.closedCount() > 0);
    await().atMost(TIMEOUTS).until(() -> counters.connectionsOpen() == 0);
    assertThat(stream.closedCount()).isEqualTo(1);
  }
}
