// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/**
 * The numbers of the leases that this member owns: dense, lowest first. A released number is not
 * used for a while, so that a late message can't renew another lease by it. Guarded by the
 * registry's monitor.
 */
final class NumberAllocator {
  /** Longer than any message is in flight. */
  static final long QUARANTINE_NS = TimeUnit.MINUTES.toNanos(2);

  private static final int NONE = -1;
  private static final int QUARANTINED_MIN = 64;

  private final int max;

  /** Released numbers whose quarantine has ended; none is below {@code lowestFree}. */
  private final BitSet free = new BitSet();

  private int lowestFree;
  private int unused;

  /** A ring of the numbers in quarantine, and of the times of their release; oldest at head. */
  private int[] quarantined = new int[QUARANTINED_MIN];

  private long[] releasedNs = new long[QUARANTINED_MIN];
  private int head;
  private int quarantinedCount;

  /** @param max the maximum number of numbers in use and in quarantine */
  NumberAllocator(int max) {
    this.max = max;
  }

  /**
   * Returns the lowest free number. Ends the oldest quarantine early if only that leaves a number.
   *
   * @throws IllegalStateException if all numbers are in use
   */
  int allocate(long nowNs) {
    while (quarantinedCount > 0 && nowNs - releasedNs[head] >= QUARANTINE_NS) {
      endOldest();
    }
    int number = takeFree();
    if (number == NONE && unused < max) {
      number = unused++;
      lowestFree = unused;
    } else if (number == NONE && quarantinedCount > 0) {
      endOldest();
      number = takeFree();
    }
    if (number == NONE) {
      throw new IllegalStateException("all of " + max + " numbers are in use");
    }
    return number;
  }

  private int takeFree() {
    int number = free.nextSetBit(lowestFree);
    if (number < 0) {
      return NONE;
    }
    free.clear(number);
    lowestFree = number + 1;
    return number;
  }

  private void endOldest() {
    int number = quarantined[head];
    free.set(number);
    lowestFree = Math.min(lowestFree, number);
    head = (head + 1) % quarantined.length;
    quarantinedCount--;
  }

  /** Releases an allocated number. */
  void release(int number, long nowNs) {
    if (quarantinedCount == quarantined.length) {
      grow();
    }
    int tail = (head + quarantinedCount) % quarantined.length;
    quarantined[tail] = number;
    releasedNs[tail] = nowNs;
    quarantinedCount++;
  }

  private void grow() {
    int size = quarantined.length;
    int[] numbers = Arrays.copyOf(quarantined, 2 * size);
    long[] times = Arrays.copyOf(releasedNs, 2 * size);
    for (int i = 0; i < size; i++) {
      numbers[i] = quarantined[(head + i) % size];
      times[i] = releasedNs[(head + i) % size];
    }
    quarantined = numbers;
    releasedNs = times;
    head = 0;
  }

  /** Returns the highest number ever allocated, plus 1. */
  int end() {
    return unused;
  }

  int quarantinedCount() {
    return quarantinedCount;
  }
}
