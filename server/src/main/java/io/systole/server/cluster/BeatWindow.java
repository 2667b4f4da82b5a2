// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.Arrays;

/**
 * The slots renewed at this member since the last {@link #take}, a set: its size does not depend on
 * the number of renewals. Thread-safe.
 */
final class BeatWindow {
  /*
   * Event loops add the words they have collected, a few times a second each, for microseconds under
   * this object's monitor. Renewals themselves don't touch it.
   */

  private static final long[] EMPTY = {};

  private long[] words = EMPTY;

  /** Adds slots as words of a bit set. */
  synchronized void add(long[] added) {
    if (added.length > words.length) {
      words = Arrays.copyOf(words, added.length);
    }
    for (int i = 0; i < added.length; i++) {
      words[i] |= added[i];
    }
  }

  /**
   * Returns the slots as words of a bit set, which belong to the caller, and empties the window.
   */
  synchronized long[] take() {
    long[] taken = words;
    words = EMPTY;
    return taken;
  }
}
