// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.util.List;
import java.util.Locale;

/** The bytes around a refusal of ours, read without our parser. */
record Offence(String all, int start, int at, int status) {
  static Offence of(byte[] bytes, Transcript transcript) {
    HttpParseException refusal = transcript.refusal;
    if (refusal == null) {
      throw new IllegalArgumentException("nothing was refused: " + transcript);
    }
    String all = HttpBytes.latin(bytes, 0, bytes.length);
    return new Offence(
        all, transcript.unfinishedAt, (int) transcript.refusedAt(), refusal.status());
  }

  /** The byte at the offence; of a head without Host the CR of its empty line. */
  char got() {
    return all.charAt(at);
  }

  /** All from the start of the refused head, or body, on. */
  String text() {
    return all.substring(start);
  }

  /** From the first byte behind leading empty lines up to the offence. */
  String before() {
    return all.substring(start, at).replaceFirst("^(\r\n)+", "");
  }

  /** Without its line end. */
  String requestLine() {
    return text().replaceFirst("^(\r\n)+", "").split("\r?\n", 2)[0];
  }

  /** The line that begins at the offence. */
  String line() {
    return all.substring(at).split("\r\n", 2)[0];
  }

  /** Whether the offence begins a field line of this name. */
  boolean isIn(String name) {
    return line().toLowerCase(Locale.ROOT).startsWith(name + ":");
  }

  /** The value of the field line that begins at the offence. */
  String value() {
    return line().substring(line().indexOf(':') + 1).strip();
  }

  /** The names, in lower case, of the field lines before the offence. */
  List<String> namesBefore() {
    return before()
        .lines()
        .skip(1)
        .map(line -> line.split(":", 2)[0].toLowerCase(Locale.ROOT))
        .toList();
  }
}
