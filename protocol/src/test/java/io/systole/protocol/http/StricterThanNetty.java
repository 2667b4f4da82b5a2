// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Set;
import java.util.function.Predicate;

/**
 * The classes of requests that our parser refuses and Netty's decoder accepts, each with the rule
 * that requires or permits the refusal. The predicates interpret the bytes independently of our
 * parser, so a refusal without a cause matches no class.
 */
enum StricterThanNetty {
  LEADING_BYTES(
      "RFC 9112 §2.2: only CRLF may precede the request line",
      "\n GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && error.text().matches("(?s)(\r\n)*(\r(?!\n)|[\n ]).*")
          && error.before().matches("\r?")),

  REQUEST_LINE_BLANKS(
      "RFC 9112 §3: single SP; accepting other whitespace is a MAY with a warning",
      "GET \u000B/\tHTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && " \t\u000B\f\r".indexOf(error.got()) >= 0
          && !error.line().isEmpty()
          && error.before().matches("[!#$%&'*+.^_`|~\\w-]+( [!-~]*)?( (HTTP/1.[01])?)?")),

  TARGET_BYTES(
      "RFC 9112 §3.2, RFC 3986 §2: a target is visible ASCII",
      "GET /\u00E4 HTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && (error.got() < ' ' || error.got() > '~')
          && "\t\u000B\f\r\n".indexOf(error.got()) < 0
          && error.before().matches("[A-Z]+ [!-~]*")),

  TARGET_FRAGMENT(
      "RFC 9112 §3.2: none of the forms of a target has a fragment",
      "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && error.got() == '#'
          && error.before().matches("[A-Z]+ [!-~&&[^#]]*")),

  TARGET_FORM(
      "RFC 9112 §3.2: origin-form, absolute-form of http, or * with OPTIONS",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && error.before().matches("[A-Z]+ [!-~]*")
          && error.requestLine().matches("(?s)[A-Z]+ [^/ ][!-~]* .*")
          && !error.requestLine().matches("(?s)OPTIONS \\* .*")
          && !error
              .requestLine()
              .matches(
                  "(?s)[A-Z]+ (?i:https?)://(?![:/?])" + Syntax.AUTHORITY + "([/?][!-~]*)? .*")),

  METHOD(
      "RFC 9110 §9.1: a method that is not implemented is 501",
      "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 501
          && error.before().isEmpty()
          && !Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
              .contains(error.requestLine().split("[ \t\u000B\f\r]", 2)[0])),

  VERSION_CASE(
      "RFC 9112 §2.3: the version is case-sensitive",
      "GET / http/1.1\r\nHost: a\r\n\r\n",
      error -> error.status() == 400
          && error.requestLine().matches("[A-Z]+ [!-~]+ (?i:HTTP)/\\d\\.\\d")
          && !error.requestLine().contains(" HTTP/")),

  VERSION_NUMBER(
      "RFC 9110 §15.6.6: a version that is not supported is 505",
      "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
      error -> error.status() == 505
          && error.requestLine().matches("[A-Z]+ [!-~]+ HTTP/\\d\\.\\d")
          && !error.requestLine().matches(".* HTTP/1\\.[01]")),

  FOLDED_LINE(
      "RFC 9112 §5.2: a folded line is refused or unfolded; §2.2 for the first line",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
      error -> error.status() == 400
          && (error.got() == ' ' || error.got() == '\t')
          && error.all().startsWith("\r\n", error.at() - 2)),

  HOST_MISSING(
      "RFC 9112 §3.2: 1.1 without Host is 400",
      "GET / HTTP/1.1\r\nA: b\r\n\r\n",
      error -> error.status() == 400
          && error.requestLine().endsWith(" HTTP/1.1")
          && error.before().endsWith("\r\n")
          && error.line().isEmpty()
          && !error.namesBefore().contains("host")),

  HOST_TWICE(
      "RFC 9112 §3.2: more than one Host is 400",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      error ->
          error.status() == 400 && error.isIn("host") && error.namesBefore().contains("host")),

  HOST_INVALID(
      "RFC 9112 §3.2, RFC 3986 §3.2.2: Host is a host with an optional port",
      "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n",
      error ->
          error.status() == 400 && error.isIn("host") && !error.value().matches(Syntax.AUTHORITY)),

  LENGTH_TWICE_IN_1_0(
      "RFC 9112 §6.3 rule 5: more than one Content-Length",
      "PUT / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      error -> error.status() == 400
          && error.requestLine().endsWith(" HTTP/1.0")
          && error.isIn("content-length")
          && error.namesBefore().contains("content-length")),

  TRANSFER_CODING(
      "RFC 9112 §6.1: a transfer coding that is not implemented is 501",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      error -> error.status() == 501
          && error.isIn("transfer-encoding")
          && !error.value().equalsIgnoreCase("chunked")),

  DROPPED_TRAILER(
      "RFC 9112 §2.2, RFC 9110 §5.5: no CR or control character, even in a discarded trailer",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: a\rb\r\n\r\n",
      error -> error.status() == 400
          && error.text().matches("(?s)\\p{XDigit}+[ \t;\r].*")
          && error
              .before()
              .matches("(?s).*\r\n(?i:content-length|transfer-encoding|trailer):[^\n]*")
          && (error.before().endsWith("\r") || error.got() < ' ' || error.got() == 0x7F)),

  EXPECTATION(
      "RFC 9110 §10.1.1: an unknown expectation may be answered 417",
      "PUT / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n",
      error -> error.status() == 417
          && error.isIn("expect")
          && !error.value().equalsIgnoreCase("100-continue"));

  /** Patterns shared by the predicates. */
  private static final class Syntax {
    /**
     * A host, possibly empty, or an address in brackets with at least two colons; optionally a
     * port.
     */
    static final String AUTHORITY = "([\\w.~!$&'()*+,;=%-]*"
        + "|\\[(?=[^\\]]*:[^\\]]*:)[\\p{XDigit}:.]+(%[\\w.~%-]+)?\\])(:\\d*)?";
  }

  final String rule;

  /** A short example that our parser refuses and Netty accepts. */
  final String example;

  /** Immutable, as lambdas that capture nothing are. */
  @SuppressWarnings("ImmutableEnumChecker")
  private final Predicate<ParseErrorContext> predicate;

  StricterThanNetty(String rule, String example, Predicate<ParseErrorContext> predicate) {
    this.rule = rule;
    this.example = example;
    this.predicate = predicate;
  }

  boolean explains(ParseErrorContext error) {
    return predicate.test(error);
  }
}
