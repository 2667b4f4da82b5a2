// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the reuse of the header block of the previous request. */
final class RequestHeadMemoTest {
  private static final String HEADERS = "Host: a\r\nX-One: 1\r\nContent-Length: 2\r\n";

  private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
  private final RequestHead head = parser.head();

  @Test
  void parse_sameHeaders_areRepeatedAndReadable() throws HttpParseException {
    parse("PUT /a?b=c", "1.1", HEADERS);
    boolean first = head.headersRepeated();

    parse("DELETE /longer/path", "1.1", HEADERS);

    assertThat(first).isFalse();
    assertThat(head.headersRepeated()).isTrue();
    assertThat(head.method()).isEqualTo(HttpMethod.DELETE);
    assertThat(HttpBytes.latin(head.bytes(), head.pathStart(), head.pathEnd()))
        .isEqualTo("/longer/path");
    assertThat(head.queryStart()).isEqualTo(-1);
    assertThat(head.header("x-one")).isEqualTo("1");
    assertThat(head.headerIs("x-one", "1")).isTrue();
    assertThat(head.headerCount()).isEqualTo(3);
    assertThat(head.contentLength()).isEqualTo(2);
    assertThat(head.isHttp11()).isTrue();
    assertThat(head.keepAlive()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1.1, another value of the same length, 'Host: a|X-One: 2|Content-Length: 2|'",
    "1.1, another name of the same length, 'Host: a|X-Two: 1|Content-Length: 2|'",
    "1.1, another length, 'Host: a|X-One: 1|Content-Length: 3|'",
    "1.1, a prefix, 'Host: a|X-One: 1|'",
    "1.1, an additional field, 'Host: a|X-One: 1|Content-Length: 2|X-Three: 3|'",
    "1.1, another order, 'X-One: 1|Host: a|Content-Length: 2|'",
    "1.1, another case, 'host: a|X-One: 1|Content-Length: 2|'",
    "1.0, another version, 'Host: a|X-One: 1|Content-Length: 2|'"
  })
  void parse_otherHeaders_areParsed(String version, String change, String headers)
      throws HttpParseException {
    String lines = headers.replace("|", "\r\n");
    parse("PUT /a", "1.1", HEADERS);

    parse("PUT /a", version, lines);

    RequestHeadParser fresh = new RequestHeadParser(HttpLimits.DEFAULT);
    byte[] bytes = bytes("PUT /a", version, lines);
    fresh.parse(bytes, 0, bytes.length);
    assertThat(head.headersRepeated()).as(change).isFalse();
    assertThat(head.contentLength()).isEqualTo(fresh.head().contentLength());
    assertThat(head.headerCount()).isEqualTo(fresh.head().headerCount());
    assertThat(head.header("X-One")).isEqualTo(fresh.head().header("X-One"));
    assertThat(head.header("X-Two")).isEqualTo(fresh.head().header("X-Two"));
    assertThat(head.isHttp11()).isEqualTo(fresh.head().isHttp11());
  }

  @Test
  void parse_badHeadersAfterGood_areRefused() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    byte[] bytes = bytes("PUT /a", "1.1", HEADERS.replace("X-One: 1", "X-One: \0"));

