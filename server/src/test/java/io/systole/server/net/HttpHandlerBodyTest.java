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

/** Long bodies of known length: framing, order, bounds, and how they break. */
class HttpHandlerBodyTest {
  private static final int CHUNK = StreamingBodyWriter.CHUNK_BYTES_MAX;

  /** Longer than the write buffer. */
  private static final int LONG = 5 * CHUNK;

  private final TestPassage source = new TestPassage();
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  private EmbeddedConnection connect(long length) {
    rig.bodies.put("long", source.ofLength(length));
    return rig.connect();
  }

  private static List<String> bodiesIn(EmbeddedConnection connection) {
    return Answer.parseAll(connection.received()).stream().map(Answer::body).toList();
  }

  private void assertThatAllIsGivenBack() {
    assertThat(source.closedCount).hasValue(source.openedCount.get());
    assertThat(rig.budgets.longResponses().held()).isZero();
  }

  // ---------------------------------------------------------------- framing and order

  @Test
  void read_longBodyBetweenOthers_isAnsweredInItsPlace() {
    EmbeddedConnection connection = connect(1_000_003);

    connection.read(NetRig.post("/echo", "1")
        + NetRig.get("/body/long")
        + NetRig.put("i-1")
        + NetRig.get("/slow/4")
        + NetRig.get("/body/long")
        + NetRig.get("/big"));
    String beforeTurns = connection.received();
    while (Answer.countIn(connection.received()) < 6) {
      rig.deliverNext();
    }

    String text = TestPassage.text(1_000_003);
    assertThat(Answer.countIn(beforeTurns)).isEqualTo(1);
    assertThat(bodiesIn(connection))
        .containsExactly("1", text, "", "slow 4", text, NetRig.BIG_BODY);
    assertThat(Answer.parseAll(connection.received()).get(1).headers())
        .containsEntry("content-length", "1000003")
        .doesNotContainKeys("transfer-encoding", "connection");
    assertThat(source.openedCount).hasValue(2);
    assertThatAllIsGivenBack();
  }

