// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.protocol.http.BodyFraming;

/**
 * Looks for one string in bytes that pass by in pieces, and counts them. Quick enough to go beside
 * the reading of an answer: it stops at nothing but the string's first byte, which must not occur
 * in the rest of the string.
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
        // A mismatch can only be the beginning of another try: the first byte occurs once.
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

  /** Bytes that passed by. */
  long bytes() {
    return bytes;
  }
}
