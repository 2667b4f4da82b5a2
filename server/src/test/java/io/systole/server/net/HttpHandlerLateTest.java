// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that come when they can, from whatever thread. */
class HttpHandlerLateTest {
  private NetRig rig = new NetRig();
  private final AtomicInteger abandonments = new AtomicInteger();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  private static List<String> bodiesIn(EmbeddedConnection connection) {
    return Answer.parseAll(connection.received()).stream().map(Answer::body).toList();
  }

  private void countAbandonment(String name) {
    rig.waitingAt(name).onAbandoned(abandonments::incrementAndGet);
  }

  private static void onAnotherThread(Runnable action) throws InterruptedException {
    Thread thread = new Thread(action);
    thread.start();
    thread.join(10_000);
  }

  @Test
  void read_answeredAtOnceOnTheLoop_makesNoHopAndSharesTheFlush() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.put("i-1") + NetRig.get("/late/now") + NetRig.put("i-2"));

    assertThat(bodiesIn(connection)).containsExactly("", "late now", "");
    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(rig.isBusy()).isFalse();
  }

  @Test
  void send_outOfOrderAndFromAnotherThread_keepsTheOrderOfRequests() throws Exception {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1")
        + NetRig.put("i-1")
        + NetRig.get("/late/2")
        + NetRig.get("/slow/3")
        + NetRig.get("/late/4"));

    rig.responseLate("4");
    onAnotherThread(() -> rig.responseLate("2"));
    rig.deliverNext();
    rig.deliverNext();
    String beforeTheFirst = connection.received();
    rig.responseLate("1");

    assertThat(beforeTheFirst).isEmpty();
    assertThat(bodiesIn(connection)).containsExactly("late 1", "", "late 2", "slow 3", "late 4");
  }

  @Test
  void send_twice_responsesOnce() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1") + NetRig.put("i-1"));

    rig.responseLate("1");
    rig.waitingAt("1").send(Response.NOT_FOUND);
    rig.deliverReady();

    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
  }

  @Test
  void handle_throws_is500WithoutBodyAndCounted() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/broken-late") + NetRig.put("after"));

    assertThat(Answer.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(bodiesIn(connection)).containsExactly("", "");
    assertThat(rig.counters.errors()).isEqualTo(1);
  }

  @Test
  void send_aLongBody_isSentInItsPlace() throws Exception {
    TestPassage source = new TestPassage();
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1") + NetRig.put("i-1"));

    Response response = Response.of(200, Response.TEXT, source.ofLength(200_000));
    onAnotherThread(() -> rig.waitingAt("1").send(response));
    rig.deliverReady();

    assertThat(bodiesIn(connection)).containsExactly(TestPassage.text(200_000), "");
    assertThat(source.closedCount).hasValue(1);
  }

  @Test
  void checkTimeouts_responsePending_isWaitedForAndTheIdleTimeBeginsBehindIt() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1"));

    rig.passMs(10_000_000);
    rig.responseLate("1");
    rig.passMs(179_000);
    connection.read(NetRig.put("i-1"));

    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
  }

  @Test
  void read_responsesPendingReachTheirBound_pausesReadingUntilOneIsAnswered() {
    useRig(Map.of("--max-pending-responses", "2"));
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/late/1") + NetRig.get("/late/2") + NetRig.get("/late/3"));
    boolean readsWhileFull = connection.config().isAutoRead();
    boolean isThirdWaiting = rig.waiting.containsKey("3");
    rig.responseLate("1");

    assertThat(readsWhileFull).isFalse();
    assertThat(isThirdWaiting).isFalse();
    assertThat(rig.waiting).containsKey("3");
  }

  @Test
  void drain_responsePending_waitsForItAndEnds() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1") + NetRig.put("i-1"));

    rig.context.endConnections();
    boolean endedBefore = connection.isOutputShutdown();
    rig.responseLate("1");

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void read_closingRequest_isAnsweredBeforeTheClose() {
    EmbeddedConnection connection = rig.connect();
    connection.read("GET /late/1 HTTP/1.0\r\n\r\n");

    boolean endedBefore = connection.isOutputShutdown();
    rig.responseLate("1");

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly("late 1");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void inactive_responsesPending_reportsEachOnceAndDropsWhatComes() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1") + NetRig.get("/late/2") + NetRig.get("/late/3"));
    rig.waitingAt("1").onAbandoned(() -> {
      throw new IllegalStateException("planted by a test");
    });
    countAbandonment("2");
    countAbandonment("3");
    rig.responseLate("3");

    connection.close();
    rig.responseLate("2");
    rig.deliverReady();

    assertThat(abandonments).hasValue(1);
    assertThat(connection.received()).isEmpty();
    assertThat(rig.isBusy()).isFalse();
  }

  @Test
  void onAbandoned_connectionHasGoneAlready_runsAtOnce() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1"));
    connection.close();

    countAbandonment("1");

    assertThat(abandonments).hasValue(1);
  }

  @Test
  void onAbandoned_afterTheResponse_isNeverRun() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1"));
    rig.responseLate("1");

    countAbandonment("1");
    connection.close();

    assertThat(abandonments).hasValue(0);
  }

  @Test
  void send_afterTheStop_doesNotHurtWhoeverSends() throws Exception {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/late/1"));
    rig.stopLoop();
    AtomicInteger failures = new AtomicInteger();

    onAnotherThread(() -> {
      try {
        rig.responseLate("1");
      } catch (RuntimeException escaped) {
        failures.incrementAndGet();
      }
    });

    assertThat(failures).hasValue(0);
    assertThat(connection.received()).isEmpty();
  }
}
