// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A parser of the short responses of one connection. Not thread-safe. */
final class CrowdResponseParser {
  /** The bytes of a response that are kept; those of a longer head are an error. */
  static final int BYTES_MAX = 8192;

  private static final int STATUS_FROM = 9;
  private static final int STATUS_TO = 12;

  private final byte[] bytes = new byte[BYTES_MAX];
  private final ByteBuffer received = ByteBuffer.wrap(bytes);
  private int status;
  private int retryAfterSecs;
  private boolean mustClose;
  private long bodyBytes;

  /** Returns the buffer to receive into. */
  ByteBuffer buffer() {
    return received;
  }

  /**
   * Parses the next response and removes it from the buffer.
   *
   * @return false if it is incomplete
   * @throws IOException if it is not a response, or too long
   */
  boolean parse() throws IOException {
    int headEnd = endOfHead();
    if (headEnd < 0) {
      if (!received.hasRemaining()) {
        throw new IOException("head of a response is too long");
      }
      return false;
    }
    parseHead(new String(bytes, 0, headEnd, StandardCharsets.ISO_8859_1));
    if (headEnd + bodyBytes > received.position()) {
      if (headEnd + bodyBytes > BYTES_MAX) {
        throw new IOException("response is too long");
      }
      return false;
    }
    received.flip().position(headEnd + (int) bodyBytes);
    received.compact();
    return true;
  }

  private int endOfHead() {
    for (int at = 3; at < received.position(); at++) {
      if (bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n') {
        return at + 1;
      }
    }
    return -1;
  }

  private void parseHead(String head) throws IOException {
    List<String> lines = head.lines().toList();
    retryAfterSecs = 0;
    mustClose = false;
    bodyBytes = 0;
    try {
      status = Integer.parseInt(lines.get(0).substring(STATUS_FROM, STATUS_TO));
      for (String line : lines.subList(1, lines.size() - 1)) {
        int colon = line.indexOf(':');
        parseField(
            line.substring(0, colon).toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    } catch (IndexOutOfBoundsException | NumberFormatException malformed) {
      throw new IOException("malformed response: " + lines.get(0), malformed);
    }
  }

  private void parseField(String name, String value) {
    switch (name) {
      case "retry-after" -> retryAfterSecs = Integer.parseUnsignedInt(value);
      case "content-length" -> bodyBytes = Long.parseLong(value);
      case "connection" -> mustClose |= value.equalsIgnoreCase("close");
      // The chunks are not parsed.
      case "transfer-encoding" -> mustClose = true;
      default -> {}
    }
  }

  int status() {
    return status;
  }

  /** Returns the value of {@code Retry-After}, seconds; 0 without the field. */
  int retryAfterSecs() {
    return retryAfterSecs;
  }

  /** Returns whether the connection can't be used any more. */
  boolean mustClose() {
    return mustClose;
  }
}
