// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrowdResponseParserTest {
  private static final String REFUSED =
      "HTTP/1.1 503 \r\nretry-after: 7\r\nContent-Length: 3\r\n\r\nbad";

  private final CrowdResponseParser parser = new CrowdResponseParser();

  private void receive(String text) {
    parser.buffer().put(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void parse_responseInParts_isCompleteWithItsBody() throws IOException {
    receive(REFUSED.substring(0, 20));
    boolean isComplete = parser.parse();
    receive(REFUSED.substring(20, REFUSED.length() - 1));
    isComplete |= parser.parse();
    receive("d");

    assertThat(isComplete).isFalse();
    assertThat(parser.parse()).isTrue();
    assertThat(parser.status()).isEqualTo(503);
    assertThat(parser.retryAfterSecs()).isEqualTo(7);
    assertThat(parser.mustClose()).isFalse();
  }

  @Test
  void parse_nextResponse_discardsTheLast() throws IOException {
    receive(REFUSED + "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    parser.parse();

    assertThat(parser.parse()).isTrue();
    assertThat(parser.status()).isEqualTo(204);
    assertThat(parser.retryAfterSecs()).isZero();
    assertThat(parser.mustClose()).isTrue();
    assertThat(parser.buffer().position()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"HTTP/1.1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nfield\r\n\r\n"})
  void parse_notAResponse_fails(String text) {
    receive(text);

    assertThatThrownBy(() -> parser.parse()).isInstanceOf(IOException.class);
  }

  @Test
  void parse_longResponse_fails() {
    receive("HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n");

    assertThatThrownBy(() -> parser.parse()).hasMessage("response is too long");
  }
}
