// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.route.Route.Pool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections closed by their peer, half-closed, or closed by a stopping server. */
class HttpHandlerEndTest {
  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void useFixture(Map<String, String> flags) {
    useFixture(ConfigParser.read(flags, Map.of()).net());
  }

  private void useFixture(NetSettings settings) {
    fixture.close();
    fixture = new HttpHandlerFixture(settings);
  }

  private void drain() {
    fixture.context.drain();
  }

  // ---------------------------------------------------------------- half-closed

  @Test
  void inputEnded_nothingPending_closes() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.put("i-1"));

    connection.endInput();

    assertThat(connection.isOpen()).isFalse();
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(1);
    assertThat(fixture.counters.connectionsOpen()).isZero();
  }

  @Test
  void inputEnded_workerResponsesPending_closesAfterThem() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.get("/slow/2")
        + HttpHandlerFixture.put("i-1"));

    connection.endInput();
    boolean isOpenWhilePending = connection.isOpen();
    fixture.runNextTask();
    fixture.runNextTask();

    assertThat(isOpenWhilePending).isTrue();
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 200, 200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_duringARequest_closesWithoutResponse() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(
        "POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + HttpHandlerFixture.HOST + "half");

    connection.endInput();

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void inputEnded_pausedByUnreadResponses_answersAllBeforeTheClose() {
    useFixture(Map.of("--write-buffer-size", "4KiB"));
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.put("i-1").repeat(500));

    connection.endInput();
    boolean isOpenWhileUnread = connection.isOpen();
    connection.peerReadsAgain();

    assertThat(isOpenWhileUnread).isTrue();
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(500).containsOnly(200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_writableAgainDuringABurst_answersTheRestFirst() {
    useFixture(HttpHandlerFixture.settings(Map.of("--write-buffer-size", "4KiB"), 1, 64));
    EmbeddedConnection connection = fixture.connect();
    connection.read(
        HttpHandlerFixture.get("/slow/1") + HttpHandlerFixture.put("i-1").repeat(300));

    connection.endInput();
    fixture.runNextTask();

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(301).containsOnly(200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_afterOurOutputEnded_closes() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("GET /nowhere HTTP/1.0\r\n\r\n");
    boolean isOpenForThePeer = connection.isOpen();

    connection.endInput();

    assertThat(isOpenForThePeer).isTrue();
    assertThat(connection.isOpen()).isFalse();
  }

  // ---------------------------------------------------------------- lost

  @Test
  void inactive_whileAWorkerRuns_dropsItsResponseWithoutLeak() throws Exception {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.get("/big"));

    connection.close();
    fixture.workerPermits.release();
    workerThread();

    assertThat(fixture.hasTasks()).as("the response is dropped").isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.counters.connectionsOpen()).isZero();
    assertThat(fixture.context.connections.tasks()).isEmpty();
  }

  @Test
  void inactive_duringTheReadCycle_releasesTheBatch() {
    EmbeddedConnection connection = fixture.connect();
    connection.readMore(HttpHandlerFixture.put("i-1"));

    connection.close();

    assertThat(connection.received()).isEmpty();
    assertThat(fixture.calls).hasSize(1);
  }

  @Test
  void stop_beforeAWorkerResponds_doesNotKillTheWorker() throws Exception {
    Thread before = workerThread();
    EmbeddedConnection connection = fixture.connect();

    fixture.stopLoop();
    connection.read(HttpHandlerFixture.get("/slow/1"));

    assertThat(workerThread()).isSameAs(before);
  }

  private Thread workerThread() throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    fixture.workers.offer(Pool.GENERAL, () -> thread.complete(Thread.currentThread()));
    return thread.get(30, TimeUnit.SECONDS);
  }

  // ---------------------------------------------------------------- drain

  @Test
  void drain_idleConnection_shutsDownOutputAtOnce() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.put("i-1"));

    drain();

    assertThat(connection.isOutputShutdown()).isTrue();
    connection.endInput();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void drain_workerResponsePending_shutsDownOutputAfterIt() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1") + HttpHandlerFixture.put("i-1"));

    drain();
    boolean endedBefore = connection.isOutputShutdown();
    fixture.runNextTask();

    assertThat(endedBefore).isFalse();
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 200);
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_requestsReadButNotYetParsed_areAllAnsweredAndOnlyTheLastHasClose() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 1, 64));
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.post("/echo", "2")
        + HttpHandlerFixture.get("/slow/3")
        + HttpHandlerFixture.put("i-4"));

    drain();
    fixture.runNextTask();
    fixture.runNextTask();

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responses)
        .extracting(ParsedResponse::status)
        .containsExactly(200, 200, 200, 200, 200);
    assertThat(responses)
        .extracting(callback -> callback.headers().getOrDefault("connection", "stays"))
        .containsExactly("stays", "stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_incompleteHead_isAnsweredWithClose() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("PUT /v2/apps/A/i-1");

    drain();
    boolean endedBefore = connection.isOutputShutdown();
    connection.read(" HTTP/1.1\r\n" + HttpHandlerFixture.HOST);

    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(endedBefore).isFalse();
    assertThat(callback.status()).isEqualTo(200);
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_incompleteBody_isAnsweredWithClose() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
        + HttpHandlerFixture.HOST + "2\r\na");

    drain();
    connection.read("b\r\n0\r\n\r\n");

    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(callback.body()).isEqualTo("ab");
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_requestsBeyondTheWriteBuffer_areAllAnswered() {
    useFixture(Map.of("--write-buffer-size", "4KiB"));
    EmbeddedConnection connection = fixture.connect();
    connection.read("PUT /v2/apps/A/i-1");

    drain();
    connection.read(" HTTP/1.1\r\n" + HttpHandlerFixture.HOST
        + HttpHandlerFixture.put("i-2").repeat(300));

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(301).containsOnly(200);
    assertThat(connection.isOutputShutdown()).isTrue();
  }
}
