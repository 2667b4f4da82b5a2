// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.Arrays;

/**
 * Renewals that are looked up together and performed in their order. Allocates nothing once its
 * keys have grown. Confined to one thread.
 */
public final class RenewalBatch {
  /** The maximum of renewals, one for each bit of the outcomes. */
  public static final int SIZE_MAX = Long.SIZE;

  private final LookupKey[] keys = new LookupKey[SIZE_MAX];
  private final long[] dirtyMs = new long[SIZE_MAX];
  private int size;

  /** Bit i is set if the renewal with index i had the outcome RENEWED. */
  private long renewed;

  /** What was read ahead, stored so that the reads are not optimized away. */
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
   * @return the key, to be aimed at bytes that do not change until the renewal
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
   * Performs the renewals as requests of clients, and removes them. All leases are read ahead
   * first: the processor then waits for the memory of several at a time (HeartbeatPathBenchmark).
   */
  void renew(LeaseRenewal renewal, LeaseTable leases, long nowNs, RenewedSlots recorder) {
    int count = size;
    size = 0;
    if (count > 1) {
      prefetch(leases, count);
    }
    long bits = 0;
    for (int i = 0; i < count; i++) {
      RenewOutcome outcome = renewal.renew(keys[i], nowNs, dirtyMs[i], Origin.CLIENT, recorder);
      bits |= outcome == RenewOutcome.RENEWED ? 1L << i : 0;
    }
    renewed = bits;
  }

  private void prefetch(LeaseTable leases, int count) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += leases.prefetch(keys[i]);
    }
    prefetched = sum;
  }

  /**
   * Returns whether a renewal of the last call of {@link LeaseRenewal#renew(RenewalBatch, long,
   * RenewedSlots)} had the outcome {@link RenewOutcome#RENEWED}.
   *
   * @param index in the order in which the renewals were added, from 0
   */
  public boolean isRenewed(int index) {
    return (renewed >>> index & 1) != 0;
  }
}
