// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests each limit of a head, at and over the limit, in one call and byte by byte. */
final class RequestHeadLimitsTest {
  private static final HttpLimits LIMITS = new HttpLimits(20, 64, 3, 1, 2);

  private final RequestHeadParser parser = new RequestHeadParser(LIMITS);

  @Test
  void parse_targetAtItsLimit_isRead() throws HttpParseException {
    byte[] bytes = HttpBytes.latin("GET /" + "a".repeat(19) + " HTTP/1.0\r\n\r\n");

    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aaaaaaaaaaaaaaaaaaaa",
        "aaaa?aaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaa HTTP/1.0\r\n\r\n"
      })
  void parse_targetOverItsLimit_is414BeforeItsEnd(String target) {
    byte[] bytes = HttpBytes.latin("GET /" + target);

    HttpParseException refusal = refusalOf(bytes);

    assertThat(refusal).hasMessage("414 target exceeds targetBytesMax=20 at offset 24");
    assertThat(refusalByteByByte(bytes)).hasMessage(refusal.getMessage());
  }

  @Test
  void parse_headAtItsLimit_isRead() throws HttpParseException {
    byte[] bytes = head(64);

    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(64);
  }

  @Test
  void parse_headOverItsLimit_is431() {
    byte[] bytes = head(65);

    HttpParseException refusal = refusalOf(bytes);

    assertThat(refusal).hasMessage("431 head exceeds headBytesMax=64 at offset 64");
    assertThat(refusalByteByByte(bytes)).hasMessage(refusal.getMessage());
  }

  @Test
  void parse_incompleteHeadAtItsLimit_is431() throws HttpParseException {
    byte[] bytes = head(70);

    int before = parser.parse(bytes, 0, 63);
    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> parser.parse(bytes, 0, 64));

    assertThat(before).isEqualTo(RequestHeadParser.INCOMPLETE);
    assertThat(refusal.status()).isEqualTo(431);
  }

  @Test
  void parse_repeatedHeadersWithLongerTarget_is431() throws HttpParseException {
    byte[] fits = HttpBytes.latin("GET / HTTP/1.0\r\nA: " + "b".repeat(36) + "\r\n\r\n");
    byte[] exceeds = HttpBytes.latin("GET /123456 HTTP/1.0\r\nA: " + "b".repeat(36) + "\r\n\r\n");

    int end = parser.parse(fits, 0, fits.length);
    HttpParseException refusal = refusalOf(exceeds);

    assertThat(end).isEqualTo(59);
    assertThat(refusal.status()).isEqualTo(431);
  }

  @Test
  void parse_emptyLinesOverTheHeadLimit_is431() {
    byte[] bytes = HttpBytes.latin("\r\n".repeat(40));

    HttpParseException refusal = refusalOf(bytes);

    assertThat(refusal).hasMessage("431 head exceeds headBytesMax=64 at offset 64");
    assertThat(refusalByteByByte(bytes)).hasMessage(refusal.getMessage());
  }

  @Test
  void parse_headersAtTheirLimit_areRead() throws HttpParseException {
    byte[] bytes = HttpBytes.latin("GET / HTTP/1.0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n");

    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    assertThat(parser.head().headerCount()).isEqualTo(3);
  }

  @Test
  void parse_headersOverTheirLimit_is431() {
    byte[] bytes = HttpBytes.latin("GET / HTTP/1.0\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\n");

    HttpParseException refusal = refusalOf(bytes);

    assertThat(refusal).hasMessage("431 field lines exceed headersMax=3 at offset 34");
    assertThat(refusalByteByByte(bytes)).hasMessage(refusal.getMessage());
  }

  @Test
  void parse_afterAnError_parsesANewHead() throws HttpParseException {
    refusalOf(head(70));
    byte[] bytes = head(64);

    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(64);
  }

  private static byte[] head(int size) {
    String line = "GET / HTTP/1.0\r\nA: ";
    return HttpBytes.latin(line + "b".repeat(size - line.length() - 4) + "\r\n\r\n");
  }

  private HttpParseException refusalOf(byte[] bytes) {
    return catchThrowableOfType(
        HttpParseException.class, () -> parser.parse(bytes, 0, bytes.length));
  }

  private HttpParseException refusalByteByByte(byte[] bytes) {
    return catchThrowableOfType(HttpParseException.class, () -> {
      for (int to = 0; to <= bytes.length; to++) {
        parser.parse(bytes, 0, to);
      }
    });
  }
}
