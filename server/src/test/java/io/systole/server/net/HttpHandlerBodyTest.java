// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Closed;
import io.systole.server.route.ResponseBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streamed bodies of known length: framing, order, limits and failures. */
class HttpHandlerBodyTest {
  private static final int CHUNK = LoopContext.CHUNK_BYTES_MAX;

  /** Longer than the write buffer. */
  private static final int LONG = 5 * CHUNK;

  private final TestBodySource source = new TestBodySource();
  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void useFixture(Map<String, String> flags) {
    fixture.close();
    fixture = new HttpHandlerFixture(flags);
  }

  private EmbeddedConnection connect(long length) {
    fixture.bodies.put("long", source.ofLength(length));
    return fixture.connect();
  }

  private static List<String> bodiesIn(EmbeddedConnection connection) {
    return ParsedResponse.parseAll(connection.received()).stream()
        .map(ParsedResponse::body)
        .toList();
  }

  private void assertAllIsReleased() {
    assertThat(source.closedCount).hasValue(source.openedCount.get());
    assertThat(fixture.quotas.longResponses().reserved()).isZero();
  }

  // ---------------------------------------------------------------- framing and order

  @Test
  void read_longBodyBetweenOthers_isSentInOrder() {
    EmbeddedConnection connection = connect(1_000_003);

    connection.read(HttpHandlerFixture.post("/echo", "1")
        + HttpHandlerFixture.get("/body/long")
        + HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.get("/slow/4")
        + HttpHandlerFixture.get("/body/long")
        + HttpHandlerFixture.get("/big"));
    String beforeTurns = connection.received();
    while (ParsedResponse.countIn(connection.received()) < 6) {
      fixture.runNextTask();
    }

    String text = TestBodySource.text(1_000_003);
    assertThat(ParsedResponse.countIn(beforeTurns)).isEqualTo(1);
    assertThat(bodiesIn(connection))
        .containsExactly("1", text, "", "slow 4", text, HttpHandlerFixture.BIG_BODY);
    assertThat(ParsedResponse.parseAll(connection.received()).get(1).headers())
        .containsEntry("content-length", "1000003")
        .doesNotContainKeys("transfer-encoding", "connection");
    assertThat(source.openedCount).hasValue(2);
    assertAllIsReleased();
  }

