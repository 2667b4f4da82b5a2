// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Closed;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Timeouts of connections, with a manual clock. */
class HttpHandlerTimeoutTest {
  private final HttpHandlerFixture fixture = new HttpHandlerFixture(Map.of(
      "--idle-timeout", "1m",
      "--request-timeout", "5s",
      "--write-timeout", "10s",
      "--write-buffer-size", "4KiB"));

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  @Test
  void checkTimeouts_idleConnection_isClosed() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.put("i-1"));

    fixture.advanceMs(60_000);
    boolean isOpenAtTheBound = connection.isOpen();
    fixture.advanceMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(fixture.counters.connectionsClosed(Closed.IDLE)).isEqualTo(1);
    assertThat(fixture.counters.connectionsOpen()).isZero();
  }

  @Test
  void checkTimeouts_noInputAtAll_isClosed() {
    EmbeddedConnection connection = fixture.connect();

    fixture.advanceMs(60_001);

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(fixture.counters.connectionsClosed(Closed.IDLE)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_steadyClient_isNeverClosed() {
    EmbeddedConnection connection = fixture.connect();

    for (int beat = 0; beat < 100; beat++) {
      fixture.advanceMs(30_000);
      connection.read(HttpHandlerFixture.put("i-1"));
    }

    assertThat(connection.isOpen()).isTrue();
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(100);
  }

  @Test
  void checkTimeouts_requestsOfTwoReadsEach_areNotOneSlowRequest() {
    EmbeddedConnection connection = fixture.connect();
    String put = HttpHandlerFixture.put("i-1");
    connection.read(put.substring(0, 20));

    for (int beat = 0; beat < 20; beat++) {
      fixture.advanceMs(3_000);
      connection.read(put.substring(20) + put.substring(0, 20));
    }

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(20).containsOnly(200);
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  @Test
  void checkTimeouts_slowHead_is408AndClosed() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("PUT /v2/apps/A/i");

    for (int second = 0; second < 6; second++) {
      fixture.advanceMs(1_000);
      connection.read("i");
    }

    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(408);
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_REQUEST)).isEqualTo(1);
    assertThat(fixture.counters.refusals(408)).isEqualTo(1);
  }

  /** It would stay open, and hold up the checks of the connections behind it. */
  @Test
  void checkTimeouts_responseCannotBeWritten_closesTheConnectionAndChecksOthers() {
    EmbeddedConnection failing = ExhaustedOnceAllocator.useIn(fixture.connect());
    EmbeddedConnection next = fixture.connect();
    failing.read("PUT /v2/apps");
    next.read("PUT /v2/apps");

    fixture.advanceMs(5_001);

    assertThat(failing.isOpen()).isFalse();
    assertThat(ParsedResponse.statusesIn(next.received())).containsExactly(408);
  }

  @Test
  void checkTimeouts_incompleteBody_is408AndReleasesItsQuota() {
    EmbeddedConnection connection = fixture.connect();
    connection.read(
        "POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + HttpHandlerFixture.HOST + "half");

    fixture.advanceMs(5_001);

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(408);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void checkTimeouts_slowRequestBehindSlowResponse_isRefusedOnce() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1") + "PUT /v2/apps/A/i");

    fixture.advanceMs(5_001);
    fixture.advanceMs(1_000);
    fixture.advanceMs(1_000);
    fixture.workerPermits.release();
    fixture.runNextTask();

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 408);
    assertThat(fixture.counters.refusals(408)).isEqualTo(1);
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_REQUEST)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_responseLongerThanIdleTimeout_staysOpen() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();
    connection.read(HttpHandlerFixture.get("/slow/1"));

    fixture.advanceMs(600_000);
    fixture.workerPermits.release();
    fixture.runNextTask();

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200);
  }

  @Test
  void checkTimeouts_peerDoesNotReadItsResponses_isClosed() {
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.put("i-1").repeat(200));

    fixture.advanceMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    fixture.advanceMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_peerReadsAgainInTime_isNotClosed() {
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.put("i-1").repeat(200));

    fixture.advanceMs(9_000);
    connection.peerReadsAgain();
    fixture.advanceMs(9_000);

    assertThat(connection.isOpen()).isTrue();
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(200);
  }

  @Test
  void checkTimeouts_pausedWithIncompleteRequest_isNotASlowRequest() {
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();
    connection.read(HttpHandlerFixture.put("i-1").repeat(200) + "PUT /v2/apps/A/half");

    fixture.advanceMs(9_000);
    connection.peerReadsAgain();
    fixture.advanceMs(4_000);
    connection.read(" HTTP/1.1\r\n" + HttpHandlerFixture.HOST);

    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(201).containsOnly(200);
    assertThat(fixture.counters.refusals()).isEmpty();
  }

  @Test
  void checkTimeouts_closingConnectionWhosePeerStaysOpen_isClosedAfterTheLinger() {
    EmbeddedConnection connection = fixture.connect();
    connection.read("GET /nowhere HTTP/1.0\r\n\r\n");

    fixture.advanceMs(1_000);
    connection.read("unexpected input");
    boolean isOpenForAWhile = connection.isOpen();
    fixture.advanceMs(1_001);

    assertThat(isOpenForAWhile).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(1);
  }

  @Test
  void checkTimeouts_closingConnectionWhosePeerDoesNotRead_isClosedAtTheWriteTimeout() {
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();
    connection.read("GET /big HTTP/1.0\r\n\r\n");

    fixture.advanceMs(9_000);
    boolean isOpenWhileItMayRead = connection.isOpen();
    fixture.advanceMs(3_002);

    assertThat(isOpenWhileItMayRead).isTrue();
    assertThat(connection.isOpen()).isFalse();
  }
}
