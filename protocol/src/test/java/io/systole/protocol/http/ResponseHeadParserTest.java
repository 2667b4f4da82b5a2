// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ResponseHeadParserTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";

  private final ResponseHeadParser parser = new ResponseHeadParser(HttpLimits.DEFAULT);

  /** A head that must be refused, with the offset of the error. */
  record Refused(String name, String bytes, long offset) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refused> refusedHeads() {
    return Stream.of(
        new Refused("TLS alert", "\u0015\u0003\u0001", 0),
        new Refused("empty line first", "\r\n" + OK, 0),
        new Refused("HTTP/2", "HTTP/2.0 200 OK\r\n", 5),
        new Refused("two blanks", "HTTP/1.1  200 OK\r\n", 9),
        new Refused("status of two digits", "HTTP/1.1 20 OK\r\n", 11),
        new Refused("status of four digits", "HTTP/1.1 2000 OK\r\n", 12),
        new Refused("status below 100", "HTTP/1.1 099 OK\r\n", 9),
        new Refused("status above 599", "HTTP/1.1 600 OK\r\n", 9),
        new Refused("control in the reason", "HTTP/1.1 200 O\0\r\n", 14),
        new Refused("bare LF after the reason", "HTTP/1.1 200 OK\n", 15),
        new Refused("bare CR after the reason", "HTTP/1.1 200 OK\rA", 16),
        new Refused("bare LF after the status", "HTTP/1.1 200\n", 12),
        new Refused("folded value", OK + "A: b\r\n c\r\n\r\n", 23),
        new Refused("blank before the colon", OK + "A : b\r\n\r\n", 18),
        new Refused("bare LF after a value", OK + "A: b\n\r\n", 21),
        new Refused("two lengths", OK + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 36),
        new Refused("length of 19 digits", OK + "Content-Length: 1000000000000000000\r\n\r\n", 17),
        new Refused(
            "length and chunked",
            OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            36),
        new Refused("gzip, chunked", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n", 17),
        new Refused("chunked in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 17));
  }

  @ParameterizedTest
  @MethodSource("refusedHeads")
  void parse_badBytes_is502WithOffset(Refused refused) {
    byte[] bytes = HttpBytes.latin(refused.bytes());

    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> parser.parse(bytes, 0, bytes.length));

    assertThat(refusal).isNotNull();
    assertThat(refusal.status()).isEqualTo(502);
    assertThat(refusal.offset()).as(refusal.getMessage()).isEqualTo(refused.offset());
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1 200 OK, 200, true",
    "HTTP/1.1 404 Not Found, 404, true",
    "'HTTP/1.1 204 ', 204, true",
    "HTTP/1.1 204, 204, true",
    "HTTP/1.1 599 a\tb\u00E4, 599, true",
    "HTTP/1.0 100 Continue, 100, false",
    "HTTP/1.7 200 OK, 200, true"
  })
  void parse_statusLine_setsStatusAndVersion(String line, int status, boolean isHttp11)
      throws HttpParseException {
    parse(line + "\r\n\r\n");

    assertThat(parser.status()).isEqualTo(status);
    assertThat(parser.isHttp11()).isEqualTo(isHttp11);
  }

  @ParameterizedTest
  @CsvSource({
    "200, GET, '', true, true",
    "200, GET, Content-Length: 0, false, false",
    "200, GET, Content-Length: 1, true, false",
    "200, GET, Transfer-Encoding: chunked, true, false",
    "200, HEAD, Content-Length: 1, false, false",
    "200, HEAD, Transfer-Encoding: chunked, false, false",
    "200, HEAD, '', false, false",
    "100, PUT, '', false, false",
    "204, PUT, '', false, false",
    "204, PUT, Content-Length: 5, false, false",
    "304, GET, Content-Length: 5, false, false",
    "404, PUT, Content-Length: 0, false, false",
    "404, PUT, '', true, true"
  })
  void hasBody_statusMethodAndFields_followTheFramingRules(
      int status, HttpMethod method, String field, boolean hasBody, boolean isUntilClose)
      throws HttpParseException {
    parse("HTTP/1.1 " + status + " x\r\n" + (field.isEmpty() ? "" : field + "\r\n") + "\r\n");

    assertThat(parser.hasBody(method)).isEqualTo(hasBody);
    assertThat(parser.isUntilClose(method)).isEqualTo(isUntilClose);
  }

  @ParameterizedTest
  @CsvSource({
    "1, '', true",
    "1, Connection: Close, false",
    "1, 'Connection: a, close', false",
    "0, '', false",
    "0, Connection: keep-alive, true"
  })
  void keepAlive_versionAndConnection_followTheRules(int minor, String field, boolean keepAlive)
      throws HttpParseException {
    parse("HTTP/1." + minor + " 200 x\r\n" + (field.isEmpty() ? "" : field + "\r\n") + "\r\n");

    assertThat(parser.keepAlive()).isEqualTo(keepAlive);
  }

  @Test
  void header_ofTheLastHead_isFound() throws HttpParseException {
    parse(OK + "Content-Length: 12\r\nA: b\r\nA: c\r\n\r\n");

    assertThat(parser.header("a")).isEqualTo("b");
    assertThat(parser.header("b")).isNull();
    assertThat(parser.contentLength()).isEqualTo(12);
    assertThat(parser.isChunked()).isFalse();
  }

  @Test
  void contentLength_nextHeadHasNone_isAbsent() throws HttpParseException {
    parse(OK + "Content-Length: 12\r\n\r\n");

    parse(OK + "\r\n");

    assertThat(parser.contentLength()).isEqualTo(-1);
    assertThat(parser.header("Content-Length")).isNull();
  }

  @Test
  void parse_headOverTheLimit_is502() throws HttpParseException {
    ResponseHeadParser small = new ResponseHeadParser(new HttpLimits(1, 26, 1, 1, 2));
    byte[] fits = HttpBytes.latin(OK + "A: bc\r\n\r\n");
    byte[] exceeds = HttpBytes.latin(OK + "A: bcd\r\n\r\n");

    int end = small.parse(fits, 0, fits.length);
    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> small.parse(exceeds, 0, 26));

    assertThat(end).isEqualTo(26);
    assertThat(refusal).hasMessage("502 head exceeds headBytesMax=26 at offset 26");
  }

  @Test
  void parse_anySplit_sameHeads() throws HttpParseException {
    String first = "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n";
    String second = "HTTP/1.0 404\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\n";
    byte[] bytes = HttpBytes.latin(first + second);
    for (int cut = 0; cut <= bytes.length; cut++) {
      StringBuilder heads = new StringBuilder();

      int end = read(bytes, 0, cut, heads);
      end = read(bytes, end, bytes.length, heads);

      assertThat(end).as("cut at %d", cut).isEqualTo(bytes.length);
      assertThat(heads).as("cut at %d", cut).hasToString("200 -1 false b;404 7 true null;");
    }
  }

  @Test
  void parse_badBytesInAnySplit_sameError() {
    long seed = 20_260_103;
    Random random = new Random(seed);
    for (Refused refused : refusedHeads().toList()) {
      byte[] bytes = HttpBytes.latin(refused.bytes());
      for (int i = 0; i < 50; i++) {
        int cut = random.nextInt(bytes.length);

        HttpParseException refusal = catchThrowableOfType(HttpParseException.class, () -> {
          parser.parse(bytes, 0, cut);
          parser.parse(bytes, 0, bytes.length);
        });

        assertThat(refusal.offset()).as("%s cut at %d", refused, cut).isEqualTo(refused.offset());
      }
    }
  }

  private void parse(String head) throws HttpParseException {
    byte[] bytes = HttpBytes.latin(".." + head + "HTTP");
    assertThat(parser.parse(bytes, 2, bytes.length)).isEqualTo(2 + head.length());
  }

  /** Parses complete heads of {@code bytes[from, to)}, each from a new array. */
  private int read(byte[] bytes, int from, int to, StringBuilder heads) throws HttpParseException {
    int at = from;
    while (at < to) {
      byte[] copy = HttpBytes.latin("." + HttpBytes.latin(bytes, at, to));
      int end = parser.parse(copy, 1, copy.length);
      if (end == ResponseHeadParser.INCOMPLETE) {
        return at;
      }
      at += end - 1;
      heads.append(parser.status()).append(' ').append(parser.contentLength()).append(' ');
      heads.append(parser.keepAlive()).append(' ').append(parser.header("a")).append(';');
    }
    return at;
  }
}
