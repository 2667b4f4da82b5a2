// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.Route.Pool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How connections end: by their peer, by half, or because the node stops. */
class HttpHandlerEndTest {
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  private void drain() {
    rig.context.endConnections();
  }

  // ---------------------------------------------------------------- half-closed

  @Test
  void inputEnded_nothingPending_closes() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.put("i-1"));

    connection.endInput();

    assertThat(connection.isOpen()).isFalse();
    assertThat(Answer.countIn(connection.received())).isEqualTo(1);
    assertThat(rig.counters.connectionsOpen()).isZero();
  }

  @Test
  void inputEnded_slowResponsesPending_closesBehindThem() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1") + NetRig.get("/slow/2") + NetRig.put("i-1"));

    connection.endInput();
    boolean isOpenWhilePending = connection.isOpen();
    rig.deliverNext();
    rig.deliverNext();

    assertThat(isOpenWhilePending).isTrue();
    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 200, 200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_amidARequest_closesWithoutResponse() {
    EmbeddedConnection connection = rig.connect();
    connection.read("POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + NetRig.HOST + "half");

    connection.endInput();

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void inputEnded_requestsWaitForThePeerToRead_areAllAnsweredBeforeTheClose() {
    useRig(Map.of("--write-buffer-bytes", "4096"));
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();
    connection.read(NetRig.put("i-1").repeat(500));

    connection.endInput();
    boolean isOpenWhileUnread = connection.isOpen();
    connection.peerReadsAgain();

    assertThat(isOpenWhileUnread).isTrue();
    assertThat(Answer.statusesIn(connection.received())).hasSize(500).containsOnly(200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_flushAmidABurstMakesSpaceAtOnce_doesNotEndBeforeTheRestIsAnswered() {
    useRig(Map.of("--max-pending-responses", "1", "--write-buffer-bytes", "4096"));
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1") + NetRig.put("i-1").repeat(300));

    connection.endInput();
    rig.deliverNext();

    assertThat(Answer.statusesIn(connection.received())).hasSize(301).containsOnly(200);
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void inputEnded_afterOurOutputEnded_closes() {
    EmbeddedConnection connection = rig.connect();
    connection.read("GET /nowhere HTTP/1.0\r\n\r\n");
    boolean isOpenForThePeer = connection.isOpen();

    connection.endInput();

    assertThat(isOpenForThePeer).isTrue();
    assertThat(connection.isOpen()).isFalse();
  }

  // ---------------------------------------------------------------- lost

  @Test
  void inactive_whileAWorkerStillRuns_leaksNothingAndDropsItsResponse() throws Exception {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1") + NetRig.put("i-1") + NetRig.get("/big"));

    connection.close();
    rig.workerPermits.release();
    workerThread();

    assertThat(rig.isBusy()).as("the answer comes no further").isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(rig.counters.connectionsOpen()).isZero();
    assertThat(rig.context.snapshot()).isEmpty();
  }

  @Test
  void inactive_amidTheReadCycle_releasesTheResponsesGathered() {
    EmbeddedConnection connection = rig.connect();
    connection.readMore(NetRig.put("i-1"));

    connection.close();

    assertThat(connection.received()).isEmpty();
    assertThat(rig.calls).hasSize(1);
  }

  @Test
  void stop_beforeAWorkerResponses_doesNotCostTheWorkerItsLife() throws Exception {
    Thread before = workerThread();
    EmbeddedConnection connection = rig.connect();

    rig.stopLoop();
    connection.read(NetRig.get("/slow/1"));

    assertThat(workerThread()).isSameAs(before);
  }

  private Thread workerThread() throws Exception {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    rig.workers.offer(Pool.GENERAL, () -> thread.complete(Thread.currentThread()));
    return thread.get(10, TimeUnit.SECONDS);
  }

  // ---------------------------------------------------------------- drain

  @Test
  void drain_idleConnection_endsOutputAtOnce() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.put("i-1"));

    drain();

    assertThat(connection.isOutputShutdown()).isTrue();
    connection.endInput();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void drain_slowResponsePending_endsOutputBehindIt() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1") + NetRig.put("i-1"));

    drain();
    boolean endedBefore = connection.isOutputShutdown();
    rig.deliverNext();

    assertThat(endedBefore).isFalse();
    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 200);
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_requestsReadButNotYetParsed_areAllAnsweredAndOnlyTheLastSaysClose() {
    useRig(Map.of("--max-pending-responses", "1"));
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1")
        + NetRig.put("i-1")
        + NetRig.post("/echo", "2")
        + NetRig.get("/slow/3")
        + NetRig.put("i-4"));

    drain();
    rig.deliverNext();
    rig.deliverNext();

    List<Answer> responses = Answer.parseAll(connection.received());
    assertThat(responses).extracting(Answer::status).containsExactly(200, 200, 200, 200, 200);
    assertThat(responses)
        .extracting(callback -> callback.headers().getOrDefault("connection", "stays"))
        .containsExactly("stays", "stays", "stays", "stays", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_halfARequestRead_responsesItWithCloseAndEnds() {
    EmbeddedConnection connection = rig.connect();
    connection.read("PUT /v2/apps/A/i-1");

    drain();
    boolean endedBefore = connection.isOutputShutdown();
    connection.read(" HTTP/1.1\r\n" + NetRig.HOST);

    Answer callback = Answer.parseAll(connection.received()).get(0);
    assertThat(endedBefore).isFalse();
    assertThat(callback.status()).isEqualTo(200);
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_halfABodyRead_responsesItWithCloseAndEnds() {
    EmbeddedConnection connection = rig.connect();
    connection.read(
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + NetRig.HOST + "2\r\na");

    drain();
    connection.read("b\r\n0\r\n\r\n");

    Answer callback = Answer.parseAll(connection.received()).get(0);
    assertThat(callback.body()).isEqualTo("ab");
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void drain_requestsBeyondTheWriteBuffer_areAllAnswered() {
    useRig(Map.of("--write-buffer-bytes", "4096"));
    EmbeddedConnection connection = rig.connect();
    connection.read("PUT /v2/apps/A/i-1");

    drain();
    connection.read(" HTTP/1.1\r\n" + NetRig.HOST + NetRig.put("i-2").repeat(300));

    assertThat(Answer.statusesIn(connection.received())).hasSize(301).containsOnly(200);
    assertThat(connection.isOutputShutdown()).isTrue();
  }
}
