// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Connections of a server in its lame-duck period: it keeps serving and announces the close where
 * no request can be lost.
 */
class HttpHandlerLameDuckTest {
  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private static List<String> persistenceIn(EmbeddedConnection connection) {
    return ParsedResponse.parseAll(connection.received()).stream()
        .map(callback -> callback.headers().getOrDefault("connection", "stays"))
        .toList();
  }

  @Test
  void announceClose_idleConnection_staysOpen() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.put("i-1"));

    fixture.context.announceClose();
    fixture.advanceMs(3_000);

    assertThat(connection.isOpen()).isTrue();
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  /** Regression: a stopping server closed connections without announcing it. */
  @Test
  void announceClose_nextRequest_isAnsweredWithCloseAndClosesTheConnection() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.put("i-1"));

    fixture.context.announceClose();
    connection.read(HttpHandlerFixture.put("i-2"));

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 200);
    assertThat(persistenceIn(connection)).containsExactly("stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(connection.isOpen()).as("requests on the wire cause no reset").isTrue();
  }

  @Test
  void announceClose_newConnection_isAnsweredWithClose() {
    fixture.context.announceClose();
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.post("/echo", "a")
        + HttpHandlerFixture.get("/body/none")
        + HttpHandlerFixture.put("i-1"));

    assertThat(persistenceIn(connection)).containsExactly("stays", "stays", "close");
  }

  @Test
  void announceClose_readCycleOfSeveralReads_announcesOnlyAfterTheLast() {
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();

    connection.readMore(HttpHandlerFixture.put("i-1"));
    connection.readMore(HttpHandlerFixture.put("i-2") + HttpHandlerFixture.put("i-3"));
    connection.readMore(HttpHandlerFixture.get("/big"));
    connection.flushInbound();

    assertThat(persistenceIn(connection)).containsExactly("stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void announceClose_incompleteRequestFollows_waitsForIt() {
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();
    String put = HttpHandlerFixture.put("i-2");

    connection.read(HttpHandlerFixture.put("i-1") + put.substring(0, 20));
    List<String> before = persistenceIn(connection);
    connection.read(put.substring(20));

    assertThat(before).containsExactly("stays");
    assertThat(persistenceIn(connection)).containsExactly("stays", "close");
  }

  @Test
  void announceClose_expectContinueFollows_waitsForItsBody() {
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();

    connection.read(HttpHandlerFixture.put("i-1")
        + "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
        + HttpHandlerFixture.HOST);
    connection.read("ab");

    assertThat(connection.received())
        .containsSubsequence("200 OK", "100 Continue", "200 OK", "Connection: close", "ab")
        .containsOnlyOnce("Connection: close");
  }

  @Test
  void announceClose_asyncResponsePending_announcesWithIt() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1")
        + HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.get("/late/2"));

    fixture.context.announceClose();
    fixture.respondLate("1");
    connection.read(HttpHandlerFixture.put("i-3") + HttpHandlerFixture.get("/late/4"));
    fixture.respondLate("2");
    fixture.respondLate("4");

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(5).containsOnly(200);
    assertThat(persistenceIn(connection))
        .containsExactly("stays", "stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void announceClose_pausedByUnreadResponses_answersAllAndAnnouncesOnlyAtTheEnd() {
    fixture.close();
    fixture = new HttpHandlerFixture(
        HttpHandlerFixture.settings(Map.of("--write-buffer-size", "4KiB"), 1, 64));
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.put("i-1").repeat(300)
        + HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.put("i-2"));

    connection.peerReadsAgain();
    fixture.runNextTask();
    connection.read(HttpHandlerFixture.put("i-3"));

    List<String> persistence = persistenceIn(connection);
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(303).containsOnly(200);
    assertThat(persistence.subList(0, 302)).containsOnly("stays");
    assertThat(persistence.get(302)).isEqualTo("close");
  }

  @Test
  void announceClose_requestsAfterTheAnnouncement_areNotProcessed() {
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();
    connection.read(HttpHandlerFixture.put("i-1"));

    connection.read(HttpHandlerFixture.put("i-2"));

    assertThat(fixture.calls).containsExactly("renew A/i-1 7 client");
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(1);
  }

  @Test
  void announceClose_http10Client_isAnsweredOnceAndClosed() {
    EmbeddedConnection connection = fixture.connect();
    fixture.context.announceClose();

    connection.read("PUT /v2/apps/A/i-1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    assertThat(persistenceIn(connection)).containsExactly("close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_afterAnnouncement_closesIdleConnectionsAndAnswersOthers() {
    EmbeddedConnection silent = fixture.connect();
    EmbeddedConnection busy = fixture.connect();
    fixture.context.announceClose();
    busy.read("PUT /v2/apps/A/i");

    fixture.context.drain();
    fixture.advanceMs(LoopContext.QUIET_PERIOD_MS - 1);
    boolean hasEndedEarly = silent.isOutputShutdown();
    fixture.advanceMs(100);
    boolean hasEndedWhileBusy = busy.isOutputShutdown();
    busy.read("-1 HTTP/1.1\r\n" + HttpHandlerFixture.HOST);

    assertThat(hasEndedEarly).isFalse();
    assertThat(silent.isOutputShutdown()).isTrue();
    assertThat(hasEndedWhileBusy).isFalse();
    assertThat(persistenceIn(busy)).containsExactly("close");
    assertThat(busy.isOutputShutdown()).isTrue();
  }

  /** Regression: idle connections closed at once, with requests on the wire. */
  @Test
  void drain_requestWithinTheQuietPeriod_isAnsweredOnOldAndNewConnections() {
    EmbeddedConnection kept = fixture.connect();
    kept.read(HttpHandlerFixture.put("i-1"));
    EmbeddedConnection unused = fixture.connect();
    fixture.context.announceClose();
    fixture.context.drain();
    fixture.advanceMs(LoopContext.QUIET_PERIOD_MS - 100);
    EmbeddedConnection acceptedLate = fixture.connect();

    kept.read(HttpHandlerFixture.put("i-2"));
    unused.read(HttpHandlerFixture.put("i-3"));
    fixture.advanceMs(LoopContext.QUIET_PERIOD_MS - 100);
    acceptedLate.read(HttpHandlerFixture.put("i-4"));

    assertThat(persistenceIn(kept)).containsExactly("stays", "close");
    assertThat(persistenceIn(unused)).containsExactly("close");
    assertThat(persistenceIn(acceptedLate)).containsExactly("close");
  }

  @Test
  void drain_moreThanOnePollOfChecks_closesAll() {
    List<EmbeddedConnection> connections =
        Stream.generate(fixture::connect).limit(300).toList();

    fixture.context.drain();
    long endedInOneTurn =
        connections.stream().filter(EmbeddedConnection::isOutputShutdown).count();
    fixture.runReadyTasks();

    assertThat(endedInOneTurn).isEqualTo(128);
    assertThat(connections).allMatch(EmbeddedConnection::isOutputShutdown);
  }
}
