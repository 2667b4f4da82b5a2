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

/** Requests that are refused or fail. */
class HttpHandlerRefusalTest {
  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void useFixture(Map<String, String> flags) {
    fixture.close();
    fixture = new HttpHandlerFixture(flags);
  }

  static Stream<Arguments> malformed() {
    String host = HttpHandlerFixture.HOST;
    return Stream.of(
        Arguments.of(400, "GET /\0 HTTP/1.1\r\n" + host),
        Arguments.of(400, "GET /%zz HTTP/1.1\r\n" + host),
        Arguments.of(400, "GET / HTTP/1.1\r\n\r\n"),
        // A fragment, which the fast path once took for a part of the id.
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
  void read_malformedRequest_isRefusedAfterPendingResponsesAndNothingFollows(
      int status, String malformed) {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.put("before")
        + HttpHandlerFixture.get("/slow/owed")
        + malformed
        + HttpHandlerFixture.put("after"));
    connection.read(HttpHandlerFixture.put("much-later"));
    int responsesBeforeSlow = ParsedResponse.countIn(connection.received());
    fixture.runNextTask();

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responsesBeforeSlow).isEqualTo(1);
    assertThat(responses).extracting(ParsedResponse::status).containsExactly(200, 200, status);
    assertThat(responses.get(1).body()).isEqualTo("slow owed");
    assertThat(responses.get(2).body()).isEmpty();
    assertThat(responses.get(2).headers())
        .containsEntry("connection", "close")
        .containsEntry("content-length", "0");
    assertThat(fixture.counters.refusals()).containsExactly(Map.entry(status, 1L));
    assertThat(fixture.calls).containsExactly("renew A/before 7 client");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(connection.isOpen()).as("open for the peer to read").isTrue();
  }

  @Test
  void read_malformedChunkSize_releasesBodyQuota() {
    EmbeddedConnection connection = fixture.connect();

    connection.read("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
        + HttpHandlerFixture.HOST + "4\r\nabcd\r\nnot a size");

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(400);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_handlerThrows_is500WithoutBodyAndKeepsTheConnection() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/broken") + HttpHandlerFixture.put("after"));

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responses).extracting(ParsedResponse::status).containsExactly(500, 200);
    assertThat(responses.get(0).body()).isEmpty();
    assertThat(responses.get(0).headers()).doesNotContainKey("connection");
    assertThat(fixture.counters.errors()).isEqualTo(1);
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  @Test
  void read_errorOnAWorker_is500() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/broken-slow") + HttpHandlerFixture.put("after"));
    fixture.runNextTask();

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(500, 200);
    assertThat(fixture.counters.errors()).isEqualTo(1);
  }

  @Test
  void read_bodyOfMaximumSize_isAccepted() {
    EmbeddedConnection connection = fixture.connect();
    String body = "b".repeat(1_048_576);

    connection.read(HttpHandlerFixture.post("/echo", body));

    assertThat(ParsedResponse.parseAll(connection.received()).get(0).body()).isEqualTo(body);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_bodiesOverTheTotalQuota_is503ForTheExcessOne() {
    useFixture(Map.of("--max-bodies-size", "1MiB"));
    String body = "b".repeat(900_000);
    String request = HttpHandlerFixture.post("/echo", body);
    EmbeddedConnection first = fixture.connect();
    EmbeddedConnection second = fixture.connect();

    first.read(request.substring(0, 800_000));
    second.read(request + HttpHandlerFixture.put("after"));
    first.read(request.substring(800_000));
    second.read(request);

    List<ParsedResponse> responses = ParsedResponse.parseAll(second.received());
    assertThat(responses).extracting(ParsedResponse::status).containsExactly(503, 200, 200);
    assertThat(responses.get(0).headers())
        .containsKey("retry-after")
        .doesNotContainKey("connection");
    assertThat(ParsedResponse.parseAll(first.received()).get(0).body()).isEqualTo(body);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_bodyOverTheQuotaBetweenHeartbeats_isAnsweredInOrder() {
    useFixture(Map.of("--max-bodies-size", "1MiB", "--max-body-size", "1MiB"));
    String longest = HttpHandlerFixture.post("/echo", "b".repeat(1_048_576));
    EmbeddedConnection first = fixture.connect();
    EmbeddedConnection second = fixture.connect();

    first.read(longest.substring(0, longest.length() - 1));
    second.read(HttpHandlerFixture.put("i-1")
        + HttpHandlerFixture.post("/echo", "b".repeat(10_000))
        + HttpHandlerFixture.put("i-2"));

    assertThat(ParsedResponse.statusesIn(second.received())).containsExactly(200, 503, 200);
  }

  @Test
  void read_bodyWithinTheQuota_isNotRefusedByDoubledCapacity() {
    useFixture(Map.of("--max-bodies-size", "1MiB", "--max-body-size", "1MiB"));
    EmbeddedConnection connection = fixture.connect();
    String request = HttpHandlerFixture.post("/echo", "b".repeat(1_048_576));

    connection.read(request.substring(0, 1_200));
    connection.read(request.substring(1_200));

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_connectionLostDuringABody_releasesItsQuota() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(
        "POST /echo HTTP/1.1\r\nContent-Length: 5000\r\n" + HttpHandlerFixture.HOST + "half");
    long heldBytes = fixture.quota.reserved();
    connection.close();

    assertThat(heldBytes).isPositive();
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_peerHeadersRepeatedFromAnotherRequest_areStillAPeers() {
    EmbeddedConnection connection = fixture.connect();
    String peer =
        " HTTP/1.1\r\nx-netflix-discovery-replication: true\r\n" + HttpHandlerFixture.HOST;
    String client =
        " HTTP/1.1\r\nx-netflix-discovery-replication: TRUE\r\n" + HttpHandlerFixture.HOST;

    connection.read("GET /nowhere" + peer + "PUT /v2/apps/A/1" + peer + "PUT /v2/apps/A/2" + peer);
    connection.read("GET /nowhere" + client + "PUT /v2/apps/A/3" + client);

    assertThat(fixture.calls)
        .containsExactly("renew A/1 - peer", "renew A/2 - peer", "renew A/3 - client");
  }
}
