// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.jfr.EvictionJfrEvent;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The leases as other members of the native cluster change and renew them, by slot. Thread-safe.
 *
 * <p>The caller has decided that the records of the other member are newer than those here, and
 * keeps a slot from being reused in between by calling within {@link Registry#atomically}. Changes
 * have {@link Origin#MEMBER} unless the caller passes another origin, and are not counted as
 * requests.
 */
public final class ReplicatedLeases {
  /*
   * Changes hold the writer's monitor. Renewals do not: each is one CAS, as that of a heartbeat.
   */

  /** The result of a merge that a limit in number or bytes refused. */
  public static final int FULL = -1;

  /** The result of a merge that was refused because a reader of the changes is too far behind. */
  public static final int BACKLOGGED = -2;

  /** The result of {@link #lastContactNs} for a slot without a lease. */
  public static final long NO_CONTACT = Lease.ENDED;

  private static final int NONE = -1;

  /** The leases that are read before the first of them is renewed. */
  private static final int LEASES_AHEAD = 64;

  private static final String EVICTED_REASON = "evicted by another member of the cluster";

  private final RegistryWriter writer;
  private final LeaseRenewal renewal;
  private final Clock clock;

  ReplicatedLeases(RegistryWriter writer, LeaseRenewal renewal, Clock clock) {
    this.writer = writer;
    this.renewal = renewal;
    this.clock = clock;
  }

  /**
   * Begins or ends the initial load of another member's leases. Meanwhile merged registrations are
   * neither recent events nor part of deltas, as if this node had restored them.
   */
  public void setLoading(boolean isLoading) {
    synchronized (writer) {
      writer.isLoading = isLoading;
    }
  }

  /** Merges a lease like {@link #merge(InstanceInfo, InstanceStatus, long, Origin)}. */
  public int merge(InstanceInfo document, @Nullable InstanceStatus override, long renewedNs) {
    return merge(document, override, renewedNs, Origin.MEMBER);
  }

  /**
   * Inserts or replaces a lease with exactly this document and override. Its status is the given
   * one unless the override requires another. It is valid for one duration from now, or longer if
   * the last renewal is more recent or its deadline here is later. A restored lease becomes an
   * ordinary one. Changes nothing but the deadline if document and override are those here.
   *
   * @param document as of its last change at the member that accepted it
   * @param override the status override, or null
   * @param renewedNs the time of the last renewal that the sender had, monotonic time of this node
   * @param origin {@link Origin#MEMBER} or {@link Origin#MEMBER_PEER}
   * @return the slot, {@link #FULL} or {@link #BACKLOGGED}; in the latter cases nothing changed
   */
  public int merge(
      InstanceInfo document, @Nullable InstanceStatus override, long renewedNs, Origin origin) {
    synchronized (writer) {
      LeaseHolder merged =
          LeaseHolder.merged(document, override, registeredNs(document, renewedNs));
      Lease existing = writer.leases.find(LookupKey.of(document.key()));
      if (existing != null && existing.holder().isEqualButRenewal(merged)) {
        if (writer.merge(existing, existing.holder(), renewedNs)) {
          return existing.slot;
        }
      }
      int refusal = refusalOf(merged.instance(), existing);
      if (refusal < 0) {
        return refusal;
      }
      if (existing != null) {
        if (replace(existing, merged, renewedNs, origin)) {
          return existing.slot;
        }
        writer.removeExpired(existing);
      }
      Lease fresh = writer.insertMerged(LookupKey.of(document.key()), merged, renewedNs, origin);
      return fresh == null ? FULL : fresh.slot;
    }
  }

  /** The registration by the sender's wall clock, but no later than the last renewal. */
  private long registeredNs(InstanceInfo document, long renewedNs) {
    long ageMs = Math.max(0, clock.wallMs() - document.leaseInfo().registrationMs());
    return Math.min(clock.monotonicNs() - TimeUnit.MILLISECONDS.toNanos(ageMs), renewedNs);
  }

  /** Returns {@link #FULL}, {@link #BACKLOGGED}, or 0. */
  private int refusalOf(InstanceInfo merged, @Nullable Lease existing) {
    InstanceInfo stored = existing == null ? null : existing.holder().instance();
    if (writer.bytes.isTooLarge(merged, stored) || !writer.bytes.fits(merged, stored)) {
      return FULL;
    }
    return writer.changes.isBacklogged() ? BACKLOGGED : 0;
  }

  /** Replaces the holder; returns false if the lease has ended. */
  private boolean replace(Lease lease, LeaseHolder merged, long renewedNs, Origin origin) {
    LeaseHolder before = lease.holder();
    boolean isOverrideChanged = before.override() != merged.override();
    if (isOverrideChanged && before.isSameRegistration(merged)) {
      if (!writer.merge(lease, before, renewedNs)) {
        return false;
      }
    } else if (!writer.replaceMerged(lease, merged, renewedNs, origin)) {
      return false;
    }
    if (isOverrideChanged) {
      // A change of its own, because a registration does not change the override of stock peers.
      writer.update(lease, merged, origin);
    }
    return true;
  }

  /** Removes a lease like {@link #remove(int, Change.Cause, Origin)}. */
  public boolean remove(int slot, Cause cause) {
    return remove(slot, cause, Origin.MEMBER);
  }

  /**
   * Removes a lease, whatever its deadline.
   *
   * @param cause {@link Cause#CANCEL} or {@link Cause#EVICTION}
   * @param origin {@link Origin#MEMBER} or {@link Origin#MEMBER_PEER}
   * @return false if there was no lease
   */
  public boolean remove(int slot, Cause cause, Origin origin) {
    if (cause != Cause.CANCEL && cause != Cause.EVICTION) {
      throw new IllegalArgumentException("cause=" + cause);
    }
    synchronized (writer) {
      Lease lease = writer.leases.at(slot);
      if (lease == null) {
        return false;
      }
      // If an eviction run has ended it, this removal takes the place of that run's.
      lease.cancel();
      if (!writer.remove(lease, cause, origin)) {
        return false;
      }
      record(lease.holder().instance().key(), cause, origin);
      return true;
    }
  }

  private void record(InstanceKey key, Cause cause, Origin origin) {
    long nowMs = clock.wallMs();
    if (cause == Cause.CANCEL) {
      writer.recent.cancelled().add(new RecentEventLog.InstanceEvent(nowMs, key, origin, null));
      return;
    }
    var expired = RecentEventLog.EvictionCause.EXPIRED;
    writer
        .recent
        .evicted()
        .add(new RecentEventLog.Eviction(nowMs, key, origin, expired, EVICTED_REASON, null));
    EvictionJfrEvent.record(key.app(), key.id(), expired, origin, EVICTED_REASON);
  }

  /**
   * Renews leases that other members renewed. Slots without a lease are skipped. A pending status
   * override is left to the member that took the heartbeat, which sends the result as a change, so
   * that a renewal never takes the monitor.
   *
   * @param slots not negative
   * @param count the number of slots, from the first
   * @param isByPeers whether stock peers sent the renewals, to other members of the cluster too
   * @return the number of renewed leases
   */
  public int renew(int[] slots, int count, long nowNs, boolean isByPeers) {
    Lease[] ahead = new Lease[Math.min(count, LEASES_AHEAD)];
    int renewed = 0;
    int repeated = 0;
    for (int from = 0; from < count; from += LEASES_AHEAD) {
      int length = Math.min(count - from, LEASES_AHEAD);
      // Read without a CAS first, so that the processor waits for several leases at a time.
      for (int i = 0; i < length; i++) {
        Lease lease = writer.leases.at(slots[from + i]);
        ahead[i] = lease == null || lease.hasEnded() ? null : lease;
      }
      for (int i = 0; i < length; i++) {
        Lease lease = ahead[i];
        if (lease == null) {
          continue;
        }
        boolean isRepeated = isByPeers && LeaseRenewal.isRepeated(lease, nowNs);
        if (lease.renew(nowNs)) {
          renewed++;
          repeated += isRepeated ? 1 : 0;
        }
      }
    }
    renewal.addReplicated(renewed - repeated);
    return renewed;
  }

  /** Extends a lease to at least one duration from now. Not counted as a renewal. */
  public void extend(int slot, long nowNs) {
    Lease lease = writer.leases.at(slot);
    if (lease != null) {
      lease.extend(nowNs);
    }
  }

  /** Returns whether the deadline of the lease has passed; true if there is no lease. */
  public boolean isExpired(int slot, long nowNs) {
    Lease lease = writer.leases.at(slot);
    return lease == null || lease.isExpired(nowNs);
  }

  /**
   * Returns the time of the last renewal or registration, monotonic, or {@link #NO_CONTACT} if
   * there is no lease. That of a lease that was only extended since, or merged with an old renewal,
   * is later than the true one by less than a duration.
   */
  public long lastContactNs(int slot) {
    Lease lease = writer.leases.at(slot);
    long deadlineNs = lease == null ? Lease.ENDED : lease.deadlineNs();
    return lease == null || deadlineNs == Lease.ENDED
        ? NO_CONTACT
        : lease.lastContactNs(deadlineNs);
  }

  /**
   * Returns the slot of the lease under this key, or -1. Publishes the end of a lease that a
   * concurrent eviction run has ended, so that listeners have received it before the caller decides
   * by the result.
   */
  public int find(InstanceKey key) {
    synchronized (writer) {
      Lease lease = writer.leases.find(LookupKey.of(key));
      if (lease == null) {
        return NONE;
      }
      if (lease.hasEnded()) {
        writer.removeExpired(lease);
        return NONE;
      }
      return lease.slot;
    }
  }

  /** Returns the lease in this slot, or null. */
  public @Nullable PersistedLease at(int slot) {
    Lease lease = writer.leases.at(slot);
    if (lease == null || lease.hasEnded()) {
      return null;
    }
    LeaseHolder holder = lease.holder();
    return new PersistedLease(holder.instance(), holder.override());
  }
}
