// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Framing of single responses and persistence of their connection. */
class HttpHandlerTest {
  private final HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, ,           true,",
    "1.1, keep-alive, true,",
    "1.1, close,      false, close",
    "1.0, ,           false, close",
    "1.0, keep-alive, true,  keep-alive",
    "1.0, close,      false, close",
  })
  void read_versionAndConnectionField_determinePersistence(
      String version, String requested, boolean stays, String reported) {
    EmbeddedConnection connection = fixture.connect();
    String fields = requested == null
        ? HttpHandlerFixture.HOST
        : "Connection: " + requested + "\r\n" + HttpHandlerFixture.HOST;

    connection.read("PUT /v2/apps/A/i-1 HTTP/" + version + "\r\n" + fields);
    connection.read("PUT /v2/apps/A/i-2 HTTP/" + version + "\r\n" + fields);

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responses).hasSize(stays ? 2 : 1);
    assertThat(responses.get(0).headers().get("connection")).isEqualTo(reported);
    assertThat(connection.isOutputShutdown()).isEqualTo(!stays);
    assertThat(fixture.calls).hasSize(stays ? 2 : 1);
  }

  @Test
  void read_slowRouteOnClosingConnection_isAnsweredBeforeTheClose() {
    EmbeddedConnection connection = fixture.connect();

    connection.read("GET /slow/1 HTTP/1.0\r\n\r\n");
    boolean endedBefore = connection.isOutputShutdown();
    fixture.runNextTask();

    assertThat(endedBefore).isFalse();
    assertThat(ParsedResponse.parseAll(connection.received()).get(0).body()).isEqualTo("slow 1");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void read_head_hasContentLengthAndNoBody() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(
        "HEAD /big HTTP/1.1\r\n" + HttpHandlerFixture.HOST + HttpHandlerFixture.put("next"));

    assertThat(connection.received())
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("\r\nContent-Length: 20000\r\n")
        .containsPattern("\r\n\r\nHTTP/1.1 200 OK\r\n")
        .doesNotContain("0123456789");
  }

  @Test
  void read_registration_is204WithoutContentLength() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.post("/v2/apps/A", "{}"));

    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(204);
    assertThat(callback.headers()).doesNotContainKeys("content-length", "content-type");
    assertThat(fixture.calls).containsExactly("register A {}");
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(404, HttpHandlerFixture.put("unknown")),
        Arguments.of(404, HttpHandlerFixture.put("%75nknown")),
        Arguments.of(404, "PUT /elsewhere HTTP/1.1\r\n" + HttpHandlerFixture.HOST),
        Arguments.of(405, "PUT /big HTTP/1.1\r\n" + HttpHandlerFixture.HOST),
        Arguments.of(405, "DELETE /v2/apps/A/i-1 HTTP/1.1\r\n" + HttpHandlerFixture.HOST));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void read_error_hasEmptyBodyAndContentLength0(int status, String request) {
    EmbeddedConnection connection = fixture.connect();

    connection.read(request);

    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(status);
    assertThat(callback.body()).isEmpty();
    assertThat(callback.headers())
        .containsEntry("content-length", "0")
        .doesNotContainKey("content-type");
  }

  @Test
  void read_expectContinue_receivesInterimAndFinalResponseInOrder() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/slow/1")
        + "POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"
        + HttpHandlerFixture.HOST);
    String whileSlow = connection.received();
    fixture.runNextTask();
    String beforeBody = connection.received();
    connection.read("hello");

    assertThat(whileSlow).isEmpty();
    assertThat(beforeBody).contains("slow 1").endsWith("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 100, 200);
    assertThat(connection.received()).endsWith("\r\n\r\nhello");
  }

  @Test
  void read_expectContinueOnHeartbeat_isAnsweredBeforeItsBodyToo() {
    EmbeddedConnection connection = fixture.connect();

    connection.read("PUT /v2/apps/A/i-1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
        + HttpHandlerFixture.HOST);
    String beforeBody = connection.received();
    connection.read("{}");

    assertThat(beforeBody).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(100, 200);
    assertThat(fixture.calls).containsExactly("renew A/i-1 - client");
  }

  @Test
  void read_responsesWithAndWithoutBody_carryTheDateOfTheClock() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.put("i-1") + HttpHandlerFixture.get("/big"));
    fixture.clock.stepWallTo(ManualClock.START_WALL_MS + 61_000);
    fixture.context.preencoded.refresh(fixture.clock.wallMs());
    connection.read(HttpHandlerFixture.put("i-1") + HttpHandlerFixture.get("/big"));

    assertThat(ParsedResponse.parseAll(connection.received()))
        .extracting(callback -> callback.headers().get("date"))
        .containsExactly(
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "Thu, 01 Jan 2026 00:01:01 GMT",
            "Thu, 01 Jan 2026 00:01:01 GMT");
  }

  @Test
  void deliver_responseAfterSeconds_carriesTheDateOfItsDelivery() {
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/slow/1"));
    fixture.clock.stepWallTo(ManualClock.START_WALL_MS + 61_000);
    fixture.runNextTask();

    assertThat(connection.received()).contains("\r\nDate: Thu, 01 Jan 2026 00:01:01 GMT\r\n");
  }

  @Test
  void read_requestsAndBytes_areCounted() {
    EmbeddedConnection connection = fixture.connect();
    String request = HttpHandlerFixture.put("i-1");

    connection.read(request + HttpHandlerFixture.get("/big"));

    assertThat(fixture.counters.requests()).isEqualTo(2);
    assertThat(fixture.counters.bytesRead())
        .isEqualTo(request.length() + HttpHandlerFixture.get("/big").length());
    assertThat(fixture.counters.bytesWritten()).isEqualTo(connection.received().length());
  }
}
