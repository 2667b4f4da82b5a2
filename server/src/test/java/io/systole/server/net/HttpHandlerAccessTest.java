// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Denied;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a web page can make a browser send. */
class HttpHandlerAccessTest {
  private static final String BEAT = "PUT /v2/apps/A/i?status=UP HTTP/1.1\r\n";
  private static final String FOREIGN = "Origin: http://evil\r\n" + HttpHandlerFixture.HOST;
  private static final String CROSS_SITE =
      "Sec-Fetch-Site: cross-site\r\n" + HttpHandlerFixture.HOST;

  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void allowHosts(String names) {
    fixture.close();
    fixture = new HttpHandlerFixture(Map.of("--allowed-hosts", names));
  }

  @ParameterizedTest
  @ValueSource(strings = {FOREIGN, CROSS_SITE})
  void read_postOfAForeignPage_isDeniedAndKeepsTheConnection(String fields) {
    EmbeddedConnection connection = fixture.connect();
    String request = "POST /v2/apps/A HTTP/1.1\r\nContent-Length: 8\r\n" + fields + "document";

    connection.read(request + HttpHandlerFixture.put("next"));

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responses).extracting(ParsedResponse::status).containsExactly(403, 200);
    assertThat(responses.get(0).body()).isEmpty();
    assertThat(fixture.calls).containsExactly("renew A/next 7 client");
    assertThat(fixture.quota.reserved()).isZero();
    assertThat(fixture.counters.denials(Denied.CROSS_SITE)
            + fixture.counters.denials(Denied.FOREIGN_ORIGIN))
        .isEqualTo(1);
  }

  /** The denial is cached while the header block repeats. */
  @ParameterizedTest
  @ValueSource(strings = {FOREIGN, CROSS_SITE})
  void read_heartbeatsOfAForeignPage_areDeniedWhileTheHeadersRepeat(String fields) {
    EmbeddedConnection connection = fixture.connect();

    connection.read((BEAT + fields).repeat(3));
    connection.read(BEAT + fields);

    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(403, 403, 403, 403);
    assertThat(fixture.calls).isEmpty();
  }

  @Test
  void read_readThenHeartbeatWithTheSameHeaders_onlyTheReadIsAnswered() {
    EmbeddedConnection connection = fixture.connect();

    connection.read("GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN + BEAT + FOREIGN
        + "GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN);
    connection.read(BEAT + HttpHandlerFixture.HOST + BEAT + FOREIGN);

    assertThat(ParsedResponse.statusesIn(connection.received()))
        .containsExactly(200, 403, 200, 200, 403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Origin: http://a\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: http://a\r\n",
        "Sec-Fetch-Site: none\r\n"
      })
  void read_sameOriginOrNoBrowser_isServed(String fields) {
    EmbeddedConnection connection = fixture.connect();

    connection.read(BEAT + fields + HttpHandlerFixture.HOST);
    connection.read("POST /v2/apps/A HTTP/1.1\r\nContent-Length: 1\r\n" + fields
        + HttpHandlerFixture.HOST + "d");

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 204);
  }

  /** Without CORS headers a browser denies PUT, DELETE and the response to a foreign page. */
  @Test
  void read_preflight_isAnsweredWithoutPermission() {
    EmbeddedConnection connection = fixture.connect();

    connection.read("OPTIONS /v2/apps/A/i HTTP/1.1\r\nAccess-Control-Request-Method: PUT\r\n"
        + CROSS_SITE + "GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN);

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(204, 200);
    assertThat(connection.received()).doesNotContainIgnoringCase("Access-Control");
  }

  @Test
  void read_hostIsNotListed_is421ForReadsAndHeartbeatsToo() {
    allowHosts("eureka");
    EmbeddedConnection connection = fixture.connect();
    String other = "Host: rebound.evil:8761\r\n\r\n";

    connection.read("GET /v2/apps/A/i HTTP/1.1\r\n" + other + BEAT + other + BEAT
        + "Host: eureka:8761\r\n\r\n");

    List<ParsedResponse> responses = ParsedResponse.parseAll(connection.received());
    assertThat(responses).extracting(ParsedResponse::status).containsExactly(421, 421, 200);
    assertThat(responses).extracting(ParsedResponse::body).containsOnly("");
    assertThat(connection.received()).startsWith("HTTP/1.1 421 Misdirected Request\r\n");
    assertThat(fixture.counters.denials(Denied.UNKNOWN_HOST)).isEqualTo(2);
  }

  /** A cached denial must not outlive its target, which is not part of the header block. */
  @Test
  void read_authorityNotListedBeforeTheSameFields_is421ForThatOneOnly() {
    allowHosts("eureka");
    EmbeddedConnection connection = fixture.connect();
    String fields = " HTTP/1.1\r\nHost: eureka\r\n\r\n";

    connection.read("GET /v2/apps/A/i" + fields + "GET http://evil/v2/apps/A/i" + fields
        + "GET /v2/apps/A/i" + fields);

    assertThat(ParsedResponse.statusesIn(connection.received())).containsExactly(200, 421, 200);
  }
}
