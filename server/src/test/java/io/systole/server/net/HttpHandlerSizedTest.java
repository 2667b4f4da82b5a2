// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that leave the event loop when their body is large or compressed. */
class HttpHandlerSizedTest {
  private static final int LARGE = 64 * 1024 + 1;

  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private static String post(int bytes) {
    return NetRig.post("/sized", "x".repeat(bytes));
  }

  @Test
  void read_smallBody_isHandledOnTheLoop() {
    EmbeddedConnection connection = rig.connect();

    connection.read(post(LARGE - 1));

    assertThat(Answer.statusesIn(connection.received())).containsExactly(204);
  }

  /** Any body was decoded on the event loop, which kept all its other connections waiting. */
  @Test
  void read_largeBody_leavesTheLoopFree() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();
    EmbeddedConnection other = rig.connect();

    connection.read(post(LARGE));
    other.read(NetRig.put("i-1"));
    String whileBlocked = connection.received();
    rig.workerPermits.release();
    rig.deliverNext();

    assertThat(whileBlocked).isEmpty();
    assertThat(Answer.statusesIn(other.received())).containsExactly(200);
    assertThat(Answer.statusesIn(connection.received())).containsExactly(204);
  }

  @Test
  void read_compressedBody_leavesTheLoopHoweverSmallItIs() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();

    connection.read("POST /sized HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n"
        + NetRig.HOST + "x");
    String whileBlocked = connection.received();
    rig.workerPermits.release();
    rig.deliverNext();

    assertThat(whileBlocked).isEmpty();
    assertThat(Answer.statusesIn(connection.received())).containsExactly(204);
  }

  @Test
  void read_requestsBehindALargeBody_takeEffectInTheirOrder() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();

    connection.read(post(LARGE) + NetRig.put("i-1") + post(LARGE + 1));
    connection.read(NetRig.put("i-2"));
    List<String> whileBlocked = new ArrayList<>(rig.calls);
    rig.workerPermits.release(2);
    rig.deliverNext();
    rig.deliverNext();

    assertThat(whileBlocked).isEmpty();
    assertThat(rig.calls)
        .containsExactly(
            "sized " + LARGE,
            "renew A/i-1 7 client",
            "sized " + (LARGE + 1),
            "renew A/i-2 7 client");
    assertThat(Answer.statusesIn(connection.received())).containsExactly(204, 200, 204, 200);
  }

  @Test
  void read_moreLargeBodiesThanMayWait_is503ForTheOneTooMany() {
    rig.workerPermits.drainPermits();
    int cores = Runtime.getRuntime().availableProcessors();
    int taken = Math.max(1, cores / 4) + WorkerPool.BODY_QUEUE_MAX;
    List<EmbeddedConnection> connections = new ArrayList<>();
    for (int i = 0; i < taken; i++) {
      connections.add(rig.connect());
      connections.get(i).read(post(LARGE));
    }
    EmbeddedConnection oneMore = rig.connect();

    oneMore.read(post(LARGE) + NetRig.put("i-1"));
    rig.workerPermits.release(taken);
    for (int i = 0; i < taken; i++) {
      rig.deliverNext();
    }

    assertThat(Answer.statusesIn(oneMore.received())).containsExactly(503, 200);
    assertThat(rig.counters.workRefusals()).isEqualTo(1);
    assertThat(connections)
        .allSatisfy(connection ->
            assertThat(Answer.statusesIn(connection.received())).containsExactly(204));
    assertThat(rig.budget.held()).isZero();
  }

  /** A body that waited for a thread was no longer counted, and a queue of them had no bound. */
  @Test
  void read_largeBodyThatWaits_staysOnTheBudgetUntilItWasUsed() {
    rig.close();
    rig = new NetRig(Map.of("--max-bodies-bytes", "1048576", "--max-body-bytes", "1048576"));
    rig.workerPermits.drainPermits();
    EmbeddedConnection first = rig.connect();
    EmbeddedConnection second = rig.connect();

    first.read(post(600_000));
    long heldWhileBlocked = rig.budget.held();
    second.read(post(600_000));
    rig.workerPermits.release();
    rig.deliverNext();

    assertThat(heldWhileBlocked).isEqualTo(600_000);
    assertThat(Answer.statusesIn(second.received())).containsExactly(503);
    assertThat(Answer.statusesIn(first.received())).containsExactly(204);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void close_beforeALargeBodyWasUsed_givesItsBytesBack() {
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();

    connection.read(post(LARGE));
    connection.close();
    rig.workerPermits.release();

    Awaitility.await().until(() -> rig.budget.held() == 0);
  }
}
