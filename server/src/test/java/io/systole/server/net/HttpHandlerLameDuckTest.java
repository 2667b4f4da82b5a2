// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Connections of a node that will stop: it serves on, and announces their end where no request is
 * lost by it.
 */
class HttpHandlerLameDuckTest {
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private static List<String> persistenceIn(EmbeddedConnection connection) {
    return Answer.parseAll(connection.received()).stream()
        .map(callback -> callback.headers().getOrDefault("connection", "stays"))
        .toList();
  }

  @Test
  void announceClose_idleConnection_staysOpen() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.put("i-1"));

    rig.context.announceClose();
    rig.passMs(3_000);

    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  /** The defect: a node that was told to stop never said so, and cut what was on the wire. */
  @Test
  void announceClose_nextRequest_isAnsweredWithCloseAndEndsTheConnection() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.put("i-1"));

    rig.context.announceClose();
    connection.read(NetRig.put("i-2"));

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 200);
    assertThat(persistenceIn(connection)).containsExactly("stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(connection.isOpen()).as("requests on the wire cause no reset").isTrue();
  }

  @Test
  void announceClose_newConnection_isServedAndReportedToClose() {
    rig.context.announceClose();
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.post("/echo", "a") + NetRig.get("/body/none") + NetRig.put("i-1"));

    assertThat(persistenceIn(connection)).containsExactly("stays", "stays", "close");
  }

  @Test
  void announceClose_readCycleOfSeveralReads_announcesBehindTheLastAlone() {
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();

    connection.readMore(NetRig.put("i-1"));
    connection.readMore(NetRig.put("i-2") + NetRig.put("i-3"));
    connection.readMore(NetRig.get("/big"));
    connection.flushInbound();

    assertThat(persistenceIn(connection)).containsExactly("stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void announceClose_halfARequestBehind_waitsForItsEnd() {
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();
    String put = NetRig.put("i-2");

    connection.read(NetRig.put("i-1") + put.substring(0, 20));
    List<String> before = persistenceIn(connection);
    connection.read(put.substring(20));

    assertThat(before).containsExactly("stays");
    assertThat(persistenceIn(connection)).containsExactly("stays", "close");
  }

  @Test
  void announceClose_expectContinueBehind_waitsForItsBody() {
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();

    connection.read(NetRig.put("i-1")
        + "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + NetRig.HOST);
    connection.read("ab");

    assertThat(connection.received())
        .containsSubsequence("200 OK", "100 Continue", "200 OK", "Connection: close", "ab")
        .containsOnlyOnce("Connection: close");
  }

  @Test
  void announceClose_lateResponsePending_announcesWithIt() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1") + NetRig.put("i-1") + NetRig.get("/late/2"));

    rig.context.announceClose();
    rig.responseLate("1");
    connection.read(NetRig.put("i-3") + NetRig.get("/late/4"));
    rig.responseLate("2");
    rig.responseLate("4");

    assertThat(Answer.statusesIn(connection.received())).hasSize(5).containsOnly(200);
    assertThat(persistenceIn(connection))
        .containsExactly("stays", "stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void announceClose_pausedByUnreadResponses_responsesAllAndDoesNotAnnounceAmidThem() {
    rig.close();
    rig = new NetRig(Map.of("--write-buffer-bytes", "4096", "--max-pending-responses", "1"));
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();
    connection.peerStopsReading();
    connection.read(NetRig.put("i-1").repeat(300) + NetRig.get("/slow/1") + NetRig.put("i-2"));

    connection.peerReadsAgain();
    rig.deliverNext();
    connection.read(NetRig.put("i-3"));

    List<String> persistence = persistenceIn(connection);
    assertThat(Answer.statusesIn(connection.received())).hasSize(303).containsOnly(200);
    assertThat(persistence.subList(0, 302)).containsOnly("stays");
    assertThat(persistence.get(302)).isEqualTo("close");
  }

  @Test
  void announceClose_requestsBehindTheAnnouncement_areNotProcessed() {
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();
    connection.read(NetRig.put("i-1"));

    connection.read(NetRig.put("i-2"));

    assertThat(rig.calls).containsExactly("renew A/i-1 7 client");
    assertThat(Answer.countIn(connection.received())).isEqualTo(1);
  }

  @Test
  void announceClose_http10Client_isAnsweredOnceAndEnds() {
    EmbeddedConnection connection = rig.connect();
    rig.context.announceClose();

    connection.read("PUT /v2/apps/A/i-1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    assertThat(persistenceIn(connection)).containsExactly("close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void endConnections_afterAnnouncement_endsTheSilentAndResponsesTheRest() {
    EmbeddedConnection silent = rig.connect();
    EmbeddedConnection busy = rig.connect();
    rig.context.announceClose();
    busy.read("PUT /v2/apps/A/i");

    rig.context.endConnections();
    rig.passMs(LoopContext.SILENCE_MS - 1);
    boolean hasEndedEarly = silent.isOutputShutdown();
    rig.passMs(100);
    boolean hasEndedWhileBusy = busy.isOutputShutdown();
    busy.read("-1 HTTP/1.1\r\n" + NetRig.HOST);

    assertThat(hasEndedEarly).isFalse();
    assertThat(silent.isOutputShutdown()).isTrue();
    assertThat(hasEndedWhileBusy).isFalse();
    assertThat(persistenceIn(busy)).containsExactly("close");
    assertThat(busy.isOutputShutdown()).isTrue();
  }

  /** The defect: idle connections ended at once, with requests on the wire. */
  @Test
  void endConnections_requestSoonAfter_isAnsweredOnKeptAndOnNewConnections() {
    EmbeddedConnection kept = rig.connect();
    kept.read(NetRig.put("i-1"));
    EmbeddedConnection unused = rig.connect();
    rig.context.announceClose();
    rig.context.endConnections();
    rig.passMs(LoopContext.SILENCE_MS - 100);
    EmbeddedConnection acceptedLate = rig.connect();

    kept.read(NetRig.put("i-2"));
    unused.read(NetRig.put("i-3"));
    rig.passMs(LoopContext.SILENCE_MS - 100);
    acceptedLate.read(NetRig.put("i-4"));

    assertThat(persistenceIn(kept)).containsExactly("stays", "close");
    assertThat(persistenceIn(unused)).containsExactly("close");
    assertThat(persistenceIn(acceptedLate)).containsExactly("close");
  }

  @Test
  void endConnections_moreThanOneTurn_endsThemAll() {
    List<EmbeddedConnection> connections =
        Stream.generate(rig::connect).limit(300).toList();

    rig.context.endConnections();
    long endedInOneTurn =
        connections.stream().filter(EmbeddedConnection::isOutputShutdown).count();
    rig.deliverReady();

    assertThat(endedInOneTurn).isEqualTo(128);
    assertThat(connections).allMatch(EmbeddedConnection::isOutputShutdown);
  }
}
