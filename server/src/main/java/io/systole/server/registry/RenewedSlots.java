// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The slots of the leases that clients renewed since the last {@link #take}: a set, so that its
 * size does not depend on the number of renewals. Confined to one thread, except {@link #hasAny}; a
 * renewal is one plain write.
 */
public final class RenewedSlots {
  /*
   * `hasAny` is written by the owning thread and read by any, in opaque mode. Another thread reads
   * it to decide whether the owner should take the slots. It may miss the latest renewals, and sees
   * them at its next attempt. Other threads read nothing else.
   */

  private static final VarHandle HAS_ANY;

  static {
    try {
      HAS_ANY = MethodHandles.lookup().findVarHandle(RenewedSlots.class, "hasAny", boolean.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** Declared before {@link #NONE}, which begins with it. */
  private static final long[] EMPTY = {};

  /** A recorder that records nothing, for renewals that are not replicated. Thread-safe. */
  public static final RenewedSlots NONE = new RenewedSlots(false);

  /** Enough for 4,096 leases; grown when a greater slot is renewed. */
  private static final int WORDS_MIN = 64;

  private final boolean isRecording;
  private long[] words = EMPTY;
  private boolean hasAny;

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
      if (!hasAny) {
        HAS_ANY.setOpaque(this, true);
      }
    }
  }

  private static int capacityFor(int word) {
    return Math.max(WORDS_MIN, Integer.highestOneBit(word) << 1);
  }

  /** Returns whether there are slots to {@link #take}. Any thread. */
  public boolean hasAny() {
    return (boolean) HAS_ANY.getOpaque(this);
  }

  /**
   * Returns the slots renewed since the last call as the words of a bit set, lowest slots first,
   * and starts an empty set. The array belongs to the caller; it is empty if nothing was renewed.
   */
  public long[] take() {
    HAS_ANY.setOpaque(this, false);
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
