// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * A generator of byte streams of connections: sequences of valid requests, and mutations of them.
 */
final class RequestStreams {
  private static final String[] FIELD_LINES = {
    "Accept: application/json",
    "accept-encoding: gzip",
    "DiscoveryIdentity-Name: DefaultClient",
    "X-Blank: \t a\tb \t",
    "X-Empty:",
    "Connection: keep-alive",
    "Connection: close",
    "User-Agent: \u00E4\u00F6 (x; y)"
  };

  private static final String[] TARGETS = {
    "/v2/apps/SVC-0042/h17.example.com:svc-0042:8080?status=UP&lastDirtyTimestamp=1700000000000",
    "/",
    "/a",
    "/a?",
    "/a?b",
    "/a%2Fb;c=d?e=f?g",
    "/0123456",
    "http://h",
    "http://h:1/a?b"
  };

  /** Fragments of known attacks on the agreement of two parsers, inserted at random places. */
  private static final String[] ATTACK_FRAGMENTS = {
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    "\n\n",
    "\r\r\n",
    " ",
    "\t",
    "\0",
    "\u000B",
    "\f",
    "\u007F",
    "\u0080",
    "\u00A0",
    "\u0085",
    ":",
    ";",
    ",",
    "0",
    "1",
    "-",
    "+",
    "x",
    "?",
    "*",
    "#",
    "%",
    "\"",
    "\\",
    " \r\n",
    "\r\n ",
    "\r\n\t",
    " :",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "content-length: 3, 3\r\n",
    "Content-Length: +3\r\n",
    "Content-Length : 3\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding:\u000Bchunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Host: b\r\n",
    "Host: a b\r\n",
    "Expect: 100-continue\r\n",
    "Expect: x\r\n",
    "X-Fold: a\r\n b\r\n",
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2.0",
    " HTTP/1.1",
    "http/1.1",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "0\r\n\r\n",
    "5\r\nabcde\r\n",
    "ffffffffffffffff\r\n",
    "0x1\r\n",
    "CONNECT ",
    "BREW ",
    "http://",
    "//",
    "https://a@b/"
  };

  private final Random random;
  private String fields = "";

  RequestStreams(Random random) {
    this.random = random;
  }

  /** Returns 1..{@code requestsMax} requests, often with the field lines of the one before. */
  String valid(int requestsMax) {
    StringBuilder stream = new StringBuilder();
    for (int left = 1 + random.nextInt(requestsMax); left > 0; left--) {
      stream.append(request());
    }
    return stream.toString();
  }

  /** Returns a valid sequence with 1..3 mutations. */
  String hostile(int requestsMax) {
    StringBuilder stream = new StringBuilder(valid(requestsMax));
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      mutate(stream);
    }
    return stream.toString();
  }

  private String request() {
    String method = List.of("PUT", "PUT", "GET", "POST", "DELETE", "HEAD").get(random.nextInt(6));
    String version = random.nextInt(6) == 0 ? "HTTP/1.0" : "HTTP/1.1";
    int body = random.nextInt(4);
    if (fields.isEmpty() || random.nextInt(3) == 0) {
      fields = fields();
    }
    StringBuilder request = new StringBuilder(random.nextInt(8) == 0 ? "\r\n" : "");
    request.append(method).append(' ').append(pick(TARGETS)).append(' ').append(version);
    request.append("\r\n").append(fields);
    if (body == 0 && version.equals("HTTP/1.1")) {
      request.append("Transfer-Encoding: chunked\r\n\r\n").append(chunks());
    } else if (body == 1) {
      String content = content();
      request.append("Content-Length: ").append(content.length()).append("\r\n\r\n");
      request.append(content);
    } else {
      request.append("\r\n");
    }
    return request.toString();
  }

  private String fields() {
    StringBuilder lines = new StringBuilder();
    int count = random.nextInt(4);
    int host = random.nextInt(count + 1);
    for (int i = 0; i <= count; i++) {
      lines.append(i == host ? "Host: 127.0.0.1:8761" : pick(FIELD_LINES)).append("\r\n");
    }
    return lines.toString();
  }

  private String content() {
    return pick("", "{}", "0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "x".repeat(random.nextInt(40)));
  }

  private String chunks() {
    StringBuilder chunks = new StringBuilder();
    for (int left = random.nextInt(4); left > 0; left--) {
      String content = content() + "y";
      chunks.append(pick("", "0", "000")).append(Integer.toHexString(content.length()));
      chunks.append(pick("", "", ";a", ";a=b", " ;c=\"d;e\"")).append("\r\n");
      chunks.append(content).append("\r\n");
    }
    return chunks + "0\r\n" + pick("", "A: b\r\n", "A: b\r\nC-d:\r\n", "Content-Length: 7\r\n")
        + "\r\n";
  }

  private void mutate(StringBuilder stream) {
    int at = random.nextInt(stream.length());
    int end = Math.min(stream.length(), at + 1 + random.nextInt(random.nextInt(4) == 0 ? 12 : 1));
    switch (random.nextInt(9)) {
      case 0 -> stream.deleteCharAt(at);
      case 1 -> stream.setCharAt(at, (char) random.nextInt(256));
      case 2 -> stream.insert(at, pick(ATTACK_FRAGMENTS));
      case 3 -> stream.replace(at, end, pick(ATTACK_FRAGMENTS));
      case 4 -> stream.insert(lineStart(stream, at), pick(ATTACK_FRAGMENTS));
      case 5 -> stream.insert(lineStart(stream, at), line(stream, at));
      case 6 -> stream.replace(at, end, swapCase(stream.substring(at, end)));
      case 7 -> changeDigit(stream, at);
      default -> stream.insert(random.nextInt(stream.length()), stream.substring(at, end));
    }
    if (stream.isEmpty()) {
      stream.append(' ');
    }
  }

  /** Changes the first digit from {@code from} on, as of a length, a size or a version. */
  private void changeDigit(StringBuilder stream, int from) {
    int at = from;
    while (at < stream.length() && !Ascii.isDigit((byte) stream.charAt(at))) {
      at++;
    }
    if (at < stream.length()) {
      stream.setCharAt(at, (char) ('0' + random.nextInt(10)));
    }
  }

  /** Returns the start of the line at {@code at}. */
  private static int lineStart(StringBuilder stream, int at) {
    return stream.lastIndexOf("\n", at) + 1;
  }

  /** Returns the line at {@code at}, with its LF. */
  private static String line(StringBuilder stream, int at) {
    int end = stream.indexOf("\n", at);
    return stream.substring(lineStart(stream, at), end < 0 ? stream.length() : end + 1);
  }

  private static String swapCase(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.equals(text) ? text.toUpperCase(Locale.ROOT) : lower;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
