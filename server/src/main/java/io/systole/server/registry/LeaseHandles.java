// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.security.SecureRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The handles of the leases, and renewals of many leases by handle (spec §10). Thread-safe. */
public final class LeaseHandles {
  /*
   * A handle names one lease with one dirty timestamp, by the generation of its slot. The order of
   * reads and writes makes this exact without a lock:
   *
   *     writer, a new lease       generation of the slot; lease under the slot
   *     writer, a new document    document; generation of the slot
   *     renewal                   lease under the slot; generation; CAS of its deadline
   *     request for a handle      lease by key; generation; dirty timestamp; lease has not ended
   *
   * A renewal that reads the generation of a later lease of the slot has read an ended lease, whose
   * CAS fails. One that reads a generation just before it advances counts as just before the change
   * of the document, whose sender has no response yet. A handle is returned only for a lease that
   * had not ended after its generation was read, so it is not that of a later lease; and the dirty
   * timestamp read is that of the generation or a later one, which has another generation.
   *
   * A heartbeat that requires more than moving the deadline is refused here: sent again as a plain
   * heartbeat, it has the outcome of any other.
   */

  /** The leases that are read before the first of them is renewed. */
  private static final int LEASES_AHEAD = 64;

  private final long epoch = new SecureRandom().nextLong();
  private final LeaseTable leases;
  private final LeaseRenewal renewal;
  private final LongAdder frames = new LongAdder();
  private final LongAdder renewed = new LongAdder();
  private final LongAdder refused = new LongAdder();

  LeaseHandles(LeaseTable leases, LeaseRenewal renewal) {
    this.leases = leases;
    this.renewal = renewal;
  }

  /** Returns a random number that identifies this run of the node. */
  public long epoch() {
    return epoch;
  }

  /**
   * Returns the handle of a lease, for a client whose heartbeat with this timestamp would renew it.
   *
   * @param dirtyMs the client's dirty timestamp, epoch ms, or {@link Registry#NO_TIMESTAMP}
   * @return null if there is no lease, or its document is older than that of the client
   */
  public @Nullable LeaseHandle find(LookupKey key, long dirtyMs) {
    Lease lease = leases.find(key);
    if (lease == null) {
      return null;
    }
    int generation = leases.generation(lease.slot);
    boolean isRenewable =
        renewal.compare(dirtyMs, lease.dirtyMs(), Origin.CLIENT) == RenewOutcome.RENEWED;
    return !isRenewable || generation == SlotAllocator.NONE || lease.hasEnded()
        ? null
        : new LeaseHandle(epoch, lease.slot, generation);
  }

  /**
   * Renews the leases of a frame of this epoch. Lock-free; allocates for the frame as a whole.
   *
   * @param nowNs the monotonic time of this read cycle
   * @param mayRenew returns whether the sender may renew leases of an application, upper case; null
   *     if it may renew all
   * @param recorder records the renewed leases for replication
   * @param positions receives the positions of the leases that were not renewed, in ascending
   *     order; {@link RenewalFrame#RENEWALS_MAX} elements
   * @return the count of those positions
   */
  public int renew(
      RenewalFrame frame,
      long nowNs,
      @Nullable Predicate<String> mayRenew,
      RenewedSlots recorder,
      int[] positions) {
    if (frame.epoch() != epoch) {
      throw new IllegalArgumentException("frame of epoch " + frame.epoch());
    }
    @Nullable Lease[] ahead = new Lease[LEASES_AHEAD];
    int refusedCount = 0;
    int from = 0;
    for (int section = 0; section < frame.sectionCount(); section++) {
      int end = frame.end(section);
      for (; from < end; from = Math.min(from + LEASES_AHEAD, end)) {
        int length = Math.min(LEASES_AHEAD, end - from);
        find(frame, section, from, length, ahead);
        retainRenewable(ahead, length);
        for (int i = 0; i < length; i++) {
          Lease lease = ahead[i];
          int slot = frame.slots()[from + i];
          if (lease == null || !mayRenew(lease, mayRenew) || !renew(lease, slot, nowNs)) {
            positions[refusedCount++] = from + i;
          } else {
            recorder.add(slot);
          }
        }
      }
    }
    count(frame.count(), refusedCount);
    return refusedCount;
  }

  /** Finds the leases of a part of a section, null for invalid handles. */
  private void find(
      RenewalFrame frame, int section, int from, int length, @Nullable Lease[] found) {
    int[] slots = frame.slots();
    int generation = frame.generation(section);
    for (int i = 0; i < length; i++) {
      int slot = slots[from + i];
      Lease lease = leases.at(slot);
      found[i] = lease != null && leases.generation(slot) == generation ? lease : null;
    }
  }

  /**
   * Replaces leases that have ended, or that require more than a later deadline, by null. Nothing
   * but these reads is in the loop, so that the processor waits for many leases at a time; a CAS
   * would wait for each in turn.
   */
  private static void retainRenewable(@Nullable Lease[] found, int length) {
    for (int i = 0; i < length; i++) {
      Lease lease = found[i];
      if (lease != null && (lease.hasEnded() || !lease.isPlain())) {
        found[i] = null;
      }
    }
  }

  private static boolean mayRenew(Lease lease, @Nullable Predicate<String> mayRenew) {
    return mayRenew == null || mayRenew.test(lease.holder().instance().app());
  }

  private boolean renew(Lease lease, int slot, long nowNs) {
    renewal.sample(lease, slot, nowNs);
    return lease.renew(nowNs);
  }

  private void count(int leaseCount, int refusedCount) {
    renewal.addRenewed(leaseCount - refusedCount);
    frames.increment();
    renewed.add(leaseCount - refusedCount);
    refused.add(refusedCount);
  }

  /** Returns the count of frames of this epoch since the start. */
  public long frameCount() {
    return frames.sum();
  }

  /** Returns the count of leases renewed by frames since the start. */
  public long renewedCount() {
    return renewed.sum();
  }

  /** Returns the count of leases in frames that were not renewed since the start. */
  public long refusedCount() {
    return refused.sum();
  }
}
