// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatMatcherTest {
  private final HeartbeatMatcher matcher =
      new HeartbeatMatcher(List.of("/v2", "/eureka", "/eureka/v2"));
  private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
  private final HeartbeatRequest target = new HeartbeatRequest();

  @ParameterizedTest
  @CsvSource({
    "/v2/apps/DEMO/i-1, DEMO, i-1",
    "/eureka/apps/demo/h1:demo:8080, demo, h1:demo:8080",
    "/eureka/v2/apps/A/B/, A, B",
    "'/v2/apps/a.b/c,d', a.b, 'c,d'",
    "/v2/apps/A/B?, A, B",
    "/v2/apps/A/B?status=, A, B",
    "/v2/apps/A/B?status=UP&status=DOWN, A, B"
  })
  void matches_plainHeartbeat_findsAppAndId(String path, String app, String id)
      throws HttpParseException {
    assertThat(admits("PUT", path, "")).isTrue();

    assertThat(text(target.appFrom(), target.slash())).isEqualTo(app);
    assertThat(text(target.slash() + 1, target.idTo())).isEqualTo(id);
    assertThat(target.hasTimestamp()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "status=UP&lastDirtyTimestamp=1700000000000, 1700000000000",
    "lastDirtyTimestamp=17&status=UP, 17",
    "lastDirtyTimestamp=0, 0",
    "status=UP&lastDirtyTimestamp=999999999999999999&, 999999999999999999"
  })
  void matches_withTimestamp_readsIt(String query, long expectedMs) throws HttpParseException {
    assertThat(admits("PUT", "/v2/apps/A/B?" + query, "")).isTrue();

    assertThat(target.hasTimestamp()).isTrue();
    assertThat(target.timestampMs()).isEqualTo(expectedMs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/apps/A",
        "/v2/apps/A/",
        "/v2/apps//B",
        "/v2/apps/A//",
        "/v2/apps/A/B/C",
        "/v2/apps/A/B/status",
        "/v2/apps/A/B%3A",
        "/v2/apps/A/B;a=b",
        "/v2/app/A/B",
        "/v1/apps/A/B",
        "/V2/apps/A/B",
        "//v2/apps/A/B",
        "/v2//apps/A/B",
        "/v2/apps/A/B?lastDirtyTimestamp=",
        "/v2/apps/A/B?lastDirtyTimestamp=-1",
        "/v2/apps/A/B?lastDirtyTimestamp=%2B1",
        "/v2/apps/A/B?lastDirtyTimestamp=1e3",
        "/v2/apps/A/B?lastDirtyTimestamp=1234567890123456789",
        "/v2/apps/A/B?lastDirtyTimestamp=1&lastDirtyTimestamp=2",
        "/v2/apps/A/B?lastDirtyTimestamp",
        "/v2/apps/A/B?overriddenstatus=UP",
        "/v2/apps/A/B?status=UP&x=y"
      })
  void matches_requestThatNeedsDecoding_isFalse(String target) throws HttpParseException {
    assertThat(admits("PUT", target, "")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "DELETE", "HEAD"})
  void matches_otherMethods_isFalse(String method) throws HttpParseException {
    assertThat(admits(method, "/v2/apps/A/B", "")).isFalse();
  }

  @Test
  void matches_peer_isFalse() throws HttpParseException {
    String peer = "X-Netflix-Discovery-Replication: true\r\n";

    assertThat(admits("PUT", "/v2/apps/A/B", peer)).isFalse();
    assertThat(admits("PUT", "/v2/apps/A/B", peer)).isFalse();
    assertThat(admits("PUT", "/v2/apps/A/B", "")).isTrue();
  }

  @Test
  void matches_requestForTheHandleOfTheLease_isFalse() throws HttpParseException {
    String field = "Systole-Lease: ?\r\n";

    assertThat(admits("PUT", "/v2/apps/A/B", field)).isFalse();
    assertThat(admits("PUT", "/v2/apps/A/B", field)).isFalse();
    assertThat(admits("PUT", "/v2/apps/A/B", "")).isTrue();
  }

  @Test
  void matches_peerHeaderOfOtherCase_isTrue() throws HttpParseException {
    assertThat(admits("PUT", "/v2/apps/A/B", "x-netflix-discovery-replication: TRUE\r\n"))
        .isTrue();
  }

  @Test
  void matches_heartbeatWithRepeatedPeerHeaders_isFalse() throws HttpParseException {
    String peer = "x-netflix-discovery-replication: true\r\n";
    assertThat(admits("GET", "/v2/apps/A/B", peer)).isFalse();

    assertThat(admits("PUT", "/v2/apps/A/B", peer)).isFalse();
  }

  private boolean admits(String method, String path, String headers) throws HttpParseException {
    byte[] bytes = (method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    return matcher.matches(parser.head(), target);
  }

  private String text(int from, int to) {
    return new String(target.bytes(), from, to - from, StandardCharsets.US_ASCII);
  }
}
