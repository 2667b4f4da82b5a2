// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.Arrays;

/**
 * Renewals that are looked up together and performed in their order. Confined to one thread.
 *
 * <p>Allocates nothing once its keys have grown: a key that is not in the form of the registry,
 * such as a lower-case application, is copied to an array that the batch keeps, of at most twice
 * the length of a request's target.
 */
public final class RenewalBatch {
  /** The maximum number of renewals: the outcomes are the bits of a long. */
  public static final int SIZE_MAX = Long.SIZE;

  private final LookupKey[] keys = new LookupKey[SIZE_MAX];
  private final long[] dirtyMs = new long[SIZE_MAX];
  private int size;

  /** Bit i is set if the renewal with index i had the outcome RENEWED. */
  private long renewed;

  /** The sum of what was prefetched, stored so that the reads are not optimized away. */
  @SuppressWarnings("UnusedVariable")
  private long prefetched;

  /** Creates an empty batch. */
  public RenewalBatch() {
    Arrays.setAll(keys, i -> new LookupKey());
  }

  /**
   * Adds a renewal. The batch must not be full.
   *
   * @param newDirtyMs the sender's dirty timestamp, epoch ms, or {@link Registry#NO_TIMESTAMP}
   * @return the key, which the caller sets; its bytes must not change until the renewal
   */
  public LookupKey add(long newDirtyMs) {
    dirtyMs[size] = newDirtyMs;
    return keys[size++];
  }

  /** Removes all renewals. */
  public void clear() {
    size = 0;
  }

  /**
   * Empties the batch for its renewals to be performed, and prefetches their leases, so that cache
   * misses overlap (HeartbeatPathBenchmark).
   *
   * @return the number of renewals, which can still be read until the next one is added
   */
  int take(LeaseTable leases) {
    int count = size;
    size = 0;
    if (count > 1) {
      long sum = 0;
      for (int i = 0; i < count; i++) {
        sum += leases.prefetch(keys[i]);
      }
      prefetched = sum;
    }
    return count;
  }

  LookupKey key(int index) {
    return keys[index];
  }

  long dirtyMs(int index) {
    return dirtyMs[index];
  }

  /** Records the outcomes of the renewals that were taken, a bit for each. */
  void setRenewed(long bits) {
    renewed = bits;
  }

  /**
   * Returns whether a renewal of the last batch had the outcome {@link RenewOutcome#RENEWED}. Valid
   * from the renewal of one batch to that of the next.
   *
   * @param index in the order in which the renewals were added, from 0
   */
  public boolean isRenewed(int index) {
    return (renewed >>> index & 1) != 0;
  }
}
