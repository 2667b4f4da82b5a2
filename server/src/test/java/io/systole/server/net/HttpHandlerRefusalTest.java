// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of requests that can't be served. */
class HttpHandlerRefusalTest {
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  static Stream<Arguments> malformed() {
    String host = NetRig.HOST;
    return Stream.of(
        Arguments.of(400, "GET /\0 HTTP/1.1\r\n" + host),
        Arguments.of(400, "GET /%zz HTTP/1.1\r\n" + host),
        Arguments.of(400, "GET / HTTP/1.1\r\n\r\n"),
        // A fragment, on the fast path too: here it was taken for a part of the id.
        Arguments.of(400, "PUT /v2/apps/A/i#b?status=UP HTTP/1.1\r\n" + host),
        Arguments.of(400, "PUT /v2/apps/A/i?status=UP#b HTTP/1.1\r\n" + host),
        Arguments.of(400, "PUT /v2/apps/A/i HTTP/1.1\r\nContent-Length: -1\r\n" + host),
        Arguments.of(
            400, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + host + "1\r\nab\r\n"),
        Arguments.of(413, "POST /echo HTTP/1.1\r\nContent-Length: 1048577\r\n" + host),
        Arguments.of(413, "PUT /v2/apps/A/i HTTP/1.1\r\nContent-Length: 1048577\r\n" + host),
        Arguments.of(
            413, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + host + "100001\r\n"),
        Arguments.of(414, "GET /" + "a".repeat(8_200) + " HTTP/1.1\r\n" + host),
        Arguments.of(417, "POST /echo HTTP/1.1\r\nExpect: wonders\r\nContent-Length: 1\r\n" + host),
        Arguments.of(431, "GET / HTTP/1.1\r\nX: " + "a".repeat(17_000) + "\r\n" + host),
        Arguments.of(431, "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(101) + host),
        Arguments.of(501, "BREW / HTTP/1.1\r\n" + host),
        Arguments.of(501, "POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n" + host),
        Arguments.of(505, "GET / HTTP/2.0\r\n" + host));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void read_malformedRequest_isRefusedBehindTheResponsesPendingAndNothingFollows(
      int status, String malformed) {
    EmbeddedConnection connection = rig.connect();

    connection.read(
        NetRig.put("before") + NetRig.get("/slow/owed") + malformed + NetRig.put("after"));
    connection.read(NetRig.put("much-later"));
    int responsesBeforeSlow = Answer.countIn(connection.received());
    rig.deliverNext();

    List<Answer> responses = Answer.parseAll(connection.received());
    assertThat(responsesBeforeSlow).isEqualTo(1);
    assertThat(responses).extracting(Answer::status).containsExactly(200, 200, status);
    assertThat(responses.get(1).body()).isEqualTo("slow owed");
    assertThat(responses.get(2).body()).isEmpty();
    assertThat(responses.get(2).headers())
        .containsEntry("connection", "close")
        .containsEntry("content-length", "0");
    assertThat(rig.counters.refusals()).containsExactly(Map.entry(status, 1L));
    assertThat(rig.calls).containsExactly("renew A/before 7 client");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(connection.isOpen()).as("open for the peer to read").isTrue();
  }

  @Test
  void read_refusedAmidABody_givesItsBytesBackToTheBudget() {
    EmbeddedConnection connection = rig.connect();

    connection.read("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + NetRig.HOST
        + "4\r\nabcd\r\nnot a size");

    assertThat(Answer.statusesIn(connection.received())).containsExactly(400);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void read_endpointThrows_is500WithoutBodyAndTheConnectionStays() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/broken") + NetRig.put("after"));

    List<Answer> responses = Answer.parseAll(connection.received());
    assertThat(responses).extracting(Answer::status).containsExactly(500, 200);
    assertThat(responses.get(0).body()).isEmpty();
    assertThat(responses.get(0).headers()).doesNotContainKey("connection");
    assertThat(rig.counters.errors()).isEqualTo(1);
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  @Test
  void read_errorOnAWorker_doesNotLeaveItsPlaceUnanswered() {
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/broken-slow") + NetRig.put("after"));
    rig.deliverNext();

    assertThat(Answer.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(rig.counters.errors()).isEqualTo(1);
  }

  @Test
  void read_bodyAtItsBound_isTaken() {
    EmbeddedConnection connection = rig.connect();
    String body = "b".repeat(1_048_576);

    connection.read(NetRig.post("/echo", body));

    assertThat(Answer.parseAll(connection.received()).get(0).body()).isEqualTo(body);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void read_allBodiesTogetherOverTheirBound_is503ForTheOneTooMany() {
    useRig(Map.of("--max-bodies-bytes", "1048576"));
    String body = "b".repeat(900_000);
    String request = NetRig.post("/echo", body);
    EmbeddedConnection first = rig.connect();
    EmbeddedConnection second = rig.connect();

    first.read(request.substring(0, 800_000));
    second.read(request + NetRig.put("after"));
    first.read(request.substring(800_000));
    second.read(request);

    List<Answer> responses = Answer.parseAll(second.received());
    assertThat(responses).extracting(Answer::status).containsExactly(503, 200, 200);
    assertThat(responses.get(0).headers())
        .containsKey("retry-after")
        .doesNotContainKey("connection");
    assertThat(Answer.parseAll(first.received()).get(0).body()).isEqualTo(body);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void read_oneBodyWithinItsBound_isNotRefusedBecauseSpaceForItIsTakenByDoubling() {
    useRig(Map.of("--max-bodies-bytes", "1048576", "--max-body-bytes", "1048576"));
    EmbeddedConnection connection = rig.connect();
    String request = NetRig.post("/echo", "b".repeat(1_048_576));

    connection.read(request.substring(0, 1_200));
    connection.read(request.substring(1_200));

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200);
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void read_connectionLostAmidABody_givesItsBytesBackToTheBudget() {
    EmbeddedConnection connection = rig.connect();

    connection.read("POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + NetRig.HOST + "half");
    long heldBytes = rig.budget.held();
    connection.close();

    assertThat(heldBytes).isPositive();
    assertThat(rig.budget.held()).isZero();
  }

  @Test
  void read_peersHeadersOnAnotherRequestFirst_stillNameThePeerWhenRepeated() {
    EmbeddedConnection connection = rig.connect();
    String peer = " HTTP/1.1\r\nx-netflix-discovery-replication: true\r\n" + NetRig.HOST;
    String client = " HTTP/1.1\r\nx-netflix-discovery-replication: TRUE\r\n" + NetRig.HOST;

    connection.read("GET /nowhere" + peer + "PUT /v2/apps/A/1" + peer + "PUT /v2/apps/A/2" + peer);
    connection.read("GET /nowhere" + client + "PUT /v2/apps/A/3" + client);

    assertThat(rig.calls)
        .containsExactly("renew A/1 - peer", "renew A/2 - peer", "renew A/3 - client");
  }
}