  @Test
  void read_anySplitWithLongBodiesAmongOthers_givesTheSameResponses() {
    for (long seed = 1; seed <= 60; seed++) {
      Random random = new Random(seed);
      StringBuilder script = new StringBuilder();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(10); i++) {
        int length = random.nextInt(4) == 0 ? CHUNK * random.nextInt(3) : random.nextInt(200_000);
        rig.bodies.put("n" + length, source.ofLength(length));
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            script.append(NetRig.get("/body/n" + length));
            expected.add(TestPassage.text(length));
          }
          case 2 -> {
            script.append(NetRig.get("/late/now"));
            expected.add("late now");
          }
          default -> {
            script.append(NetRig.put("i-" + i));
            expected.add("");
          }
        }
      }

      EmbeddedConnection connection = rig.connect();
      for (int at = 0; at < script.length(); ) {
        int to = Math.min(script.length(), at + 1 + random.nextInt(80));
        connection.read(script.substring(at, to));
        if (random.nextInt(3) == 0) {
          rig.deliverReady();
        }
        at = to;
      }
      rig.deliverReady();

      assertThat(bodiesIn(connection)).as("seed %d", seed).isEqualTo(expected);
    }
    assertThatAllIsGivenBack();
  }

  @Test
  void read_head_hasTheLengthAndOpensNoSource() {
    EmbeddedConnection connection = connect(5_000_000_000L);

    connection.read("HEAD /body/long HTTP/1.1\r\n" + NetRig.HOST + NetRig.put("next"));

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
    rig.deliverReady();

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly(TestPassage.text(3 * CHUNK));
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThatAllIsGivenBack();
  }

  @Test
  void read_emptyLongBody_isAnEmptyBody() {
    EmbeddedConnection connection = connect(0);

    connection.read(NetRig.get("/body/long") + NetRig.put("next"));
    rig.deliverReady();

    assertThat(bodiesIn(connection)).containsExactly("", "");
    assertThatAllIsGivenBack();
  }

  @Test
  void read_twoConnections_takeTurnsAChunkAtATime() {
    EmbeddedConnection first = connect(20 * CHUNK);
    EmbeddedConnection second = rig.connect();

    first.read(NetRig.get("/body/long"));
    second.read(NetRig.get("/body/long"));
    rig.deliverNext();

    assertThat(first.received().length()).isBetween(CHUNK, 3 * CHUNK);
    assertThat(second.received().length()).isBetween(CHUNK, 3 * CHUNK);
    rig.deliverReady();
    assertThat(bodiesIn(first)).isEqualTo(bodiesIn(second));
  }

  // ---------------------------------------------------------------- slow readers and bounds

  @Test
  void read_peerDoesNotRead_holdsOneChunk() {
    EmbeddedConnection connection = connect(100L * 1024 * 1024);
    connection.peerStopsReading();

    connection.read(NetRig.get("/body/long") + NetRig.put("next"));
    rig.deliverReady();

    long heldBytes = connection.unsafe().outboundBuffer().totalPendingWriteBytes();
    assertThat(heldBytes).isBetween((long) CHUNK, CHUNK + 1024L);
    assertThat(rig.isBusy()).as("nobody turns in vain").isFalse();
  }

  @Test
  void checkTimeouts_chunkNotTakenInTime_isASlowReader() {
    useRig(Map.of("--write-timeout-ms", "10000"));
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.peerStopsReading();
    connection.read(NetRig.get("/body/long"));
    rig.deliverReady();

    rig.passMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    rig.passMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  @Test
  void checkTimeouts_aChunkWithinEachTimeout_isNotCutBeforeTheResponsesBound() {
    useRig(Map.of("--write-timeout-ms", "10000", "--response-timeout-ms", "50000"));
    EmbeddedConnection connection = connect(100 * CHUNK);
    connection.peerStopsReading();
    connection.read(NetRig.get("/body/long"));

    for (int i = 0; i < 5; i++) {
      rig.deliverReady();
      rig.passMs(9_999);
      letOneChunkPass(connection);
    }
    rig.passMs(5);
    boolean isOpenAtTheBound = connection.isOpen();
    rig.passMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  private static void letOneChunkPass(EmbeddedConnection connection) {
    connection.peerReadsAgain();
    connection.peerStopsReading();
  }

  @Test
  void checkTimeouts_responseReadInTime_isNotHeldAgainstTheNextOne() {
    useRig(Map.of("--response-timeout-ms", "50000", "--idle-timeout-ms", "10000"));
    EmbeddedConnection connection = connect(3 * CHUNK);

    for (int i = 0; i < 3; i++) {
      connection.read(NetRig.get("/body/long"));
      rig.passMs(40_000);
      rig.deliverReady();
    }
    rig.passMs(9_999);

    assertThat(connection.isOpen()).isTrue();
    assertThat(Answer.countIn(connection.received())).isEqualTo(3);
  }

  @Test
  void read_moreLongResponsesThanMayBe_is503UntilOneEnds() {
    useRig(Map.of("--max-long-responses", "2", "--max-source-share", "1.0"));
    EmbeddedConnection first = connect(LONG);
    EmbeddedConnection second = rig.connect();
    EmbeddedConnection third = rig.connect();

    first.read(NetRig.get("/body/long"));
    second.read(NetRig.get("/body/long"));
    third.read(NetRig.get("/body/long"));
    Answer refusal = Answer.parseAll(third.received()).get(0);
    rig.deliverReady();
    third.read(NetRig.get("/body/long"));
    rig.deliverReady();

    assertThat(refusal.status()).isEqualTo(503);
    assertThat(refusal.body()).isEmpty();
    assertThat(refusal.headers()).containsKey("retry-after").containsEntry("content-length", "0");
    assertThat(Answer.statusesIn(third.received())).containsExactly(503, 200);
    assertThat(rig.counters.responseRefusals()).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  // ---------------------------------------------------------------- broken and abandoned

  @Test
  void read_sourceThrows_cutsTheConnectionAndCountsIt() {
    source.throwingAt(2 * CHUNK + 5);
    EmbeddedConnection connection = connect(4 * CHUNK);

    connection.read(NetRig.get("/body/long") + NetRig.put("next"));
    rig.deliverReady();

    assertThat(connection.isOpen()).isFalse();
    assertThat(Answer.countIn(connection.received())).isZero();
    assertThat(rig.counters.errors()).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  @Test
  void read_sourceEndsBeforeItsLength_cutsTheConnectionAndCountsIt() {
    source.endingAt(2 * CHUNK);
    EmbeddedConnection connection = connect(2 * CHUNK + 1);

    connection.read(NetRig.get("/body/long") + NetRig.put("next"));
    rig.deliverReady();

    assertThat(connection.isOpen()).isFalse();
    assertThat(Answer.countIn(connection.received())).isZero();
    assertThat(rig.counters.errors()).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  @Test
  void read_sourceDoesNotOpen_is500AndTheConnectionStays() {
    rig.bodies.put("shut", ResponseBody.ofLength(5, () -> {
      throw new IllegalStateException("planted by a test");
    }));
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/body/shut") + NetRig.put("next"));

    assertThat(Answer.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(rig.counters.errors()).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  @Test
  void inactive_amidABody_closesItsSourceOnceAndOpensNoOther() {
    EmbeddedConnection connection = connect(100 * CHUNK);
    connection.peerStopsReading();
    connection.read(NetRig.get("/body/long") + NetRig.get("/body/long"));
    rig.deliverReady();

    connection.close();
    rig.deliverReady();

    assertThat(source.openedCount).hasValue(1);
    assertThat(rig.counters.connectionsOpen()).isZero();
    assertThat(rig.counters.errors()).isZero();
    assertThatAllIsGivenBack();
  }

  @Test
  void inputEnded_amidABody_sendsTheRestAndCloses() {
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.read(NetRig.get("/body/long") + NetRig.put("next"));

    connection.endInput();
    boolean isOpenWhilePending = connection.isOpen();
    rig.deliverReady();

    assertThat(isOpenWhilePending).isTrue();
    assertThat(bodiesIn(connection)).containsExactly(TestPassage.text(10 * CHUNK), "");
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void drain_amidABody_sendsTheRestAndWhatWaitsBehindItAndEnds() {
    EmbeddedConnection connection = connect(10 * CHUNK);
    connection.read(NetRig.get("/body/long") + NetRig.put("next"));
    rig.deliverNext();

    rig.context.endConnections();
    boolean endedBefore = connection.isOutputShutdown();
    rig.deliverReady();

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly(TestPassage.text(10 * CHUNK), "");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThatAllIsGivenBack();
  }
}
