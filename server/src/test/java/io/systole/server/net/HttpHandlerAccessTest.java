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

/** What a web page can make its reader's browser send. */
class HttpHandlerAccessTest {
  private static final String BEAT = "PUT /v2/apps/A/i?status=UP HTTP/1.1\r\n";
  private static final String FOREIGN = "Origin: http://evil\r\n" + NetRig.HOST;
  private static final String CROSS_SITE = "Sec-Fetch-Site: cross-site\r\n" + NetRig.HOST;

  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void allowHosts(String names) {
    rig.close();
    rig = new NetRig(Map.of("--allowed-hosts", names));
  }

  @ParameterizedTest
  @ValueSource(strings = {FOREIGN, CROSS_SITE})
  void read_postOfAForeignPage_isDeniedWithItsBodyDroppedAndTheConnectionStays(String fields) {
    EmbeddedConnection connection = rig.connect();
    String request = "POST /v2/apps/A HTTP/1.1\r\nContent-Length: 8\r\n" + fields + "document";

    connection.read(request + NetRig.put("next"));

    List<Answer> responses = Answer.parseAll(connection.received());
    assertThat(responses).extracting(Answer::status).containsExactly(403, 200);
    assertThat(responses.get(0).body()).isEmpty();
    assertThat(rig.calls).containsExactly("renew A/next 7 client");
    assertThat(rig.budget.held()).isZero();
    assertThat(
            rig.counters.denials(Denied.CROSS_SITE) + rig.counters.denials(Denied.FOREIGN_ORIGIN))
        .isEqualTo(1);
  }

  /** The header fields are looked at once, and remembered with the block that repeats. */
  @ParameterizedTest
  @ValueSource(strings = {FOREIGN, CROSS_SITE})
  void read_heartbeatsOfAForeignPage_areDeniedHoweverOftenTheHeadersRepeat(String fields) {
    EmbeddedConnection connection = rig.connect();

    connection.read((BEAT + fields).repeat(3));
    connection.read(BEAT + fields);

    assertThat(Answer.statusesIn(connection.received())).containsExactly(403, 403, 403, 403);
    assertThat(rig.calls).isEmpty();
  }

  @Test
  void read_readThenHeartbeatWithTheSameHeaders_onlyTheReadIsAnswered() {
    EmbeddedConnection connection = rig.connect();

    connection.read("GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN + BEAT + FOREIGN
        + "GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN);
    connection.read(BEAT + NetRig.HOST + BEAT + FOREIGN);

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 403, 200, 200, 403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Origin: http://a\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: http://a\r\n",
        "Sec-Fetch-Site: none\r\n"
      })
  void read_ownPageOrNoBrowser_isServed(String fields) {
    EmbeddedConnection connection = rig.connect();

    connection.read(BEAT + fields + NetRig.HOST);
    connection.read(
        "POST /v2/apps/A HTTP/1.1\r\nContent-Length: 1\r\n" + fields + NetRig.HOST + "d");

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 204);
  }

  /** Without these a browser sends no PUT and no DELETE, and shows no answer, to a foreign page. */
  @Test
  void read_preflight_isAnsweredWithoutPermission() {
    EmbeddedConnection connection = rig.connect();

    connection.read("OPTIONS /v2/apps/A/i HTTP/1.1\r\nAccess-Control-Request-Method: PUT\r\n"
        + CROSS_SITE + "GET /v2/apps/A/i HTTP/1.1\r\n" + FOREIGN);

    assertThat(Answer.statusesIn(connection.received())).containsExactly(204, 200);
    assertThat(connection.received()).doesNotContainIgnoringCase("Access-Control");
  }

  @Test
  void read_hostIsNotListed_is421ForReadsAndHeartbeatsToo() {
    allowHosts("eureka");
    EmbeddedConnection connection = rig.connect();
    String other = "Host: rebound.evil:8761\r\n\r\n";

    connection.read("GET /v2/apps/A/i HTTP/1.1\r\n" + other + BEAT + other + BEAT
        + "Host: eureka:8761\r\n\r\n");

    List<Answer> responses = Answer.parseAll(connection.received());
    assertThat(responses).extracting(Answer::status).containsExactly(421, 421, 200);
    assertThat(responses).extracting(Answer::body).containsOnly("");
    assertThat(connection.received()).startsWith("HTTP/1.1 421 Misdirected Request\r\n");
    assertThat(rig.counters.denials(Denied.UNKNOWN_HOST)).isEqualTo(2);
  }

  /** The denial of a head is kept while its fields are repeated, and the target is none of them. */
  @Test
  void read_authorityNotListedBeforeTheSameFields_is421ForThatOneOnly() {
    allowHosts("eureka");
    EmbeddedConnection connection = rig.connect();
    String fields = " HTTP/1.1\r\nHost: eureka\r\n\r\n";

    connection.read("GET /v2/apps/A/i" + fields + "GET http://evil/v2/apps/A/i" + fields
        + "GET /v2/apps/A/i" + fields);

    assertThat(Answer.statusesIn(connection.received())).containsExactly(200, 421, 200);
  }
}
