// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.systole.server.config.ConfigParser;
import io.systole.server.route.HeartbeatMatcher;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pipelined requests: order, flushes, and limits of pending responses. */
class HttpHandlerPipelineTest {
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

  private static String puts(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> HttpHandlerFixture.put("i-" + i))
        .collect(Collectors.joining());
  }

  private static List<String> renewalsOf(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "renew A/i-" + i + " 7 client")
        .toList();
  }

  private static List<String> bodiesIn(String responses) {
    return ParsedResponse.parseAll(responses).stream().map(ParsedResponse::body).toList();
  }

  @Test
  void read_burstOfHeartbeats_isAnsweredWithOneFlush() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(100));

    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(100).containsOnly(200);
    assertThat(fixture.calls).isEqualTo(renewalsOf(100));
  }

  // ---------------------------------------------------------------- batches of heartbeats

  @Test
  void read_otherRequestsBetweenHeartbeats_takeEffectInOrder() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(HttpHandlerFixture.HEARTBEATS_MAX + 4)
        + HttpHandlerFixture.post("/v2/apps/A", "x")
        + HttpHandlerFixture.put("unknown")
        + "PUT /v2/apps/A/p?lastDirtyTimestamp=7 HTTP/1.1\r\n"
        + HeartbeatMatcher.REPLICATION_HEADER
        + ": true\r\n"
        + HttpHandlerFixture.HOST
        + HttpHandlerFixture.put("%69")
        + puts(2));

    List<String> expected = new ArrayList<>(renewalsOf(HttpHandlerFixture.HEARTBEATS_MAX + 4));
    expected.add("register A x");
    expected.add("renew A/unknown 7 client");
    expected.add("renew A/p 7 peer");
    expected.add("renew A/i 7 client");
    expected.addAll(renewalsOf(2));
    assertThat(fixture.calls).isEqualTo(expected);
    assertThat(ParsedResponse.statusesIn(connection.received()))
        .hasSize(HttpHandlerFixture.HEARTBEATS_MAX + 10)
        .startsWith(200)
        .containsSubsequence(204, 404, 200, 200, 200, 200);
  }

  /** They repeat the request line and the header fields, but those fields need more. */
  @Test
  void read_repeatedRequestsOfPeersOrWithABody_areHandledLikeTheFirst() {
    EmbeddedConnection connection = fixture.connect();
    String line = "PUT /v2/apps/A/p?status=UP&lastDirtyTimestamp=1700000000007 HTTP/1.1\r\n";
    String plain = line + HttpHandlerFixture.HOST;
    String ofPeer =
        line + HeartbeatMatcher.REPLICATION_HEADER + ": true\r\n" + HttpHandlerFixture.HOST;
    String withBody = line + "Content-Length: 6\r\n" + HttpHandlerFixture.HOST + "GET / ";

    connection.read(
        (plain + plain + ofPeer + ofPeer + plain).repeat(2) + withBody + withBody + plain);

    String client = "renew A/p 1700000000007 client";
    String peer = "renew A/p 1700000000007 peer";
    assertThat(fixture.calls)
        .containsExactly(
            client, client, peer, peer, client, client, client, peer, peer, client, client, client,
            client);
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(13).containsOnly(200);
  }

  @Test
  void read_heartbeatsThenARequestWithoutItsBody_areHandledBeforeIt() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(3)
        + "POST /v2/apps/A HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n"
        + HttpHandlerFixture.HOST);
    List<Integer> beforeTheBody = ParsedResponse.statusesIn(connection.received());
    connection.read("x" + puts(1));

    assertThat(beforeTheBody).containsExactly(200, 200, 200, 100);
    assertThat(fixture.calls)
        .containsExactly(
            "renew A/i-0 7 client",
            "renew A/i-1 7 client",
            "renew A/i-2 7 client",
            "register A x",
            "renew A/i-0 7 client");
  }

  @Test
  void read_malformedBehindHeartbeats_isRefusedAfterTheirResponses() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(3) + "PUT /v2/apps/A/i HTTP/9.9\r\n" + HttpHandlerFixture.HOST);

    assertThat(fixture.calls).isEqualTo(renewalsOf(3));
    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(200, 200, 200, 505);
  }

  @Test
  void read_heartbeatThatCloses_isTheLastThatIsHandled() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(3)
        + "PUT /v2/apps/A/i-3?lastDirtyTimestamp=7 HTTP/1.1\r\nConnection: close\r\n"
        + HttpHandlerFixture.HOST
        + puts(2));

    assertThat(fixture.calls).isEqualTo(renewalsOf(4));
    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(200, 200, 200, 200);
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  /** The connection fails; the loop's batch must not keep what was not handled. */
  @Test
  void read_failureBehindHeartbeats_leavesNoneToTheNextConnection() {
    EmbeddedConnection broken = fixture.connect();
    EmbeddedConnection next = fixture.connect();

    broken.read(puts(3) + HttpHandlerFixture.put(HttpHandlerFixture.BROKEN_ID) + puts(1));
    next.read(puts(2));

    assertThat(broken.isOpen()).isFalse();
    assertThat(broken.received()).isEmpty();
    assertThat(fixture.calls).isEqualTo(renewalsOf(2));
    assertThat(ParsedResponse.statusesIn(next.received())).containsExactly(200, 200);
  }

  /** The next connection would receive the status of the failed heartbeat for its own. */
  @Test
  void read_failureOfTheFirstHeartbeat_leavesNoneToTheNextConnection() {
    EmbeddedConnection broken = fixture.connect();
    EmbeddedConnection next = fixture.connect();

    broken.read(HttpHandlerFixture.put(HttpHandlerFixture.BROKEN_ID));
    next.read(puts(2));

    assertThat(broken.isOpen()).isFalse();
    assertThat(fixture.calls).isEqualTo(renewalsOf(2));
    assertThat(ParsedResponse.statusesIn(next.received())).containsExactly(200, 200);
  }

  @Test
  void read_heartbeatsBehindAPendingResponse_countAsPendingToo() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 4, 64));
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/late/a") + puts(10));
    List<String> callsWhilePending = List.copyOf(fixture.calls);
    fixture.respondLate("a");

    assertThat(callsWhilePending).isEqualTo(renewalsOf(3));
    assertThat(fixture.calls).isEqualTo(renewalsOf(10));
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(11).containsOnly(200);
  }

  // ---------------------------------------------------------------- responses

  @Test
  void read_severalReadsInOneCycle_areAnsweredWithOneFlush() {
    EmbeddedConnection connection = fixture.connect();

    connection.readMore(puts(3));
    connection.readMore(puts(3));
    connection.readMore(HttpHandlerFixture.get("/nowhere"));
    connection.flushInbound();

    assertThat(connection.flushCount()).isEqualTo(1);
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(7);
  }

  @Test
  void read_moreThanTheParseBufferInOneRead_isAnsweredCompletely() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(puts(4_000));

    assertThat(fixture.calls).isEqualTo(renewalsOf(4_000));
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(4_000);
  }

  @Test
  void read_workerRouteBetweenOthers_isAnsweredInOrder() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.post("/echo", "1")
        + HttpHandlerFixture.get("/slow/2")
        + HttpHandlerFixture.post("/echo", "3")
        + HttpHandlerFixture.get("/slow/4")
        + HttpHandlerFixture.get("/big"));
    String beforeSlow = connection.received();
    fixture.runNextTask();
    fixture.runNextTask();

    assertThat(bodiesIn(beforeSlow)).containsExactly("1");
    assertThat(bodiesIn(connection.received()))
        .containsExactly("1", "slow 2", "3", "slow 4", HttpHandlerFixture.BIG_BODY);
  }

  @Test
  void read_secondWorkerFinishesFirst_keepsTheOrderOfRequests() {
    useFixture(HttpHandlerFixture.settings(Map.of("--workers", "1"), 128, 1));
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.get("/slow/2")
        + HttpHandlerFixture.get("/slow/3"));
    connection.read(HttpHandlerFixture.post("/echo", "4"));
    String whileBlocked = connection.received();
    fixture.workerPermits.release(2);
    fixture.runNextTask();
    fixture.runNextTask();

    assertThat(whileBlocked).isEmpty();
    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(200, 200, 503, 200);
    assertThat(bodiesIn(connection.received())).containsExactly("slow 1", "slow 2", "", "4");
    assertThat(ParsedResponse.parseAll(connection.received()).get(2).headers())
        .containsKey("retry-after")
        .doesNotContainKey("connection");
    assertThat(fixture.counters.workRefusals()).isEqualTo(1);
  }

  @Test
  void read_pendingResponsesAtTheMaximum_pausesReadingUntilOneCompletes() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 2, 64));
    fixture.workerPermits.drainPermits();
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/slow/0") + HttpHandlerFixture.get("/slow/1")
        + HttpHandlerFixture.get("/slow/2") + HttpHandlerFixture.put("i-0")
        + "PUT /v2/apps/A/i-1?last");
    connection.read("DirtyTimestamp=7 HTTP/1.1\r\n" + HttpHandlerFixture.HOST);
    boolean readsWhileFull = connection.config().isAutoRead();
    long requestsWhileFull = fixture.counters.requests();
    fixture.workerPermits.release(3);
    fixture.runNextTask();
    fixture.runNextTask();
    fixture.runNextTask();

    assertThat(readsWhileFull).isFalse();
    assertThat(requestsWhileFull).isEqualTo(2);
    assertThat(connection.config().isAutoRead()).isTrue();
    assertThat(bodiesIn(connection.received()))
        .containsExactly("slow 0", "slow 1", "slow 2", "", "");
    assertThat(fixture.calls).isEqualTo(renewalsOf(2));
  }

  @Test
  void read_wrappedBodyAtTheEnd_isFlushed() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/big"));

    assertThat(bodiesIn(connection.received())).containsExactly(HttpHandlerFixture.BIG_BODY);
    assertThat(connection.flushCount()).isEqualTo(1);
  }

  @Test
  void read_peerDoesNotRead_parsesNoFurtherUntilItDoes() {
    useFixture(Map.of("--write-buffer-size", "4KiB"));
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();

    connection.read(puts(500));
    connection.read(HttpHandlerFixture.put("i-500"));
    boolean readsWhileFull = connection.config().isAutoRead();
    int callsWhileFull = fixture.calls.size();
    connection.peerReadsAgain();

    assertThat(readsWhileFull).isFalse();
    assertThat(callsWhileFull).isBetween(10, 60);
    assertThat(connection.config().isAutoRead()).isTrue();
    assertThat(fixture.calls).isEqualTo(renewalsOf(501));
    assertThat(ParsedResponse.statusesIn(connection.received())).hasSize(501).containsOnly(200);
  }

  @Test
  void read_peerDoesNotReadBigResponses_buffersAtMostOneOverTheLimit() {
    useFixture(Map.of("--write-buffer-size", "4KiB"));
    EmbeddedConnection connection = fixture.connect();
    connection.peerStopsReading();

    connection.read(HttpHandlerFixture.get("/big").repeat(100));
    long heldBytes = connection.unsafe().outboundBuffer().totalPendingWriteBytes();
    connection.peerReadsAgain();

    assertThat(heldBytes).isLessThan(4096 + HttpHandlerFixture.BIG_BODY.length() + 1024);
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(100);
  }

  /** Regression: each deferred request copied all requests behind it. */
  @Test
  void read_manyDeferredRequests_copiesTheInputALinearNumberOfTimes() {
    useFixture(HttpHandlerFixture.settings(Map.of(), 1, 64));
    EmbeddedConnection connection = fixture.connect();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    connection.read(HttpHandlerFixture.get("/late/a").repeat(1_500));
    for (int i = 0; i < 1_500; i++) {
      fixture.respondLate("a");
      fixture.runReadyTasks();
    }

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16_000_000);
    assertThat(ParsedResponse.countIn(connection.received())).isEqualTo(1_500);
  }
}
