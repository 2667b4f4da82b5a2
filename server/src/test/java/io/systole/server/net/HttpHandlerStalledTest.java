// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOutboundBuffer;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Many connections whose peers do not read their responses. The write buffer of each is bounded;
 * their sum was not, and exhausted the direct memory of the node.
 */
class HttpHandlerStalledTest {
  private static final int KIB = 1024;
  private static final String STALLING = "192.0.2.1";

  private final HttpHandlerFixture fixture = new HttpHandlerFixture(Map.of(
      "--write-buffer-size", "64KiB",
      "--max-unsent-size", "1MiB",
      "--max-source-share", "0.5"));

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  /** Pipelines requests whose responses fill half of the write buffer. */
  private EmbeddedConnection stall(String address) {
    EmbeddedConnection connection = fixture.connectFrom(address);
    connection.peerStopsReading();
    fillHalf(connection);
    return connection;
  }

  private static void fillHalf(EmbeddedConnection connection) {
    String get = HttpHandlerFixture.get("/v2/apps/A/i-1");
    while (connection.isOpen() && unsentBytes(connection) < 32 * KIB) {
      connection.read(get.repeat(20));
    }
  }

  private List<EmbeddedConnection> stall(String address, int count) {
    return IntStream.range(0, count).mapToObj(i -> stall(address)).toList();
  }

  private static long unsentBytes(EmbeddedConnection connection) {
    ChannelOutboundBuffer unsent = connection.unsafe().outboundBuffer();
    return unsent == null ? 0 : unsent.totalPendingWriteBytes();
  }

  private static long unsentBytes(List<EmbeddedConnection> connections) {
    return connections.stream().mapToLong(HttpHandlerStalledTest::unsentBytes).sum();
  }

  private long closedCount() {
    return fixture.counters.connectionsClosed(Closed.UNSENT_LIMIT);
  }

  /**
   * A connection keeps what follows a request in progress, up to one read. Frames of renewals wait
   * for each other, and are not refused however many do.
   */
  @Test
  void read_requestsBehindAFrameThatWaits_bytesStayWithinTheShare() {
    String frame = HttpHandlerFixture.post("/v2/renewals", "x");
    fixture.connectFrom(STALLING).read(frame);
    String heartbeat = HttpHandlerFixture.put("i");
    String behind = heartbeat.repeat(32 * KIB / heartbeat.length());

    List<EmbeddedConnection> waiting =
        IntStream.range(0, 100).mapToObj(i -> fixture.connectFrom(STALLING)).toList();
    waiting.forEach(connection -> connection.read(frame + behind));
    long reserved = fixture.quotas.unsentBytes().reserved();
    long open = waiting.stream().filter(EmbeddedConnection::isOpen).count();
    fixture.runReadyTasks();

    assertThat(reserved).isBetween(448L * KIB, 512L * KIB);
    assertThat(open).isEqualTo(reserved / behind.length());
    assertThat(closedCount()).isEqualTo(100 - open);
    assertThat(waiting.get(0).isOpen()).as("oldest").isFalse();
    assertThat(ParsedResponse.statusesIn(waiting.get(99).received()))
        .hasSizeGreaterThan(100)
        .containsOnly(200);
    assertThat(fixture.quotas.unsentBytes().reserved()).isZero();
  }

  @Test
  void read_oneSourceDoesNotRead_unsentBytesStayWithinItsShare() {
    List<EmbeddedConnection> stalled = stall(STALLING, 100);

    assertThat(unsentBytes(stalled)).isBetween(448L * KIB, 516L * KIB);
    assertThat(fixture.quotas.unsentBytes().reserved()).isBetween(448L * KIB, 512L * KIB);
    long open = stalled.stream().filter(EmbeddedConnection::isOpen).count();
    assertThat(closedCount()).isEqualTo(100 - open);
    assertThat(fixture.counters.exhaustions(Resource.UNSENT_BYTES, Limit.SOURCE))
        .isEqualTo(100 - open);
    assertThat(stalled.get(0).isOpen()).as("oldest").isFalse();
    assertThat(stalled.get(99).isOpen()).as("newest").isTrue();
  }

  @Test
  void read_severalSourcesDoNotRead_unsentBytesStayWithinTheTotal() {
    List<EmbeddedConnection> stalled = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      stalled.addAll(stall("192.0.2." + i, 5));
    }

