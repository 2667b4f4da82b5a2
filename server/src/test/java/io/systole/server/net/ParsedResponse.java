// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A response as parsed by a client.
 *
 * @param headers by lower-case name
 */
public record ParsedResponse(int status, Map<String, String> headers, String body) {
  private static final String END_OF_HEAD = "\r\n\r\n";

  /** Parses complete responses, none to HEAD; throws if the last one is incomplete. */
  public static List<ParsedResponse> parseAll(String text) {
    List<ParsedResponse> responses = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = endOfOne(text, at);
      if (end < 0) {
        throw new IllegalArgumentException("incomplete response: " + text.substring(at));
      }
      responses.add(parse(text.substring(at, end)));
      at = end;
    }
    return responses;
  }

  /** Returns the number of complete responses at the start of the text. */
  static int countIn(String text) {
    int count = 0;
    for (int at = endOfOne(text, 0); at >= 0; at = endOfOne(text, at)) {
      count++;
    }
    return count;
  }

  public static List<Integer> statusesIn(String text) {
    return parseAll(text).stream().map(ParsedResponse::status).toList();
  }

  /** Returns the index after a number of complete responses, or -1 if there are fewer. */
  static int endOf(CharSequence received, int count) {
    String text = received.toString();
    int at = 0;
    for (int i = 0; i < count && at >= 0; i++) {
      at = endOfOne(text, at);
    }
    return at;
  }

  private static int endOfOne(String text, int from) {
    int headEnd = text.indexOf(END_OF_HEAD, from);
    if (headEnd < 0) {
      return -1;
    }
    int bodyFrom = headEnd + END_OF_HEAD.length();
    int length = lengthIn(text.substring(from, headEnd));
    return bodyFrom + length <= text.length() ? bodyFrom + length : -1;
  }

  private static int lengthIn(String head) {
    String length = headersOf(head).get("content-length");
    return length == null ? 0 : Integer.parseInt(length);
  }

  private static ParsedResponse parse(String text) {
    int headEnd = text.indexOf(END_OF_HEAD);
    String head = text.substring(0, headEnd);
    if (!head.startsWith("HTTP/1.1 ")) {
      throw new IllegalArgumentException("not a response: " + text);
    }
    int status = Integer.parseInt(head.substring(9, 12));
    return new ParsedResponse(
        status, headersOf(head), text.substring(headEnd + END_OF_HEAD.length()));
  }

  private static Map<String, String> headersOf(String head) {
    Map<String, String> headers = new TreeMap<>();
    List<String> lines = head.lines().toList();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
    return headers;
  }
}
