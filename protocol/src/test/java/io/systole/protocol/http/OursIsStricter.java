// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.Set;
import java.util.function.Predicate;

/**
 * All that we refuse and Netty's decoder lets pass, each with the rule that has us refuse it. The
 * predicates read the bytes anew, so that a refusal without its cause is in no class.
 */
enum OursIsStricter {
  LEADING_BYTES(
      "RFC 9112 §2.2: CRLF may stand before the request line, nothing else",
      "\n GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && offence.text().matches("(?s)(\r\n)*(\r(?!\n)|[\n ]).*")
          && offence.before().matches("\r?")),

  REQUEST_LINE_BLANKS(
      "RFC 9112 §3: single SP; taking any whitespace for it is a MAY with a warning",
      "GET \u000B/\tHTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && " \t\u000B\f\r".indexOf(offence.got()) >= 0
          && !offence.line().isEmpty()
          && offence.before().matches("[!#$%&'*+.^_`|~\\w-]+( [!-~]*)?( (HTTP/1.[01])?)?")),

  TARGET_BYTES(
      "RFC 9112 §3.2, RFC 3986 §2: a target is visible ASCII",
      "GET /\u00E4 HTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && (offence.got() < ' ' || offence.got() > '~')
          && "\t\u000B\f\r\n".indexOf(offence.got()) < 0
          && offence.before().matches("[A-Z]+ [!-~]*")),

  TARGET_FRAGMENT(
      "RFC 9112 §3.2: none of the forms of a target has a fragment",
      "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && offence.got() == '#'
          && offence.before().matches("[A-Z]+ [!-~&&[^#]]*")),

  TARGET_FORM(
      "RFC 9112 §3.2: origin-form, absolute-form of http, or * with OPTIONS",
      "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && offence.before().matches("[A-Z]+ [!-~]*")
          && offence.requestLine().matches("(?s)[A-Z]+ [^/ ][!-~]* .*")
          && !offence.requestLine().matches("(?s)OPTIONS \\* .*")
          && !offence
              .requestLine()
              .matches(
                  "(?s)[A-Z]+ (?i:https?)://(?![:/?])" + Syntax.AUTHORITY + "([/?][!-~]*)? .*")),

  METHOD(
      "RFC 9110 §9.1: a method that is not implemented is 501",
      "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 501
          && offence.before().isEmpty()
          && !Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
              .contains(offence.requestLine().split("[ \t\u000B\f\r]", 2)[0])),

  VERSION_CASE(
      "RFC 9112 §2.3: the version is case-sensitive",
      "GET / http/1.1\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && offence.requestLine().matches("[A-Z]+ [!-~]+ (?i:HTTP)/\\d\\.\\d")
          && !offence.requestLine().contains(" HTTP/")),

  VERSION_NUMBER(
      "RFC 9110 §15.6.6: a version that is not spoken is 505",
      "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 505
          && offence.requestLine().matches("[A-Z]+ [!-~]+ HTTP/\\d\\.\\d")
          && !offence.requestLine().matches(".* HTTP/1\\.[01]")),

  FOLDED_LINE(
      "RFC 9112 §5.2: a folded line is refused or unfolded; §2.2 for the first line",
      "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
      offence -> offence.status() == 400
          && (offence.got() == ' ' || offence.got() == '\t')
          && offence.all().startsWith("\r\n", offence.at() - 2)),

  HOST_MISSING(
      "RFC 9112 §3.2: 1.1 without Host is 400",
      "GET / HTTP/1.1\r\nA: b\r\n\r\n",
      offence -> offence.status() == 400
          && offence.requestLine().endsWith(" HTTP/1.1")
          && offence.before().endsWith("\r\n")
          && offence.line().isEmpty()
          && !offence.namesBefore().contains("host")),

  HOST_TWICE(
      "RFC 9112 §3.2: more than one Host is 400",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      offence -> offence.status() == 400
          && offence.isIn("host")
          && offence.namesBefore().contains("host")),

  HOST_INVALID(
      "RFC 9112 §3.2, RFC 3986 §3.2.2: Host is a host and perhaps a port",
      "GET / HTTP/1.1\r\nHost: a b/c\r\n\r\n",
      offence -> offence.status() == 400
          && offence.isIn("host")
          && !offence.value().matches(Syntax.AUTHORITY)),

  LENGTH_TWICE_IN_1_0(
      "RFC 9112 §6.3 rule 5: more than one Content-Length",
      "PUT / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      offence -> offence.status() == 400
          && offence.requestLine().endsWith(" HTTP/1.0")
          && offence.isIn("content-length")
          && offence.namesBefore().contains("content-length")),

  TRANSFER_CODING(
      "RFC 9112 §6.1: a transfer coding that is not understood is 501",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      offence -> offence.status() == 501
          && offence.isIn("transfer-encoding")
          && !offence.value().equalsIgnoreCase("chunked")),

  DROPPED_TRAILER(
      "RFC 9112 §2.2, RFC 9110 §5.5: no CR or control, be it in a trailer that is dropped",
      "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: a\rb\r\n\r\n",
      offence -> offence.status() == 400
          && offence.text().matches("(?s)\\p{XDigit}+[ \t;\r].*")
          && offence
              .before()
              .matches("(?s).*\r\n(?i:content-length|transfer-encoding|trailer):[^\n]*")
          && (offence.before().endsWith("\r") || offence.got() < ' ' || offence.got() == 0x7F)),

  EXPECTATION(
      "RFC 9110 §10.1.1: an unknown expectation may be answered 417",
      "PUT / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n",
      offence -> offence.status() == 417
          && offence.isIn("expect")
          && !offence.value().equalsIgnoreCase("100-continue"));

  /** What the predicates share. */
  private static final class Syntax {
    /**
     * A host, perhaps empty, or an address in brackets with at least two colons; perhaps a port.
     */
    static final String AUTHORITY = "([\\w.~!$&'()*+,;=%-]*"
        + "|\\[(?=[^\\]]*:[^\\]]*:)[\\p{XDigit}:.]+(%[\\w.~%-]+)?\\])(:\\d*)?";
  }

  final String rule;

  /** The shortest that shows it: we refuse it, Netty reads a request. */
  final String example;

  /** Immutable, as lambdas that capture nothing are. */
  @SuppressWarnings("ImmutableEnumChecker")
  private final Predicate<Offence> predicate;

  OursIsStricter(String rule, String example, Predicate<Offence> predicate) {
    this.rule = rule;
    this.example = example;
    this.predicate = predicate;
  }

  boolean explains(Offence offence) {
    return predicate.test(offence);
  }
}
