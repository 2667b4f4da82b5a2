// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The renewal of leases, with counts of the outcomes and samples of the intervals between renewals.
 * Thread-safe.
 */
public final class LeaseRenewal {
  /*
   * A renewal is one lookup and one CAS on the deadline of the lease. It takes no lock unless a
   * status override is pending.
   *
   * One renewal in 64 is sampled. Event loops write the samples, the evictor's timer drains them.
   * Each slot has a cell, which it shares with others; a sample replaces the previous one of its
   * cell, or is lost if it races with the drain. That bounds memory and time at any rate, and no
   * counter is shared between loops. A cell is one word,
   *
   *     slot << 36 | gap in 2^20 ns, 1 at least       0: nothing
   *
   * written in opaque mode: a sample publishes no other data. Slot and time together select the
   * sampled renewals, so that every lease is sampled eventually, and the requests of one read
   * cycle, which share their time, are neither all sampled nor all skipped. The timer wheel cannot
   * sample instead: it has the age of the last renewal, not the interval before it.
   *
   * A slot that is reused between renewal and drain attributes one sample to the wrong lease.
   */

  /** Receives the intervals of sampled renewals. */
  public interface RenewalIntervalListener {
    /**
     * Receives a sample.
     *
     * @param app upper case
     * @param intervalSecs the renewal interval that the instance specifies
     * @param gapNs the time since the previous renewal or the registration, with a resolution of
     *     about a millisecond
     */
    void onRenewal(String app, int intervalSecs, long gapNs);
  }

  /** Eight times the samples per second of a million leases renewed every 30 s. */
  private static final int CELLS = 4096;

  /**
   * Stock peers send a renewal to each member of a native cluster that they list, about a second
   * apart. Clients that have several requests in that time have shorter leases.
   */
  private static final long REPEATED_NS = TimeUnit.SECONDS.toNanos(5);

  /** By default, half of the renewal interval. */
  private static final int REPEATED_PER_DURATION = 6;

  private static final int RATE_MASK = 63;
  private static final int GAP_SHIFT = 20;
  private static final int GAP_BITS = 36;
  private static final long GAP_MAX = (1L << GAP_BITS) - 1;

  /** See {@link Registry#NO_TIMESTAMP}. */
  static final long NO_TIMESTAMP = Long.MIN_VALUE;

  private final LeaseTable leases;
  private final StatusOverrides statusOverrides;
  private final boolean syncWhenTimestampDiffers;
  private final LongAdder[] counts =
      Arrays.stream(RenewOutcome.values()).map(any -> new LongAdder()).toArray(LongAdder[]::new);
  private final LongAdder replicated = new LongAdder();

  /** Counted renewals by stock peers, soon after one that another member has counted. */
  private final LongAdder repeated = new LongAdder();

  private final AtomicLongArray cells = new AtomicLongArray(CELLS);

  LeaseRenewal(RegistrySettings settings, LeaseTable leases, StatusOverrides statusOverrides) {
    this.leases = leases;
    this.statusOverrides = statusOverrides;
    this.syncWhenTimestampDiffers = settings.syncWhenTimestampDiffers();
  }

  /**
   * Renews a lease by the decision table of spec §2.2. Lock-free and allocation-free unless a
   * status override is pending.
   *
   * @param key valid during the call
   * @param nowNs the monotonic time of this read cycle
   * @param dirtyMs the sender's dirty timestamp, epoch ms, or {@link Registry#NO_TIMESTAMP}
   * @param renewed records the renewed lease for replication
   */
  public RenewOutcome renew(
      LookupKey key, long nowNs, long dirtyMs, Origin origin, RenewedSlots renewed) {
    return counted(renewUncounted(key, nowNs, dirtyMs, origin, renewed));
  }

  private RenewOutcome renewUncounted(
      LookupKey key, long nowNs, long dirtyMs, Origin origin, RenewedSlots renewed) {
    Lease lease = leases.find(key);
    if (lease == null) {
      return RenewOutcome.UNKNOWN_INSTANCE;
    }
    RenewAction action = lease.renewAction();
    if (action == RenewAction.UNKNOWN_STATUS) {
      return RenewOutcome.STATUS_UNKNOWN;
    }
    if (action == RenewAction.STATUS_DUE) {
      statusOverrides.apply(lease);
    }
    if (isSampled(lease.slot, nowNs)) {
      addSample(lease.slot, nowNs - lease.lastContactNs());
    }
    boolean isRepeated = origin == Origin.PEER && isRepeated(lease, nowNs);
    if (!lease.renew(nowNs)) {
      return RenewOutcome.UNKNOWN_INSTANCE;
    }
    renewed.add(lease.slot);
    if (isRepeated) {
      repeated.increment();
    }
    return compare(dirtyMs, lease.dirtyMs(), origin);
  }

