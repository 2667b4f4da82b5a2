// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A whole node with hostile clients. In each case a healthy client is served throughout, the
 * hostile one can read its refusal, the counters include it, and all its resources are released.
 */
@Isolated("measures the memory of the shared allocator")
class HostileClientsTest {
  private static final Duration TIMEOUTS = Duration.ofSeconds(30);
  private static final int MIB = 1024 * 1024;

  private final HeartbeatServer server;
  private final int port;
  private final HealthyClient healthy;

  HostileClientsTest() throws IOException {
    Map<String, String> flags = Map.of(
        "--bind", "127.0.0.1",
        "--port", "0",
        "--loops", "1",
        "--request-timeout", "500ms",
        "--write-timeout", "500ms",
        "--write-buffer-size", "4KiB",
        "--max-bodies-size", MIB + "B",
        "--drain-timeout", "2s");
    server = new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    port = server.start().getPort();
    healthy = HealthyClient.start(port);
  }

  @AfterEach
  void stop() throws IOException {
    try {
      healthy.close();
    } finally {
      server.close();
    }
  }

  /** Returns a value of the node's own metrics. */
  private long metric(String name) throws IOException {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(HttpHandlerFixture.get("/metrics"));
      return client
          .response()
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow();
    }
  }

  private long refusals(int status) throws IOException {
    return metric("systole_net_requests_malformed_total{status=\"" + status + "\"}");
  }

  /** Waits until only the healthy client and the metrics client are connected. */
  private void awaitNoOtherConnection() {
    await().atMost(TIMEOUTS).until(() -> metric("systole_net_connections") == 2);
  }

  // ---------------------------------------------------------------- refused

  static Stream<Arguments> hostile() {
    String post = "POST /v2/apps/A HTTP/1.1\r\n";
    String host = HttpHandlerFixture.HOST;
    String enough = "1" + "0".repeat(18);
    return Stream.of(
        Arguments.of("1 MiB of header", 431, "GET / HTTP/1.1\r\nX: " + "a".repeat(MIB)),
        Arguments.of("100,000 headers", 431, "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(100_000)),
        Arguments.of("a target of 1 MiB", 414, "GET /" + "a".repeat(MIB)),
        Arguments.of("length 10^18", 413, post + "Content-Length: " + enough + "\r\n" + host),
        Arguments.of("negative length", 400, post + "Content-Length: -5\r\n" + host),
        Arguments.of(
            "two lengths", 400, post + "Content-Length: 5\r\nContent-Length: 6\r\n" + host),
        Arguments.of(
            "chunk size overflow",
            400,
            post + "Transfer-Encoding: chunked\r\n" + host + "ffffffffffffffff1\r\n"),
        Arguments.of("NULs", 400, "\0".repeat(10_000)),
        Arguments.of("TLS", 400, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void send_malformedBytes_areRefusedReadablyAndCounted(String name, int status, String bytes)
      throws Exception {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(bytes);

      ParsedResponse callback = client.response();
      assertThat(callback.status()).as(name).isEqualTo(status);
      assertThat(callback.headers()).containsEntry("connection", "close");
      assertThat(client.rest()).as("an orderly close follows").isEmpty();
    }
    healthy.requireServed();
    assertThat(refusals(status)).isEqualTo(1);
    awaitNoOtherConnection();
  }

  @Test
  void send_incompleteRequestThenNothing_is408() throws Exception {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send("PUT /v2/apps/A/i-1 HTT");

      assertThat(client.response().status()).isEqualTo(408);
      assertThat(client.rest()).isEmpty();
    }
    healthy.requireServed();
    assertThat(refusals(408)).isEqualTo(1);
    assertThat(metric("systole_net_connections_closed_total{reason=\"slow_request\"}"))
        .isEqualTo(1);
    awaitNoOtherConnection();
  }

  @Test
  void send_oneByteAtATimeWithinTheTimeout_isServed() throws Exception {
    try (LiveClient client = LiveClient.connect(port)) {
      for (byte b : HttpHandlerFixture.put("i-1").getBytes(StandardCharsets.US_ASCII)) {
        client.send(new byte[] {b});
      }

      assertThat(client.response().status()).isEqualTo(200);
    }
    healthy.requireServed();
  }

  @Test
  void send_randomBytes_releasesAllResources() throws Exception {
    for (long seed = 1; seed <= 200; seed++) {
      byte[] garbage = new byte[1 + new Random(seed).nextInt(2_000)];
      new Random(seed).nextBytes(garbage);
      try (LiveClient client = LiveClient.connect(port)) {
        client.send(garbage);
        client.endOutput();

        String rest = client.rest();
        assertThat(ParsedResponse.statusesIn(rest))
            .as("seed %d", seed)
            .hasSizeLessThanOrEqualTo(1)
            .isSubsetOf(400, 501, 505);
      }
    }
    healthy.requireServed();
    assertThat(refusals(400)).isGreaterThan(100);
    awaitNoOtherConnection();
  }

  // ---------------------------------------------------------------- resources

  @Test
  void close_duringHundredsOfBodies_releasesTheQuota() throws Exception {
    String half = "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\n"
        + "Content-Length: 500000\r\n" + HttpHandlerFixture.HOST + "x".repeat(100_000);
    for (int i = 0; i < 300; i++) {
      try (LiveClient client = LiveClient.connect(port)) {
        client.send(half);
        if (i % 2 == 0) {
          client.resetOnClose();
        }
      }
    }
    healthy.requireServed();
    awaitNoOtherConnection();

    try (LiveClient client = LiveClient.connect(port)) {
      client.send("POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\n"
          + "Content-Length: " + MIB + "\r\n" + HttpHandlerFixture.HOST + "x".repeat(MIB));
      assertThat(client.response().status()).as("not 503 for lack of quota").isEqualTo(400);
    }
  }

  @Test
  void send_neverReadsResponses_isClosedAndBuffersAreBounded() throws Exception {
    long usedBefore = usedDirectBytes();
    long usedMost = 0;
    long sent = 0;
    ByteBuffer requests = ByteBuffer.wrap(
        HttpHandlerFixture.put("i-1").repeat(1_000).getBytes(StandardCharsets.US_ASCII));
    long deadlineNs = System.nanoTime() + TIMEOUTS.toNanos();
    boolean isCut = false;
    try (SocketChannel client = SocketChannel.open();
        Selector selector = Selector.open()) {
      client.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
      client.setOption(StandardSocketOptions.SO_SNDBUF, 65_536);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_WRITE);
      while (!isCut && System.nanoTime() < deadlineNs) {
        selector.select(50);
        selector.selectedKeys().clear();
        try {
          int written = client.write(requests);
          sent += written;
          requests.position(requests.hasRemaining() ? requests.position() : 0);
        } catch (IOException cut) {
          isCut = true;
        }
        usedMost = Math.max(usedMost, usedDirectBytes());
      }
    }

    assertThat(isCut).as("cut after %d bytes were sent", sent).isTrue();
    assertThat(usedMost - usedBefore).isLessThan(4L * MIB);
    healthy.requireServed();
    assertThat(metric("systole_net_connections_closed_total{reason=\"slow_reader\"}"))
        .isEqualTo(1);
    awaitNoOtherConnection();
  }

  private static long usedDirectBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }
}