    assertThat(unsentBytes(stalled)).isBetween(960L * KIB, 1032L * KIB);
    assertThat(fixture.counters.exhaustions(Resource.UNSENT_BYTES, Limit.TOTAL))
        .isEqualTo(closedCount())
        .isPositive();
  }

  @Test
  void read_heartbeatsOfTheSameSource_areServedWhileOthersStall() {
    EmbeddedConnection healthy = fixture.connectFrom(STALLING);
    EmbeddedConnection unread = fixture.connectFrom(STALLING);
    unread.peerStopsReading();
    unread.read(HttpHandlerFixture.put("i-2"));

    for (int i = 0; i < 100; i++) {
      stall(STALLING);
      healthy.read(HttpHandlerFixture.put("i-1"));
    }
    unread.peerReadsAgain();

    assertThat(ParsedResponse.statusesIn(healthy.received())).hasSize(100).containsOnly(200);
    assertThat(ParsedResponse.statusesIn(unread.received())).containsExactly(200);
  }

  @Test
  void read_responsesBehindAnUnreadStream_areCharged() {
    fixture.bodies.put("stream", new TestBodySource().ofLength(60_000));
    EmbeddedConnection connection = fixture.connectFrom(STALLING);
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.get("/body/stream"));
    fixture.runReadyTasks();
    long streamBytes = fixture.quotas.unsentBytes().reserved();

    connection.read(HttpHandlerFixture.get("/big").repeat(3));

    long bodyBytes = 3L * HttpHandlerFixture.BIG_BODY.length();
    assertThat(fixture.quotas.unsentBytes().reserved())
        .isBetween(streamBytes + bodyBytes, streamBytes + bodyBytes + KIB);
    connection.peerReadsAgain();
    fixture.runReadyTasks();
    assertThat(fixture.quotas.unsentBytes().reserved()).isZero();
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(4).containsOnly(200);
  }

  @Test
  void read_responsesBehindALateResponse_areChargedUntilItIsSent() {
    EmbeddedConnection connection = fixture.connectFrom(STALLING);
    connection.read(HttpHandlerFixture.get("/late/poll"));

    connection.read(HttpHandlerFixture.get("/big").repeat(3));

    assertThat(fixture.quotas.unsentBytes().reserved())
        .isEqualTo(3L * HttpHandlerFixture.BIG_BODY.length());
    fixture.respondLate("poll");
    assertThat(fixture.quotas.unsentBytes().reserved()).isZero();
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(4).containsOnly(200);
  }

  @Test
  void read_responsesBehindLateResponses_stayWithinTheShareOfTheirSource() {
    List<EmbeddedConnection> polling = IntStream.range(0, 20)
        .mapToObj(i -> {
          EmbeddedConnection connection = fixture.connectFrom(STALLING);
          connection.read(HttpHandlerFixture.get("/late/" + i));
          connection.read(HttpHandlerFixture.get("/big").repeat(4));
          return connection;
        })
        .toList();

    assertThat(fixture.quotas.unsentBytes().reserved()).isLessThanOrEqualTo(512L * KIB);
    assertThat(polling.get(0).isOpen()).as("oldest").isFalse();
    assertThat(polling.get(19).isOpen()).as("newest").isTrue();
  }

  @Test
  void read_peerMadeProgress_isClosedAfterThoseWithoutProgress() {
    EmbeddedConnection progressing = stall(STALLING);
    EmbeddedConnection stalled = stall(STALLING);
    progressing.peerReadsAgain();
    progressing.peerStopsReading();
    progressing.read(HttpHandlerFixture.get("/v2/apps/A/i-1").repeat(20));

    for (int i = 0; i < 100 && closedCount() == 0; i++) {
      stall(STALLING);
    }

    assertThat(stalled.isOpen()).isFalse();
    assertThat(progressing.isOpen()).isTrue();
  }

  @Test
  void read_peerReadAllSinceItStalled_isNotClosed() {
    EmbeddedConnection resumed = stall(STALLING);
    resumed.peerReadsAgain();
    long chargedBytes = fixture.quotas.unsentBytes().reserved();

    stall(STALLING, 100);
    resumed.read(HttpHandlerFixture.put("i-1"));

    assertThat(chargedBytes).isZero();
    assertThat(resumed.isOpen()).isTrue();
    assertThat(resumed.received()).contains("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void write_unsentBytesAreScarce_sendsStreamsInSmallChunks() {
    fixture.bodies.put("long", new TestBodySource().ofLength(1_000_000));
    stall(STALLING, 10);
    EmbeddedConnection reader = fixture.connectFrom(STALLING);
    reader.peerStopsReading();

    reader.read(HttpHandlerFixture.get("/body/long"));
    fixture.runReadyTasks();

    assertThat(unsentBytes(reader)).isLessThan(5L * KIB);
  }

  @Test
  void read_bodyExceedsTheLimit_isSentIfNoOtherIsStalled() {
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();

    connection.read(HttpHandlerFixture.get("/big").repeat(100));
    connection.peerReadsAgain();

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(100).containsOnly(200);
  }

  @Test
  void close_ofStalledConnections_releasesTheQuota() {
    stall(STALLING, 40).forEach(EmbeddedConnection::close);

    assertThat(fixture.quotas.unsentBytes().reserved()).isZero();
    assertThat(fixture.quotas.unsentBytes().sourceCount()).isZero();
    assertThat(fixture.context.stalled.count()).isZero();
  }
}
