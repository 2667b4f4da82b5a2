// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.Response;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asynchronous responses from any thread. */
class HttpHandlerLateTest {
  private HttpHandlerFixture fixture = new HttpHandlerFixture();
  private final AtomicInteger abandonments = new AtomicInteger();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void useFixture(NetSettings settings) {
    fixture.close();
    fixture = new HttpHandlerFixture(settings);
  }

  private static List<String> bodiesIn(EmbeddedConnection connection) {
    return ParsedResponse.parseAll(connection.received()).stream()
        .map(ParsedResponse::body)
        .toList();
  }

  private void countAbandonment(String name) {
    fixture.callbackOf(name).onAbandoned(abandonments::incrementAndGet);
  }

  private static void onAnotherThread(Runnable action) throws InterruptedException {
    Thread thread = new Thread(action);
    thread.start();
    thread.join(10_000);
  }

  @Test
  void read_answeredAtOnceOnTheLoop_addsNoTaskAndSharesTheFlush() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.get("/late/now")
        + HttpHandlerFixture.put("i-2"));

    assertThat(bodiesIn(connection)).containsExactly("", "late now", "");
    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(fixture.hasTasks()).isFalse();
  }

  @Test
  void send_outOfOrderAndFromAnotherThread_keepsTheOrderOfRequests() throws Exception {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1")
        + HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.get("/late/2")
        + HttpHandlerFixture.get("/slow/3")
        + HttpHandlerFixture.get("/late/4"));

    fixture.respondLate("4");
    onAnotherThread(() -> fixture.respondLate("2"));
    fixture.runNextTask();
    fixture.runNextTask();
    String beforeTheFirst = connection.received();
    fixture.respondLate("1");

    assertThat(beforeTheFirst).isEmpty();
    assertThat(bodiesIn(connection)).containsExactly("late 1", "", "late 2", "slow 3", "late 4");
  }

  /** The client would wait forever, or take the next response for the lost one. */
  @Test
  void send_responseCannotBeWritten_closesTheConnection() throws Exception {
    EmbeddedConnection connection = ExhaustedOnceAllocator.useIn(fixture.connect());
    connection.read(HttpHandlerFixture.get("/late/1") + HttpHandlerFixture.get("/late/2"));

    onAnotherThread(() -> fixture.respondLate("1"));
    fixture.runNextTask();
    fixture.respondLate("2");

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.counters.errors()).isEqualTo(1);
  }

  /** As by a cached document, which completes a request while it is decoded. */
  @Test
  void read_responseAtOnceCannotBeWritten_closesTheConnection() {
    EmbeddedConnection connection = ExhaustedOnceAllocator.useIn(fixture.connect());

    connection.read(HttpHandlerFixture.get("/late/now") + HttpHandlerFixture.put("i-1"));

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.calls).isEmpty();
  }

  @Test
  void send_twice_respondsOnce() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1") + HttpHandlerFixture.put("i-1"));

    fixture.respondLate("1");
    fixture.callbackOf("1").send(Response.NOT_FOUND);
    fixture.runReadyTasks();

    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
  }

  @Test
  void handle_throws_is500WithoutBodyAndCounted() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/broken-late") + HttpHandlerFixture.put("after"));

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(bodiesIn(connection)).containsExactly("", "");
    assertThat(fixture.counters.errors()).isEqualTo(1);
  }

  @Test
  void send_aLongBody_isSentInOrder() throws Exception {
    TestBodySource source = new TestBodySource();
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1") + HttpHandlerFixture.put("i-1"));

    Response response = Response.of(200, Response.TEXT, source.ofLength(200_000));
    onAnotherThread(() -> fixture.callbackOf("1").send(response));
    fixture.runReadyTasks();

    assertThat(bodiesIn(connection)).containsExactly(TestBodySource.text(200_000), "");
    assertThat(source.closedCount).hasValue(1);
  }

  @Test
  void checkTimeouts_responsePending_restartsTheIdleTimeoutAfterIt() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1"));

    fixture.advanceMs(10_000_000);
    fixture.respondLate("1");
    fixture.advanceMs(179_000);
    connection.read(HttpHandlerFixture.put("i-1"));

    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
  }

  /** To read such a socket again is an error with epoll; the requests that waited were lost. */
  @Test
  void read_inputEndsWhilePaused_respondsToAllAndReadsNoMore() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 2, 64));
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1")
        + HttpHandlerFixture.get("/late/2")
        + HttpHandlerFixture.get("/late/3"));

    connection.endInput();
    fixture.respondLate("1");
    boolean readsAfterTheEnd = connection.config().isAutoRead();
    fixture.respondLate("2");
    fixture.respondLate("3");

    assertThat(readsAfterTheEnd).isFalse();
    assertThat(ParsedResponse.parseAll(connection.received()))
        .extracting(ParsedResponse::body)
        .containsExactly("late 1", "late 2", "late 3");
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void read_pendingResponsesAtTheMaximum_pausesReadingUntilOneCompletes() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 2, 64));
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/late/1")
        + HttpHandlerFixture.get("/late/2")
        + HttpHandlerFixture.get("/late/3"));
    boolean readsWhileFull = connection.config().isAutoRead();
    boolean isThirdWaiting = fixture.pendingCallbacks.containsKey("3");
    fixture.respondLate("1");

    assertThat(readsWhileFull).isFalse();
    assertThat(isThirdWaiting).isFalse();
    assertThat(fixture.pendingCallbacks).containsKey("3");
  }

  @Test
  void drain_responsePending_waitsForItAndEnds() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1") + HttpHandlerFixture.put("i-1"));

    fixture.context.drain();
    boolean endedBefore = connection.isOutputShutdown();
    fixture.respondLate("1");

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly("late 1", "");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void read_closingRequest_isAnsweredBeforeTheClose() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("GET /late/1 HTTP/1.0\r\n\r\n");

    boolean endedBefore = connection.isOutputShutdown();
    fixture.respondLate("1");

    assertThat(endedBefore).isFalse();
    assertThat(bodiesIn(connection)).containsExactly("late 1");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void inactive_responsesPending_abandonsEachOnceAndDropsLateOnes() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1")
        + HttpHandlerFixture.get("/late/2")
        + HttpHandlerFixture.get("/late/3"));
    fixture.callbackOf("1").onAbandoned(() -> {
      throw new IllegalStateException("planted by a test");
    });
    countAbandonment("2");
    countAbandonment("3");
    fixture.respondLate("3");

    connection.close();
    fixture.respondLate("2");
    fixture.runReadyTasks();

    assertThat(abandonments).hasValue(1);
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.hasTasks()).isFalse();
  }

  @Test
  void onAbandoned_connectionAlreadyClosed_runsAtOnce() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1"));
    connection.close();

    countAbandonment("1");

    assertThat(abandonments).hasValue(1);
  }

  @Test
  void onAbandoned_afterTheResponse_isNeverRun() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1"));
    fixture.respondLate("1");

    countAbandonment("1");
    connection.close();

    assertThat(abandonments).hasValue(0);
  }

  @Test
  void send_afterTheStop_doesNotThrow() throws Exception {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/late/1"));
    fixture.stopLoop();
    AtomicInteger failures = new AtomicInteger();

    onAnotherThread(() -> {
      try {
        fixture.respondLate("1");
      } catch (RuntimeException escaped) {
        failures.incrementAndGet();
      }
    });

    assertThat(failures).hasValue(0);
    assertThat(connection.received()).isEmpty();
  }
}