  @Test
  void read_anySplitWithLongBodiesAmongOthers_givesTheSameResponses() {
    for (long seed = 1; seed <= 60; seed++) {
      Random random = new Random(seed);
      StringBuilder script = new StringBuilder();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(10); i++) {
        int length = random.nextInt(4) == 0 ? CHUNK * random.nextInt(3) : random.nextInt(200_000);
        fixture.bodies.put("n" + length, source.ofLength(length));
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            script.append(HttpHandlerFixture.get("/body/n" + length));
            expected.add(TestBodySource.text(length));
          }
          case 2 -> {
            script.append(HttpHandlerFixture.get("/late/now"));
            expected.add("late now");
          }
          default -> {
            script.append(HttpHandlerFixture.put("i-" + i));
            expected.add("");
          }
        }
      }

      EmbeddedConnection connection = fixture.connect();
      for (int at = 0; at < script.length(); ) {
        int to = Math.min(script.length(), at + 1 + random.nextInt(80));
        connection.read(script.substring(at, to));
        if (random.nextInt(3) == 0) {
          fixture.runReadyTasks();
        }
        at = to;
      }
      fixture.runReadyTasks();

      assertThat(bodiesIn(connection)).as("seed %d", seed).isEqualTo(expected);
    }
    assertAllIsReleased();
  }

  @Test
  void read_head_hasTheLengthAndOpensNoSource() {
    EmbeddedConnection connection = connect(5_000_000_000L);

    connection.read(
        "HEAD /body/long HTTP/1.1\r\n" + HttpHandlerFixture.HOST + HttpHandlerFixture.put("next"));

    assertThat(connection.received())
        .contains("\r\nContent-Length: 5000000000\r\n")
        .containsPattern("\r\n\r\nHTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
    assertThat(source.openedCount).hasValue(0);
  }

  @Test
  void read_http10_getsTheWholeBodyAndThenTheEnd() {
    EmbeddedConnection connection = connect(3 * CHUNK);

    connection.read("GET /body/long HTTP/1.0\r\n\r\n");
    boolean endedBefore = connection.isOutputShutdown();
    fixture.runReadyTasks();

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly(TestBodySource.text(3 * CHUNK));
    assertThat(connection.isOutputShutdown()).isTrue();
    assertAllIsReleased();
  }

  @Test
  void read_emptyLongBody_isAnEmptyBody() {
    EmbeddedConnection connection = connect(0);

    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));
    fixture.runReadyTasks();

    assertThat(bodiesIn(connection)).containsExactly("", "");
    assertAllIsReleased();
  }

  @Test
  void read_twoConnections_alternateByChunk() {
    EmbeddedConnection first = connect(20 * CHUNK);
    EmbeddedConnection second = fixture.connect();

    first.read(HttpHandlerFixture.get("/body/long"));
    second.read(HttpHandlerFixture.get("/body/long"));
    fixture.runNextTask();

    assertThat(first.received().length()).isBetween(CHUNK, 3 * CHUNK);
    assertThat(second.received().length()).isBetween(CHUNK, 3 * CHUNK);
    fixture.runReadyTasks();
    assertThat(bodiesIn(first)).isEqualTo(bodiesIn(second));
  }

  // ---------------------------------------------------------------- slow readers and bounds

  @Test
  void read_peerDoesNotRead_buffersOneChunk() {
    EmbeddedConnection connection = connect(100L * 1024 * 1024);
    connection.peerStopsReading();

    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));
    fixture.runReadyTasks();

    long heldBytes = connection.unsafe().outboundBuffer().totalPendingWriteBytes();
    assertThat(heldBytes).isBetween((long) CHUNK, CHUNK + 1024L);
    assertThat(fixture.hasTasks()).as("no slice is scheduled").isFalse();
  }

  @Test
  void checkTimeouts_chunkNotAcceptedInTime_isASlowReader() {
    useFixture(Map.of("--write-timeout", "10s"));
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.get("/body/long"));
    fixture.runReadyTasks();

    fixture.advanceMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    fixture.advanceMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertAllIsReleased();
  }

  @Test
  void checkTimeouts_slowSteadyReader_isClosedAtTheResponseTimeout() {
    useFixture(Map.of("--write-timeout", "10s", "--response-timeout", "50s"));
    EmbeddedConnection connection = connect(100 * CHUNK);
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.get("/body/long"));

    for (int i = 0; i < 5; i++) {
      fixture.runReadyTasks();
      fixture.advanceMs(9_999);
      readOneChunk(connection);
    }
    fixture.advanceMs(5);
    boolean isOpenAtTheBound = connection.isOpen();
    fixture.advanceMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertAllIsReleased();
  }

  private static void readOneChunk(EmbeddedConnection connection) {
    connection.peerReadsAgain();
    connection.peerStopsReading();
  }

  @Test
  void checkTimeouts_nextResponse_hasItsOwnTimeout() {
    useFixture(Map.of("--response-timeout", "50s", "--idle-timeout", "10s"));
    EmbeddedConnection connection = connect(3 * CHUNK);

    for (int i = 0; i < 3; i++) {
      connection.read(HttpHandlerFixture.get("/body/long"));
      fixture.advanceMs(40_000);
      fixture.runReadyTasks();
    }
    fixture.advanceMs(9_999);

    assertThat(connection.isOpen()).isTrue();
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(3);
  }

  @Test
  void read_longResponsesOverTheQuota_is503UntilOneEnds() {
    useFixture(Map.of("--max-long-responses", "2", "--max-source-share", "1.0"));
    EmbeddedConnection first = connect(LONG);
    EmbeddedConnection second = fixture.connect();
    EmbeddedConnection third = fixture.connect();

    first.read(HttpHandlerFixture.get("/body/long"));
    second.read(HttpHandlerFixture.get("/body/long"));
    third.read(HttpHandlerFixture.get("/body/long"));
    ParsedResponse refusal = ParsedResponse.parseAll(third.received()).get(0);
    fixture.runReadyTasks();
    third.read(HttpHandlerFixture.get("/body/long"));
    fixture.runReadyTasks();

    assertThat(refusal.status()).isEqualTo(503);
    assertThat(refusal.body()).isEmpty();
    assertThat(refusal.headers()).containsKey("retry-after").containsEntry("content-length", "0");
    assertThat(ParsedResponse.statusesIn(third.received())).containsExactly(503, 200);
    assertThat(fixture.counters.responseRefusals()).isEqualTo(1);
    assertAllIsReleased();
  }

  // ---------------------------------------------------------------- broken and abandoned

  @Test
  void read_sourceThrows_cutsTheConnectionAndCountsIt() {
    source.throwingAt(2 * CHUNK + 5);
    EmbeddedConnection connection = connect(4 * CHUNK);

    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));
    fixture.runReadyTasks();

    assertThat(connection.isOpen()).isFalse();
    assertThat(ParsedResponse.countIn(connection.received())).isZero();
    assertThat(fixture.counters.errors()).isEqualTo(1);
    assertAllIsReleased();
  }

  @Test
  void read_sourceEndsBeforeItsLength_cutsTheConnectionAndCountsIt() {
    source.endingAt(2 * CHUNK);
    EmbeddedConnection connection = connect(2 * CHUNK + 1);

    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));
    fixture.runReadyTasks();

    assertThat(connection.isOpen()).isFalse();
    assertThat(ParsedResponse.countIn(connection.received())).isZero();
    assertThat(fixture.counters.errors()).isEqualTo(1);
    assertAllIsReleased();
  }

  @Test
  void read_sourceDoesNotOpen_is500AndTheConnectionStays() {
    fixture.bodies.put("shut", ResponseBody.ofLength(5, () -> {
      throw new IllegalStateException("planted by a test");
    }));
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/body/shut") + HttpHandlerFixture.put("next"));

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(fixture.counters.errors()).isEqualTo(1);
    assertAllIsReleased();
  }

  @Test
  void inactive_duringABody_closesItsSourceOnceAndOpensNoOther() {
    EmbeddedConnection connection = connect(100 * CHUNK);
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.get("/body/long"));
    fixture.runReadyTasks();

    connection.close();
    fixture.runReadyTasks();

    assertThat(source.openedCount).hasValue(1);
    assertThat(fixture.counters.connectionsOpen()).isZero();
    assertThat(fixture.counters.errors()).isZero();
    assertAllIsReleased();
  }

  @Test
  void inputEnded_duringABody_sendsTheRestAndCloses() {
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));

    connection.endInput();
    boolean isOpenWhilePending = connection.isOpen();
    fixture.runReadyTasks();

    assertThat(isOpenWhilePending).isTrue();
    assertThat(bodiesIn(connection)).containsExactly(TestBodySource.text(10 * CHUNK), "");
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void drain_duringABody_sendsTheRestAndTheResponsesBehindIt() {
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.read(HttpHandlerFixture.get("/body/long") + HttpHandlerFixture.put("next"));
    fixture.runNextTask();

    fixture.context.drain();
    boolean endedBefore = connection.isOutputShutdown();
    fixture.runReadyTasks();

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly(TestBodySource.text(10 * CHUNK), "");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertAllIsReleased();
  }
}
