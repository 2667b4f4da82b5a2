// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Closed;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that wait too long, with the clock turned by hand. */
class HttpHandlerTimeoutTest {
  private final NetRig rig = new NetRig(Map.of(
      "--idle-timeout-ms", "60000",
      "--request-timeout-ms", "5000",
      "--write-timeout-ms", "10000",
      "--write-buffer-bytes", "4096"));

  @AfterEach
  void closeRig() {
    rig.close();
  }

  @Test
  void checkTimeouts_idleConnection_isClosed() {
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.put("i-1"));

    rig.passMs(60_000);
    boolean isOpenAtTheBound = connection.isOpen();
    rig.passMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(rig.counters.connectionsClosed(Closed.IDLE)).isEqualTo(1);
    assertThat(rig.counters.connectionsOpen()).isZero();
  }

  @Test
  void checkTimeouts_neverSaidAnything_isClosed() {
    EmbeddedConnection connection = rig.connect();

    rig.passMs(60_001);

    assertThat(connection.isOpen()).isFalse();
    assertThat(connection.received()).isEmpty();
    assertThat(rig.counters.connectionsClosed(Closed.IDLE)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_steadyClient_isNeverClosed() {
    EmbeddedConnection connection = rig.connect();

    for (int beat = 0; beat < 100; beat++) {
      rig.passMs(30_000);
      connection.read(NetRig.put("i-1"));
    }

    assertThat(connection.isOpen()).isTrue();
    assertThat(Answer.countIn(connection.received())).isEqualTo(100);
  }

  @Test
  void checkTimeouts_requestsThatEachComeInTwoReads_areNotTakenForOneSlowRequest() {
    EmbeddedConnection connection = rig.connect();
    String put = NetRig.put("i-1");
    connection.read(put.substring(0, 20));

    for (int beat = 0; beat < 20; beat++) {
      rig.passMs(3_000);
      connection.read(put.substring(20) + put.substring(0, 20));
    }

    assertThat(Answer.statusesIn(connection.received())).hasSize(20).containsOnly(200);
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  @Test
  void checkTimeouts_headDripsIn_is408AndTheEnd() {
    EmbeddedConnection connection = rig.connect();
    connection.read("PUT /v2/apps/A/i");

    for (int second = 0; second < 6; second++) {
      rig.passMs(1_000);
      connection.read("i");
    }

    Answer callback = Answer.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(408);
    assertThat(callback.headers()).containsEntry("connection", "close");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_REQUEST)).isEqualTo(1);
    assertThat(rig.counters.refusals(408)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_bodyDoesNotCome_is408AndItsBytesAreGivenBack() {
    EmbeddedConnection connection = rig.connect();
    connection.read("POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + NetRig.HOST + "half");

    rig.passMs(5_001);

    assertThat(Answer.statusesIn(connection.received())).containsExactly(408);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void checkTimeouts_slowRequestBehindSlowResponse_isRefusedOnceAndNotAtEverySweep() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1") + "PUT /v2/apps/A/i");

    rig.passMs(5_001);
    rig.passMs(1_000);
    rig.passMs(1_000);
    rig.workerPermits.release();
    rig.deliverNext();

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 408);
    assertThat(rig.counters.refusals(408)).isEqualTo(1);
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_REQUEST)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_responseTakesLongerThanIdleTime_isWaitedFor() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();
    connection.read(NetRig.get("/slow/1"));

    rig.passMs(600_000);
    rig.workerPermits.release();
    rig.deliverNext();

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200);
  }

  @Test
  void checkTimeouts_peerDoesNotReadItsResponses_isClosed() {
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();
    connection.read(NetRig.put("i-1").repeat(200));

    rig.passMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    rig.passMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
  }

  @Test
  void checkTimeouts_peerReadsAgainInTime_isNotClosed() {
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();
    connection.read(NetRig.put("i-1").repeat(200));

    rig.passMs(9_000);
    connection.peerReadsAgain();
    rig.passMs(9_000);

    assertThat(connection.isOpen()).isTrue();
    assertThat(Answer.countIn(connection.received())).isEqualTo(200);
  }

  @Test
  void checkTimeouts_pausedWithHalfARequestKept_doesNotBlameTheSender() {
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();
    connection.read(NetRig.put("i-1").repeat(200) + "PUT /v2/apps/A/half");

    rig.passMs(9_000);
    connection.peerReadsAgain();
    rig.passMs(4_000);
    connection.read(" HTTP/1.1\r\n" + NetRig.HOST);

    assertThat(Answer.statusesIn(connection.received())).hasSize(201).containsOnly(200);
    assertThat(rig.counters.refusals()).isEmpty();
  }

  @Test
  void checkTimeouts_closingConnectionWhosePeerKeepsItsSideOpen_isClosedAfterAWhile() {
    EmbeddedConnection connection = rig.connect();
    connection.read("GET /nowhere HTTP/1.0\r\n\r\n");

    rig.passMs(1_000);
    connection.read("more that nobody asked for");
    boolean isOpenForAWhile = connection.isOpen();
    rig.passMs(1_001);

    assertThat(isOpenForAWhile).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(Answer.countIn(connection.received())).isEqualTo(1);
  }

  @Test
  void checkTimeouts_closingConnectionWhosePeerDoesNotRead_isClosedAtTheWriteTimeout() {
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();
    connection.read("GET /big HTTP/1.0\r\n\r\n");

    rig.passMs(9_000);
    boolean isOpenWhileItMayRead = connection.isOpen();
    rig.passMs(3_002);

    assertThat(isOpenWhileItMayRead).isTrue();
    assertThat(connection.isOpen()).isFalse();
  }
}
