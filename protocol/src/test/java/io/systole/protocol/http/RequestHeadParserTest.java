// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class RequestHeadParserTest {
  private static final String HOST = "Host: a\r\n";
  private static final String KEEP = "Connection: Keep-Alive\r\n";
  private static final String REQUEST_LINE = "PUT /apps HTTP/1.1\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);

  /** A head that must be refused, with the offset of the error. */
  record Refused(String name, String bytes, int status, long offset) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A valid head with the expected value of one of its properties. */
  record Read(String name, String bytes, Function<RequestHead, Object> property, Object expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Refused> refusedHeads() {
    return Stream.of(
        // The request line, RFC 9112 §3.
        new Refused("TLS hello", "\u0016\u0003\u0001", 400, 0),
        new Refused("empty method", " / HTTP/1.1\r\n", 400, 0),
        new Refused("blank before the method", " GET / HTTP/1.1\r\n", 400, 0),
        new Refused("LF before the method", "\nGET / HTTP/1.1\r\n", 400, 0),
        new Refused("CR before the method", "\rGET / HTTP/1.1\r\n", 400, 1),
        new Refused("method that is no token", "G(T / HTTP/1.1\r\n", 400, 1),
        new Refused("method and HTAB", "GET\t/ HTTP/1.1\r\n", 400, 3),
        new Refused("method and CRLF", "GET\r\n", 400, 3),
        new Refused("unknown method", "BREW / HTTP/1.1\r\n", 501, 0),
        new Refused("method in lower case", "get / HTTP/1.1\r\n", 501, 0),
        new Refused("method of seven unknown letters", "GETGETG / HTTP/1.1\r\n", 501, 0),
        new Refused("incomplete method longer than any", "GETGETGE", 501, 0),
        new Refused("unknown method after an empty line", "\r\nBREW / HTTP/1.1\r\n", 501, 2),
        new Refused("CONNECT", "CONNECT a:80 HTTP/1.1\r\n", 501, 0),
        new Refused("two blanks before the target", "GET  / HTTP/1.1\r\n", 400, 4),
        new Refused("two blanks after the target", "GET /  HTTP/1.1\r\n", 400, 6),
        new Refused("HTAB after the target", "GET /\tHTTP/1.1\r\n", 400, 5),
        new Refused("HTTP/0.9", "GET /\r\n", 400, 5),
        new Refused("HTTP/0.9 with a blank", "GET / \r\n", 400, 6),
        new Refused("NUL in the target", "GET /a\0b HTTP/1.1\r\n", 400, 6),
        new Refused("DEL in the target", "GET /a\u007Fb HTTP/1.1\r\n", 400, 6),
        new Refused("raw UTF-8 in the target", "GET /\u00C3\u00A4 HTTP/1.1\r\n", 400, 5),
        new Refused("raw byte far into a query", "GET /0123456789?0123456789\u00FF H", 400, 26),
        new Refused("LF in the target", "GET /a\nHost: b HTTP/1.1\r\n", 400, 6),
        // Fragments must not be taken for a part of the name.
        new Refused("fragment of a path", "GET /v2/apps/a#b HTTP/1.1\r\n", 400, 14),
        new Refused("fragment of a query", "GET /v2/apps?a=b#c HTTP/1.1\r\n", 400, 16),
        new Refused("fragment of an absolute target", "GET http://a/#b HTTP/1.1\r\n", 400, 13),
        new Refused("nothing but a fragment", "GET # HTTP/1.1\r\n", 400, 4),
        // Forms of the target, RFC 9112 §3.2.
        new Refused("target without slash", "GET apps HTTP/1.1\r\n", 400, 4),
        new Refused("asterisk with GET", "GET * HTTP/1.1\r\n", 400, 4),
        new Refused("asterisk and text", "OPTIONS *a HTTP/1.1\r\n", 400, 8),
        new Refused("asterisk with a query", "OPTIONS *?a HTTP/1.1\r\n", 400, 8),
        new Refused("unknown scheme", "GET ftp://a/b HTTP/1.1\r\n", 400, 4),
        new Refused("absolute form without host", "GET http:///b HTTP/1.1\r\n", 400, 11),
        new Refused("absolute form with a port only", "GET http://:80/b HTTP/1.1\r\n", 400, 11),
        new Refused("absolute form with a name in []", "GET http://[a.b]/c HTTP/1.1\r\n", 400, 11),
        new Refused("absolute form with two ports", "GET http://a:1:2/b HTTP/1.1\r\n", 400, 14),
        new Refused("absolute form with user", "GET http://me@a/b HTTP/1.1\r\n", 400, 13),
        new Refused("authority form", "GET a:80 HTTP/1.1\r\n", 400, 4),
        // The version, RFC 9112 §2.3, and its line end.
        new Refused("version in lower case", "GET / http/1.1\r\n", 400, 6),
        new Refused("version of one digit", "GET / HTTP/1\r\n", 400, 12),
        new Refused("version 1.11", "GET / HTTP/1.11\r\n", 400, 14),
        new Refused("version 2.0", "GET / HTTP/2.0\r\n", 505, 6),
        new Refused("version 1.2", "GET / HTTP/1.2\r\n", 505, 6),
        new Refused("version 0.9", "GET / HTTP/0.9\r\n", 505, 6),
        new Refused("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501, 0),
        new Refused("blank after the version", "GET / HTTP/1.1 \r\n", 400, 14),
        new Refused("bare LF after the version", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, 14),
        new Refused("bare CR after the version", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400, 15),
        // Field lines, RFC 9112 §5.
        new Refused("blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, 16),
        fields("folded value", HOST + "A: b\r\n c\r\n\r\n", 400, 15),
        fields("folded value by HTAB", HOST + "A: b\r\n\tc\r\n\r\n", 400, 15),
        fields("blank before the colon", HOST + "A : b\r\n\r\n", 400, 10),
        fields("no colon", HOST + "A\r\n\r\n", 400, 10),
        fields("empty name", HOST + ": b\r\n\r\n", 400, 9),
        fields("name that is no token", HOST + "A(b: c\r\n\r\n", 400, 10),
        fields("name with a byte over 127", HOST + "A\u00E4: c\r\n\r\n", 400, 10),
        fields("NUL in a value", HOST + "A: b\0c\r\n\r\n", 400, 13),
        fields("control in a value", HOST + "A: b\u0001c\r\n\r\n", 400, 13),
        fields("DEL in a value", HOST + "A: b\u007Fc\r\n\r\n", 400, 13),
        fields("bare LF after a value", HOST + "A: b\nC: d\r\n\r\n", 400, 13),
        fields("bare CR in a value", HOST + "A: b\rC: d\r\n\r\n", 400, 14),
        fields("bare LF as the empty line", HOST + "\n", 400, 9),
        fields("bare CR as the empty line", HOST + "\rA", 400, 10),
        // Host, RFC 9112 §3.2.
        fields("no Host", "A: b\r\n\r\n", 400, 6),
        fields("two Hosts", HOST + "hOST: a\r\n\r\n", 400, 9),
        fields("Host with a path", "Host: a/b\r\n\r\n", 400, 0),
        fields("Host with a name in brackets", "Host: [evil.com]\r\n\r\n", 400, 0),
        fields("Host with hex digits in brackets", "Host: [dead.be]\r\n\r\n", 400, 0),
        fields("Host with an open bracket", "Host: [evil\r\n\r\n", 400, 0),
        fields("Host with an open address", "Host: [::1\r\n\r\n", 400, 0),
        fields("Host with text after an address", "Host: [::1]evil\r\n\r\n", 400, 0),
        fields("Host with a port of letters", "Host: evil:eureka\r\n\r\n", 400, 0),
        fields("Host with two ports", "Host: a:1:2\r\n\r\n", 400, 0),
        fields("Host with a user", "Host: me@a\r\n\r\n", 400, 0),
        fields("Host with a blank inside", "Host: a b\r\n\r\n", 400, 0),
        new Refused("two Hosts in 1.0", "GET / HTTP/1.0\r\n" + HOST + HOST + "\r\n", 400, 25),
        // Content-Length, RFC 9112 §6.3, RFC 9110 §8.6.
        fields(
            "two equal lengths", HOST + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400, 28),
        fields("list of equal lengths", HOST + "Content-Length: 5, 5\r\n\r\n", 400, 9),
        fields("length with a plus", HOST + "Content-Length: +5\r\n\r\n", 400, 9),
        fields("length with a minus", HOST + "Content-Length: -5\r\n\r\n", 400, 9),
        fields("length in hexadecimal", HOST + "Content-Length: 0x5\r\n\r\n", 400, 9),
        fields("length with a blank", HOST + "Content-Length: 5 5\r\n\r\n", 400, 9),
        fields("empty length", HOST + "Content-Length:\r\n\r\n", 400, 9),
        fields("length of 19 digits", HOST + "content-length: 1000000000000000000\r\n\r\n", 413, 9),
        // Transfer-Encoding, RFC 9112 §6.1.
        fields("length, then chunked", HOST + "Content-Length: 5\r\n" + CHUNKED, 400, 28),
        fields("chunked, then length", HOST + CHUNKED + "Content-Length: 5\r\n\r\n", 400, 37),
        fields("length 0, then chunked", HOST + "Content-Length: 0\r\n" + CHUNKED, 400, 28),
        fields("chunked in two fields", HOST + CHUNKED + CHUNKED, 400, 37),
        fields("chunked twice", HOST + "Transfer-Encoding: chunked, chunked\r\n", 501, 9),
        fields("gzip, chunked", HOST + "Transfer-Encoding: gzip, chunked\r\n", 501, 9),
        fields("identity", HOST + "Transfer-Encoding: identity\r\n", 501, 9),
        fields("chunked with a parameter", HOST + "Transfer-Encoding: chunked;a=b\r\n", 501, 9),
        fields("empty coding", HOST + "Transfer-Encoding: \r\n", 400, 9),
        new Refused("chunked in 1.0", "GET / HTTP/1.0\r\n" + CHUNKED, 400, 16),
        // Expect, RFC 9110 §10.1.1.
        fields("unknown expectation", HOST + "Expect: 200-ok\r\n\r\n", 417, 9),
        fields("two expectations", HOST + "Expect: 100-continue, a=b\r\n\r\n", 417, 9));
  }

  /** The offset counts from the first field line. */
  private static Refused fields(String name, String bytes, int status, long offset) {
    return new Refused(name, REQUEST_LINE + bytes, status, REQUEST_LINE.length() + offset);
  }

  @ParameterizedTest
  @MethodSource("refusedHeads")
  void parse_badBytes_isRefusedWithStatusAndOffset(Refused refused) {
    byte[] bytes = HttpBytes.latin(refused.bytes());

    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> parser.parse(bytes, 0, bytes.length));

    assertThat(refusal).isNotNull();
    assertThat(refusal.status()).as(refusal.getMessage()).isEqualTo(refused.status());
    assertThat(refusal.offset()).as(refusal.getMessage()).isEqualTo(refused.offset());
  }

  static Stream<Read> readHeads() {
    return Stream.of(
        request("method", "DELETE /a HTTP/1.1\r\n" + HOST, RequestHead::method, HttpMethod.DELETE),
        request(
            "empty lines first",
            "\r\n\r\nGET /a HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/a"),
        request(
            "path",
            "GET /apps/A/i%2F1;x=y/ HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/apps/A/i%2F1;x=y/"),
        request(
            "path before a query",
            "GET /apps?a=b?c HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/apps"),
        request(
            "query", "GET /apps?a=b?c HTTP/1.1\r\n" + HOST, RequestHeadParserTest::query, "a=b?c"),
        request("empty query", "GET /apps? HTTP/1.1\r\n" + HOST, RequestHeadParserTest::query, ""),
        request("no query", "GET /apps HTTP/1.1\r\n" + HOST, RequestHeadParserTest::query, "none"),
        request(
            "every visible byte but ? and #",
            "GET /" + VISIBLE + " HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/" + VISIBLE),
        request("asterisk", "OPTIONS * HTTP/1.1\r\n" + HOST, RequestHeadParserTest::path, "*"),
        request(
            "absolute form",
            "GET http://a:1/apps/B HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/apps/B"),
        request(
            "absolute form, any case",
            "GET HTTPS://a/B HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/B"),
        request(
            "absolute form, no path",
            "GET http://a HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/"),
        request(
            "absolute form, query only",
            "GET http://a?b/c HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::path,
            "/"),
        request(
            "absolute form, its query",
            "GET http://[::1]?b/c HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::query,
            "b/c"),
        request(
            "origin form, no authority",
            "GET / HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::authority,
            ""),
        request(
            "absolute form, its authority",
            "GET http://a:1/B HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::authority,
            "a:1"),
        request(
            "absolute form, authority and query",
            "GET http://[::1]:8?b HTTP/1.1\r\n" + HOST,
            RequestHeadParserTest::authority,
            "[::1]:8"),
        request(
            "Host of an address with a zone",
            "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]:8761\r\n",
            head -> head.header("host"),
            "[fe80::1%25eth0]:8761"),
        request("1.1", "GET / HTTP/1.1\r\n" + HOST, RequestHead::isHttp11, true),
        request("1.0", "GET / HTTP/1.0\r\n", RequestHead::isHttp11, false),
        // Connection, RFC 9112 §9.3.
        with("kept by default", "", RequestHead::keepAlive, true),
        with("closed", "Connection: close\r\n", RequestHead::keepAlive, false),
        with("closed in a list", "connection: a ,\tCLOSE , b\r\n", RequestHead::keepAlive, false),
        with(
            "closed by a second field",
            KEEP + "Connection: close\r\n",
            RequestHead::keepAlive,
            false),
        with("close as part of a word", "Connection: closed\r\n", RequestHead::keepAlive, true),
        request("1.0 closes", "GET / HTTP/1.0\r\n", RequestHead::keepAlive, false),
        request("1.0 is kept", "GET / HTTP/1.0\r\n" + KEEP, RequestHead::keepAlive, true),
        request(
            "1.0, both words",
            "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n",
            RequestHead::keepAlive,
            false),
        // Framing, RFC 9112 §6.
        with("no length", "", RequestHead::contentLength, 0L),
        with("length", "CONTENT-LENGTH: 0042 \r\n", RequestHead::contentLength, 42L),
        with(
            "length of 18 digits",
            "Content-Length: 999999999999999999\r\n",
            RequestHead::contentLength,
            999_999_999_999_999_999L),
        with("no body", "Content-Length: 0\r\n", RequestHead::hasBody, false),
        with("a body by its length", "Content-Length: 1\r\n", RequestHead::hasBody, true),
        with("a body in chunks", "transfer-encoding:\tCHUNKED\r\n", RequestHead::isChunked, true),
        with("chunks are a body", CHUNKED, RequestHead::hasBody, true),
        with("chunks have no length", CHUNKED, RequestHead::contentLength, 0L),
        with(
            "expectation",
            CHUNKED + "Expect: 100-Continue\r\n",
            RequestHead::expectsContinue,
            true),
        with(
            "expectation without a body",
            "Expect: 100-continue\r\n",
            RequestHead::expectsContinue,
            false),
        request(
            "expectation in 1.0",
            "PUT / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n",
            RequestHead::expectsContinue,
            false),
        // Fields, RFC 9112 §5.
        with("count", "A: b\r\nC: d\r\n", RequestHead::headerCount, 3),
        with("first of two values", "A: b\r\nA: c\r\n", head -> head.header("a"), "b"),
        with("value in blanks", "A: \t b  c\t \r\n", head -> head.header("A"), "b  c"),
        with("value without blanks", "A:b\r\n", head -> head.header("A"), "b"),
        with("empty value", "A: \r\n", head -> head.header("A"), ""),
        with(
            "value with HTABs",
            "A: b\tc\td\te\tf\tg\th\ti\tj\tk\r\n",
            head -> head.header("A"),
            "b\tc\td\te\tf\tg\th\ti\tj\tk"),
        with(
            "value beyond ASCII",
            "A: \u00E4\u0080\u00FF\r\n",
            head -> head.header("A"),
            "\u00E4\u0080\u00FF"),
        with(
            "every character of a name",
            "!#$%&'*+-.^_`|~09azAZ: b\r\n",
            head -> head.header("!#$%&'*+-.^_`|~09AZaz"),
            "b"),
        with("value compared exactly", "Xyz: True\r\n", head -> head.headerIs("xyz", "True"), true),
        with(
            "value compared in another case",
            "Xyz: True\r\n",
            head -> head.headerIs("xyz", "true"),
            false),
        with("beginning of a value", "Xyz: True\r\n", head -> head.headerIs("xyz", "Tru"), false),
        with("value of an absent field", "", head -> head.headerIs("xyz", ""), false),
        with("Host", "X: y\r\n", head -> head.header("host"), "a"),
        request("empty Host", "GET / HTTP/1.1\r\nHost:\r\n", head -> head.header("Host"), ""),
        request(
            "IPv6 Host",
            "GET / HTTP/1.1\r\nHost: [::1%25lo]:80\r\n",
            head -> head.header("Host"),
            "[::1%25lo]:80"));
  }

  private static final String VISIBLE = visible();

  private static Object authority(RequestHead head) {
    return head.authorityStart() < 0
        ? ""
        : HttpBytes.latin(head.bytes(), head.authorityStart(), head.authorityEnd());
  }

  private static Object path(RequestHead head) {
    return HttpBytes.latin(head.bytes(), head.pathStart(), head.pathEnd());
  }

  private static Object query(RequestHead head) {
    return head.queryStart() < 0
        ? "none"
        : HttpBytes.latin(head.bytes(), head.queryStart(), head.queryEnd());
  }

  @ParameterizedTest
  @MethodSource("readHeads")
  void parse_validHead_hasItsProperties(Read read) throws HttpParseException {
    byte[] bytes = HttpBytes.latin("...." + read.bytes() + "....");

    int end = parser.parse(bytes, 4, bytes.length);

    assertThat(end).isEqualTo(bytes.length - 4);
    assertThat(read.property().apply(parser.head())).isEqualTo(read.expected());
  }

  @Test
  void header_absent_isNull() throws HttpParseException {
    byte[] bytes = HttpBytes.latin(REQUEST_LINE + HOST + "\r\n");

    parser.parse(bytes, 0, bytes.length);

    assertThat(parser.head().header("A")).isNull();
  }

  @ParameterizedTest
  @EnumSource(HttpMethod.class)
  void parse_everyMethodButConnect_isKnown(HttpMethod method) throws HttpParseException {
    byte[] bytes = HttpBytes.latin(method + " /a HTTP/1.1\r\n" + HOST + "\r\n");

    if (method == HttpMethod.CONNECT) {
      assertThatThrownBy(() -> parser.parse(bytes, 0, bytes.length)).hasMessageStartingWith("501 ");
    } else {
      assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
      assertThat(parser.head().method()).isEqualTo(method);
    }
  }

  @Test
  void parse_manyHeaders_findsAll() throws HttpParseException {
    StringBuilder text = new StringBuilder(REQUEST_LINE + HOST);
    for (int i = 1; i < 100; i++) {
      text.append("h-").append(i).append(": v-").append(i).append("\r\n");
    }
    byte[] bytes = HttpBytes.latin(text.append("\r\n").toString());

    parser.parse(bytes, 0, bytes.length);

    assertThat(parser.head().headerCount()).isEqualTo(100);
    assertThat(parser.head().header("H-1")).isEqualTo("v-1");
    assertThat(parser.head().header("H-99")).isEqualTo("v-99");
  }

  private static Read request(
      String name, String bytes, Function<RequestHead, Object> property, Object expected) {
    return new Read(name, bytes + "\r\n", property, expected);
  }

  private static Read with(
      String name, String fields, Function<RequestHead, Object> property, Object expected) {
    return request(name, REQUEST_LINE + HOST + fields, property, expected);
  }

  private static String visible() {
    StringBuilder visible = new StringBuilder();
    for (char c = 0x21; c < 0x7F; c++) {
      visible.append(c == '?' || c == '#' ? "" : c);
    }
    return visible.toString();
  }
}
