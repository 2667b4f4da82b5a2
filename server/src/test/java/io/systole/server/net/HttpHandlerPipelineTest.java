// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many requests at once: order, flushes, and the bounds on what waits. */
class HttpHandlerPipelineTest {
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  private static String puts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> NetRig.put("i-" + i))
        .collect(Collectors.joining());
  }

  private static List<String> renewalsOf(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "renew A/i-" + i + " 7 client")
        .toList();
  }

  private static List<String> bodiesIn(String responses) {
    return Answer.parseAll(responses).stream().map(Answer::body).toList();
  }

  @Test
  void read_burstOfHeartbeats_isAnsweredWithOneFlush() {
    EmbeddedConnection connection = rig.connect();

    connection.read(puts(100));

    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(Answer.statusesIn(connection.received())).hasSize(100).containsOnly(200);
    assertThat(rig.calls).isEqualTo(renewalsOf(100));
  }

  @Test
  void read_severalReadsInOneCycle_areAnsweredWithOneFlush() {
    EmbeddedConnection connection = rig.connect();

    connection.readMore(puts(3));
    connection.readMore(puts(3));
    connection.readMore(NetRig.get("/nowhere"));
    connection.flushInbound();

    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(Answer.countIn(connection.received())).isEqualTo(7);
  }

  @Test
  void read_moreThanOneParsingBufferInOneRead_isAnsweredWhole() {
    EmbeddedConnection connection = rig.connect();

    connection.read(puts(4_000));

    assertThat(rig.calls).isEqualTo(renewalsOf(4_000));
    assertThat(Answer.countIn(connection.received())).isEqualTo(4_000);
  }

  @Test
  void read_slowRouteBetweenFastOnes_isAnsweredInItsPlace() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.post("/echo", "1")
        + NetRig.get("/slow/2")
        + NetRig.post("/echo", "3")
        + NetRig.get("/slow/4")
        + NetRig.get("/big"));
    String beforeSlow = connection.received();
    rig.deliverNext();
    rig.deliverNext();

    assertThat(bodiesIn(beforeSlow)).containsExactly("1");
    assertThat(bodiesIn(connection.received()))
        .containsExactly("1", "slow 2", "3", "slow 4", NetRig.BIG_BODY);
  }

  @Test
  void read_secondWorkerFinishesFirst_keepsTheOrderOfRequests() {
    useRig(Map.of("--workers", "1", "--work-queue", "1"));
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/slow/1") + NetRig.get("/slow/2") + NetRig.get("/slow/3"));
    connection.read(NetRig.post("/echo", "4"));
    String whileBlocked = connection.received();
    rig.workerPermits.release(2);
    rig.deliverNext();
    rig.deliverNext();

    assertThat(whileBlocked).isEmpty();
    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 200, 503, 200);
    assertThat(bodiesIn(connection.received())).containsExactly("slow 1", "slow 2", "", "4");
    assertThat(Answer.parseAll(connection.received()).get(2).headers())
        .containsKey("retry-after")
        .doesNotContainKey("connection");
    assertThat(rig.counters.workRefusals()).isEqualTo(1);
  }

  @Test
  void read_responsesPendingReachTheirBound_pausesReadingUntilOneIsAnswered() {
    useRig(Map.of("--max-pending-responses", "2"));
    rig.workerPermits.drainPermits();
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/slow/0") + NetRig.get("/slow/1") + NetRig.get("/slow/2")
        + NetRig.put("i-0") + "PUT /v2/apps/A/i-1?last");
    connection.read("DirtyTimestamp=7 HTTP/1.1\r\n" + NetRig.HOST);
    boolean readsWhileFull = connection.config().isAutoRead();
    long requestsWhileFull = rig.counters.requests();
    rig.workerPermits.release(3);
    rig.deliverNext();
    rig.deliverNext();
    rig.deliverNext();

    assertThat(readsWhileFull).isFalse();
    assertThat(requestsWhileFull).isEqualTo(2);
    assertThat(connection.config().isAutoRead()).isTrue();
    assertThat(bodiesIn(connection.received()))
        .containsExactly("slow 0", "slow 1", "slow 2", "", "");
    assertThat(rig.calls).isEqualTo(renewalsOf(2));
  }

  @Test
  void read_bodyTooBigToCopyWithNothingBehindIt_isFlushed() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/big"));

    assertThat(bodiesIn(connection.received())).containsExactly(NetRig.BIG_BODY);
    assertThat(connection.flushCount()).isEqualTo(1);
  }

  @Test
  void read_peerDoesNotRead_parsesNoFurtherUntilItDoes() {
    useRig(Map.of("--write-buffer-bytes", "4096"));
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();

    connection.read(puts(500));
    connection.read(NetRig.put("i-500"));
    boolean readsWhileFull = connection.config().isAutoRead();
    int callsWhileFull = rig.calls.size();
    connection.peerReadsAgain();

    assertThat(readsWhileFull).isFalse();
    assertThat(callsWhileFull).isBetween(10, 60);
    assertThat(connection.config().isAutoRead()).isTrue();
    assertThat(rig.calls).isEqualTo(renewalsOf(501));
    assertThat(Answer.statusesIn(connection.received())).hasSize(501).containsOnly(200);
  }

  @Test
  void read_peerDoesNotReadBigResponses_holdsNoMoreThanOneOverTheBound() {
    useRig(Map.of("--write-buffer-bytes", "4096"));
    EmbeddedConnection connection = rig.connect();
    connection.peerStopsReading();

    connection.read(NetRig.get("/big").repeat(100));
    long heldBytes = connection.unsafe().outboundBuffer().totalPendingWriteBytes();
    connection.peerReadsAgain();

    assertThat(heldBytes).isLessThan(4096 + NetRig.BIG_BODY.length() + 1024);
    assertThat(Answer.countIn(connection.received())).isEqualTo(100);
  }
}
