// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.List;
import java.util.Locale;

/** The bytes around an error of our parser, interpreted without it. */
record ParseErrorContext(String all, int start, int at, int status) {
  static ParseErrorContext of(byte[] bytes, Transcript transcript) {
    HttpParseException refusal = transcript.refusal;
    if (refusal == null) {
      throw new IllegalArgumentException("nothing was refused: " + transcript);
    }
    String all = HttpBytes.latin(bytes, 0, bytes.length);
    return new ParseErrorContext(
        all, transcript.incompleteAt, (int) transcript.errorAt(), refusal.status());
  }

  /** Returns the byte at the error; the CR of the empty line for a head without Host. */
  char got() {
    return all.charAt(at);
  }

  /** Returns everything from the start of the refused head or body. */
  String text() {
    return all.substring(start);
  }

  /** Returns the bytes after leading empty lines up to the error. */
  String before() {
    return all.substring(start, at).replaceFirst("^(\r\n)+", "");
  }

  /** Returns the request line without its line end. */
  String requestLine() {
    return text().replaceFirst("^(\r\n)+", "").split("\r?\n", 2)[0];
  }

  /** Returns the line that begins at the error. */
  String line() {
    return all.substring(at).split("\r\n", 2)[0];
  }

  /** Returns whether the error is at a field line with this name. */
  boolean isIn(String name) {
    return line().toLowerCase(Locale.ROOT).startsWith(name + ":");
  }

  /** Returns the value of the field line at the error. */
  String value() {
    return line().substring(line().indexOf(':') + 1).strip();
  }

  /** Returns the lower-case names of the field lines before the error. */
  List<String> namesBefore() {
    return before()
        .lines()
        .skip(1)
        .map(line -> line.split(":", 2)[0].toLowerCase(Locale.ROOT))
        .toList();
  }
}
