// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.Arrays;

/**
 * The slots of the leases that clients renewed since the last {@link #take}: a set, so that its
 * size does not depend on the number of renewals. Confined to one thread; a renewal is one plain
 * write.
 */
public final class RenewedSlots {
  /** Declared before {@link #NONE}, which begins with it. */
  private static final long[] EMPTY = {};

  /** A recorder that records nothing, for renewals that are not replicated. Thread-safe. */
  public static final RenewedSlots NONE = new RenewedSlots(false);

  /** Enough for 4,096 leases; grown when a greater slot is renewed. */
  private static final int WORDS_MIN = 64;

  private final boolean isRecording;
  private long[] words = EMPTY;

  public RenewedSlots() {
    this(true);
  }

  private RenewedSlots(boolean isRecording) {
    this.isRecording = isRecording;
  }

  void add(int slot) {
    if (isRecording) {
      int word = slot >>> 6;
      if (word >= words.length) {
        words = Arrays.copyOf(words, capacityFor(word));
      }
      words[word] |= 1L << slot;
    }
  }

  private static int capacityFor(int word) {
    return Math.max(WORDS_MIN, Integer.highestOneBit(word) << 1);
  }

  /**
   * Returns the slots renewed since the last call as the words of a bit set, lowest slots first,
   * and starts an empty set. The array belongs to the caller; it is empty if nothing was renewed.
   */
  public long[] take() {
    for (long word : words) {
      if (word != 0) {
        long[] taken = words;
        words = new long[taken.length];
        return taken;
      }
    }
    return EMPTY;
  }
}
