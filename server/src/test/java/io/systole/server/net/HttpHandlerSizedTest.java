// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that are handled by a worker if their body is large or compressed. */
class HttpHandlerSizedTest {
  private static final int LARGE = 64 * 1024 + 1;

  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private static String post(int bytes) {
    return HttpHandlerFixture.post("/sized", "x".repeat(bytes));
  }

  @Test
  void read_smallBody_isHandledOnTheLoop() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(post(LARGE - 1));

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(204);
  }

  /** Regression: every body was decoded on the event loop. */
  @Test
  void read_largeBody_leavesTheLoopFree() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();
    EmbeddedConnection other = fixture.connect();

    connection.read(post(LARGE));
    other.read(HttpHandlerFixture.put("i-1"));
    String whileBlocked = connection.received();
    fixture.workerPermits.release();
    fixture.runNextTask();

    assertThat(whileBlocked).isEmpty();
    assertThat(ParsedResponse.statusesIn(other.received())).containsExactly(200);
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(204);
  }

  @Test
  void read_smallCompressedBody_leavesTheLoop() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();

    connection.read("POST /sized HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n"
        + HttpHandlerFixture.HOST + "x");
    String whileBlocked = connection.received();
    fixture.workerPermits.release();
    fixture.runNextTask();

    assertThat(whileBlocked).isEmpty();
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(204);
  }

  @Test
  void read_requestsBehindALargeBody_takeEffectInTheirOrder() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();

    connection.read(post(LARGE) + HttpHandlerFixture.put("i-1") + post(LARGE + 1));
    connection.read(HttpHandlerFixture.put("i-2"));
    List<String> whileBlocked = new ArrayList<>(fixture.calls);
    fixture.workerPermits.release(2);
    fixture.runNextTask();
    fixture.runNextTask();

    assertThat(whileBlocked).isEmpty();
    assertThat(fixture.calls)
        .containsExactly(
            "sized " + LARGE,
            "renew A/i-1 7 client",
            "sized " + (LARGE + 1),
            "renew A/i-2 7 client");
    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(204, 200, 204, 200);
  }

  @Test
  void read_largeBodiesOverTheQueueLimit_is503ForTheExcessOne() {
    fixture.workerPermits.drainPermits();
    int cores = Runtime.getRuntime().availableProcessors();
    int taken = Math.max(1, cores / 4) + WorkerPool.BODY_QUEUE_MAX;
    List<EmbeddedConnection> connections = new ArrayList<>();
    for (int i = 0; i < taken; i++) {
      connections.add(fixture.connect());
      connections.get(i).read(post(LARGE));
    }
    EmbeddedConnection oneMore = fixture.connect();

    oneMore.read(post(LARGE) + HttpHandlerFixture.put("i-1"));
    fixture.workerPermits.release(taken);
    for (int i = 0; i < taken; i++) {
      fixture.runNextTask();
    }

    assertThat(ParsedResponse.statusesIn(oneMore.received())).containsExactly(503, 200);
    assertThat(fixture.counters.workRefusals()).isEqualTo(1);
    assertThat(connections)
        .allSatisfy(connection ->
            assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(204));
    assertThat(fixture.quota.reserved()).isZero();
  }

  /** Regression: queued bodies were not counted towards the quota. */
  @Test
  void read_queuedLargeBody_countsTowardsTheQuotaUntilHandled() {
    fixture.close();
    fixture =
        new HttpHandlerFixture(Map.of("--max-bodies-size", "1MiB", "--max-body-size", "1MiB"));
    fixture.workerPermits.drainPermits();
    EmbeddedConnection first = fixture.connect();
    EmbeddedConnection second = fixture.connect();

    first.read(post(600_000));
    long heldWhileBlocked = fixture.quota.reserved();
    second.read(post(600_000));
    fixture.workerPermits.release();
    fixture.runNextTask();

    assertThat(heldWhileBlocked).isEqualTo(600_000);
    assertThat(ParsedResponse.statusesIn(second.received())).containsExactly(503);
    assertThat(ParsedResponse.statusesIn(first.received())).containsExactly(204);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void close_beforeALargeBodyWasHandled_releasesItsBytes() {
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();

    connection.read(post(LARGE));
    connection.close();
    fixture.workerPermits.release();

    Awaitility.await().until(() -> fixture.quota.reserved() == 0);
  }
}