    assertThatThrownBy(() -> parser.parse(bytes, 0, bytes.length))
        .hasMessageStartingWith("400 expected field text or CRLF, got byte 0x00");
  }

  @Test
  void parse_headersThatDifferInTheirLastByte_areRefused() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    byte[] bytes = bytes("PUT /a", "1.1", HEADERS);
    bytes[bytes.length - 1] = 'G';

    assertThatThrownBy(() -> parser.parse(bytes, 0, bytes.length))
        .hasMessageStartingWith("400 expected LF after CR, got 'G'");
  }

  @ParameterizedTest
  @CsvSource({
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
    "'Expect: 100-continue|Content-Length: 1'",
    "'Expect: 100-continue|Transfer-Encoding: chunked'"
  })
  void parse_framingThatIsNotPlain_isNotKept(String lines) throws HttpParseException {
    String headers = "Host: a\r\n" + lines.replace("|", "\r\n") + "\r\n";
    parse("PUT /a", "1.1", headers);

    parse("PUT /a", "1.1", headers);

    assertThat(head.headersRepeated()).isFalse();
    assertThat(head.isChunked()).isEqualTo(lines.contains("chunked"));
    assertThat(head.expectsContinue()).isEqualTo(lines.contains("Expect") && head.hasBody());
  }

  @Test
  void parse_plainHeadersAfterChunkedOnes_areNotRepeated() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    parse("PUT /a", "1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n");

    parse("PUT /a", "1.1", HEADERS);

    assertThat(head.headersRepeated()).isFalse();
    assertThat(head.isChunked()).isFalse();
    assertThat(head.contentLength()).isEqualTo(2);
  }

  /** The authority overrides Host, so values derived from an equal Host are not valid. */
  @ParameterizedTest
  @CsvSource({"/a, http://b/a", "http://a/a, http://b/a", "http://a/a, /a"})
  void parse_authorityBeforeTheSameHeaders_areNotRepeated(String first, String second)
      throws HttpParseException {
    parse("PUT " + first, "1.1", HEADERS);

    parse("PUT " + second, "1.1", HEADERS);

    assertThat(head.headersRepeated()).isFalse();
    assertThat(head.contentLength()).isEqualTo(2);
  }

  @Test
  void parse_sameHeadersOnAnotherConnection_areNotRepeated() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    parser.reset();

    parse("PUT /a", "1.1", HEADERS);

    assertThat(head.headersRepeated()).isFalse();
  }

  @Test
  void parse_headersLongerThanTheMemo_areParsedEachTime() throws HttpParseException {
    String headers = "Host: a\r\nA: " + "b".repeat(1024) + "\r\n";
    parse("PUT /a", "1.1", headers);

    parse("PUT /a", "1.1", headers);

    assertThat(head.headersRepeated()).isFalse();
    assertThat(head.header("A")).hasSize(1024);
  }

  @Test
  void parse_headersGrowingAndShrinking_areKept() throws HttpParseException {
    for (int size : new int[] {1, 900, 20, 500}) {
      String headers = "Host: a\r\nA: " + "b".repeat(size) + "\r\n";
      parse("PUT /a", "1.1", headers);
      parse("PUT /b", "1.1", headers);

      assertThat(head.headersRepeated()).as("size %d", size).isTrue();
      assertThat(head.header("A")).hasSize(size);
    }
  }

  @Test
  void parse_repeatedHeadersInSegments_areRepeated() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    byte[] bytes = bytes("PUT /b", "1.1", HEADERS);

    for (int to = 0; to < bytes.length; to++) {
      assertThat(parser.parse(bytes, 0, to)).isEqualTo(RequestHeadParser.INCOMPLETE);
    }
    int end = parser.parse(bytes, 0, bytes.length);

    assertThat(end).isEqualTo(bytes.length);
    assertThat(head.headersRepeated()).isTrue();
    assertThat(head.header("X-One")).isEqualTo("1");
  }

  @Test
  void parse_headersThatDifferInTheLastSegment_areParsed() throws HttpParseException {
    parse("PUT /a", "1.1", HEADERS);
    byte[] bytes = bytes("PUT /b", "1.1", "Host: a\r\nX-One: 1\r\nContent-Length: 7\r\n");

    int before = parser.parse(bytes, 0, bytes.length - 5);
    int end = parser.parse(bytes, 0, bytes.length);

    assertThat(before).isEqualTo(RequestHeadParser.INCOMPLETE);
    assertThat(end).isEqualTo(bytes.length);
    assertThat(head.headersRepeated()).isFalse();
    assertThat(head.contentLength()).isEqualTo(7);
  }

  private void parse(String request, String version, String headers) throws HttpParseException {
    byte[] bytes = bytes(request, version, headers);
    assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
  }

  private static byte[] bytes(String request, String version, String headers) {
    return HttpBytes.latin(request + " HTTP/" + version + "\r\n" + headers + "\r\n");
  }
}