  /**
   * Returns whether a renewal by a stock peer comes so soon after the last contact that it is most
   * likely the same heartbeat, sent to another member too. To be called before the renewal. Two
   * that race are both counted.
   */
  static boolean isRepeated(Lease lease, long nowNs) {
    return nowNs - lease.lastContactNs()
        < Math.min(REPEATED_NS, lease.durationNs() / REPEATED_PER_DURATION);
  }

  /**
   * Renews the leases of a batch in order, each as {@link #renew(LookupKey, long, long, Origin,
   * RenewedSlots)} does for {@link Origin#CLIENT}, and empties the batch.
   *
   * @param nowNs the monotonic time of this read cycle
   * @param renewed records the renewed leases for replication
   */
  public void renew(RenewalBatch batch, long nowNs, RenewedSlots renewed) {
    int count = batch.take(leases);
    long bits = 0;
    for (int i = 0; i < count; i++) {
      RenewOutcome outcome =
          renewUncounted(batch.key(i), nowNs, batch.dirtyMs(i), Origin.CLIENT, renewed);
      if (outcome == RenewOutcome.RENEWED) {
        bits |= 1L << i;
      } else {
        counted(outcome);
      }
    }
    // One addition for all: it takes longer than reading a lease that is in the cache.
    addRenewed(Long.bitCount(bits));
    batch.setRenewed(bits);
  }

  /** Returns the outcome of a dirty timestamp that was sent for a lease with another one. */
  RenewOutcome compare(long sentMs, long storedMs, Origin origin) {
    if (sentMs == storedMs || sentMs == NO_TIMESTAMP || !syncWhenTimestampDiffers) {
      return RenewOutcome.RENEWED;
    }
    if (sentMs > storedMs) {
      return RenewOutcome.CLIENT_IS_NEWER;
    }
    return origin == Origin.PEER ? RenewOutcome.PEER_IS_OLDER : RenewOutcome.RENEWED;
  }

  private RenewOutcome counted(RenewOutcome outcome) {
    counts[outcome.ordinal()].increment();
    return outcome;
  }

  /** Returns the heartbeats with this outcome since the start. */
  public long count(RenewOutcome outcome) {
    return counts[outcome.ordinal()].sum();
  }

  /**
   * Returns the heartbeats that renewed a lease since the start, regardless of the response (spec
   * §3.5).
   */
  public long count() {
    return Arrays.stream(RenewOutcome.values())
        .filter(RenewOutcome::isRenewal)
        .mapToLong(this::count)
        .sum();
  }

  /** Counts heartbeats with the outcome {@link RenewOutcome#RENEWED}. */
  void addRenewed(int renewals) {
    counts[RenewOutcome.RENEWED.ordinal()].add(renewals);
  }

  /** Samples the interval before a renewal of the lease in a slot. */
  void sample(Lease lease, int slot, long nowNs) {
    if (isSampled(slot, nowNs)) {
      addSample(slot, nowNs - lease.lastContactNs());
    }
  }

  void addReplicated(int renewals) {
    replicated.add(renewals);
  }

  /**
   * Returns the renewals at other members of the native cluster since the start, which this node
   * has received from them; without those by stock peers that this or another member has counted.
   */
  public long replicatedCount() {
    return replicated.sum();
  }

  /**
   * Returns {@link #count()} and {@link #replicatedCount()} together, for self-preservation in a
   * native cluster. Of a heartbeat that stock peers send to several members, which tell each other,
   * every member counts the first that arrives. Not a snapshot: may decrease for a moment by the
   * renewals that other threads are counting.
   */
  public long clusterCount() {
    return count() + replicatedCount() - repeated.sum();
  }

  private static boolean isSampled(int slot, long nowNs) {
    return ((slot ^ (nowNs >> GAP_SHIFT)) & RATE_MASK) == 0;
  }

  private void addSample(int slot, long gapNs) {
    long gap = Math.max(1, Math.min(gapNs >> GAP_SHIFT, GAP_MAX));
    cells.setOpaque((slot / (RATE_MASK + 1)) & (CELLS - 1), (long) slot << GAP_BITS | gap);
  }

  /** Delivers the samples taken since the last call. */
  void deliverSamples(RenewalIntervalListener listener) {
    for (int i = 0; i < CELLS; i++) {
      long sample = cells.getOpaque(i);
      if (sample == 0 || !cells.compareAndSet(i, sample, 0)) {
        continue;
      }
      Lease lease = leases.at((int) (sample >>> GAP_BITS));
      if (lease != null) {
        InstanceInfo instance = lease.holder().instance();
        long gapNs = (sample & GAP_MAX) << GAP_SHIFT;
        listener.onRenewal(instance.app(), instance.leaseInfo().renewalIntervalSecs(), gapNs);
      }
    }
  }
}
