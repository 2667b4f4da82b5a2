// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.Arrays;

/**
 * The set of slots renewed at this member since the last {@link #take}. Its size depends on the
 * number of leases, not of renewals. Thread-safe.
 */
final class BeatWindow {
  /*
   * Each event loop adds the words that it has collected a few times a second, which takes
   * microseconds under this object's monitor. Renewals themselves do not enter it.
   */

  private static final long[] EMPTY = {};

  private long[] words = EMPTY;

  /** Those of the last call of take, which the caller may still be confirming. Not changed. */
  private long[] taken = EMPTY;

  /** Adds the slots in the words of a bit set. */
  synchronized void add(long[] added) {
    if (added.length > words.length) {
      words = Arrays.copyOf(words, added.length);
    }
    for (int i = 0; i < added.length; i++) {
      words[i] |= added[i];
    }
  }

  /** Returns whether a slot is in this window or the one before. */
  synchronized boolean contains(int slot) {
    return contains(words, slot) || contains(taken, slot);
  }

  private static boolean contains(long[] set, int slot) {
    int word = slot >>> 6;
    return word < set.length && (set[word] & 1L << slot) != 0;
  }

  /** Returns the slots as words of a bit set, not to be changed, and begins the next window. */
  synchronized long[] take() {
    taken = words;
    words = EMPTY;
    return taken;
  }
}
