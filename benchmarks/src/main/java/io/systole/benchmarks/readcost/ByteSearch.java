// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.BodyFraming;

/**
 * A search for one string in a body that arrives in segments; also counts the bytes. The string's
 * first byte must not occur again in it, so that each byte is compared once.
 */
final class ByteSearch implements BodyFraming.Sink {
  private final byte[] text;
  private int matched;
  private boolean isFound;
  private long bytes;

  /** @param text at least one byte, the first of which occurs once */
  ByteSearch(byte[] text) {
    for (int i = 1; i < text.length; i++) {
      if (text[i] == text[0]) {
        throw new IllegalArgumentException("first byte occurs again at " + i);
      }
    }
    this.text = text.clone();
  }

  @Override
  public void accept(byte[] from, int start, int length) {
    bytes += length;
    if (isFound) {
      return;
    }
    int end = start + length;
    for (int at = start; at < end; at++) {
      byte b = from[at];
      if (matched > 0 && b == text[matched]) {
        matched++;
      } else {
        // The first byte occurs once, so a match can restart only here.
        matched = b == text[0] ? 1 : 0;
      }
      if (matched == text.length) {
        isFound = true;
        return;
      }
    }
  }

  boolean isFound() {
    return isFound;
  }

  /** Returns the number of bytes searched. */
  long bytes() {
    return bytes;
  }
}
