// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRenewal.RenewalIntervalListener;
import io.systole.server.registry.RecentEventLog.EvictionCause;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The expiry of leases, their evictions and extensions. Thread-safe. */
public final class LeaseExpiry {
  /*
   * An eviction is decided by the CAS on the deadline of the lease, outside the writer's monitor,
   * because it races with renewals and not with other changes.
   */

  private final RegistryWriter writer;
  private final RegistryCounters counters;
  private final LeaseRenewal renewal;
  private final Clock clock;

  LeaseExpiry(RegistryWriter writer, RegistryCounters counters, LeaseRenewal renewal, Clock clock) {
    this.writer = writer;
    this.counters = counters;
    this.renewal = renewal;
    this.clock = clock;
  }

  /**
   * Returns the leases that expired more than {@code graceNs} ago. Linear in the expired leases,
   * and those whose previous deadline passed since the last call; not in the registered ones.
   */
  public List<LeaseDeadline> expired(long graceNs) {
    return expiredAt(clock.monotonicNs() - graceNs);
  }

  /**
   * Returns the leases that had expired at a past time and have not been renewed since. Costs as
   * much as {@link #expired}.
   */
  public List<LeaseDeadline> expiredAt(long momentNs) {
    long nowNs;
    synchronized (writer) {
      // Every registration with a visible effect has scheduled its lease by now.
      nowNs = clock.monotonicNs();
    }
    List<LeaseDeadline> expired = new ArrayList<>();
    writer
        .leases
        .wheel()
        .forEachExpired(
            nowNs,
            nowNs - momentNs,
            lease -> expired.add(LeaseDeadline.of(lease, writer.restored)));
    return expired;
  }

  /**
   * Returns the number of expired leases. Costs as much as {@link #expired}, but allocates none.
   */
  public int expiredCount() {
    int[] count = new int[1];
    writer.leases.wheel().forEachExpired(clock.monotonicNs(), 0, lease -> count[0]++);
    return count[0];
  }

  /** Returns the deadline of this instance's lease, expired or not, or null. */
  public @Nullable LeaseDeadline deadline(InstanceKey key) {
    Lease lease = writer.leases.find(LookupKey.of(key));
    return lease == null || lease.hasEnded() ? null : LeaseDeadline.of(lease, writer.restored);
  }

  /**
   * Evicts those of these leases that have not been renewed since they were selected, and trims the
   * log.
   *
   * @param momentNs the time at which they had expired; renewals after it count even if the process
   *     paused in between
   * @param reason the human-readable reason, recorded with each eviction
   * @return the number of evicted leases
   */
  public int evict(List<LeaseDeadline> chosen, long momentNs, String reason) {
    int count = 0;
    for (LeaseDeadline deadline : chosen) {
      Lease lease = writer.leases.find(LookupKey.of(deadline.key()));
      if (lease != null && lease.evict(momentNs, 0)) {
        EvictionCause cause =
            deadline.isUnrenewed() ? EvictionCause.UNRENEWED : EvictionCause.EXPIRED;
        // The monitor is taken for each lease, so that registrations do not wait for the whole run.
        writer.removeEvicted(lease, cause, reason, null);
        count++;
      }
    }
    synchronized (writer) {
      writer.changes.trim(clock.monotonicNs());
    }
    counters.addEvictions(count);
    return count;
  }

  /** Evicts every lease that expired more than {@code graceNs} ago, protected or not. */
  public int evictExpired(long graceNs) {
    long momentNs = clock.monotonicNs() - graceNs;
    return evict(expiredAt(momentNs), momentNs, RegistryWriter.EXPIRED_REASON);
  }

  /** Evicts an instance like {@link #evict(InstanceKey, Requester)}, for an unknown operator. */
  public boolean evict(InstanceKey key) {
    return evict(key, null);
  }

  /**
   * Evicts an instance at an operator's request, expired or not. No rule protects it, and earlier
   * renewals do not count. A live instance registers again after the 404 to its next heartbeat.
   *
   * @param requester the operator, or null
   * @return false if there was no lease
   */
  public boolean evict(InstanceKey key, @Nullable Requester requester) {
    synchronized (writer) {
      Lease lease = writer.leases.find(LookupKey.of(key));
      if (lease == null || !lease.cancel()) {
        return false;
      }
      writer.removeEvicted(lease, EvictionCause.OPERATOR, "evicted by an operator", requester);
    }
    counters.addEvictions(1);
    return true;
  }

  /** Extends a lease like {@link #extend(InstanceKey, Requester)}, for an unknown operator. */
  public boolean extend(InstanceKey key) {
    return extend(key, null);
  }

  /**
   * Extends a lease, expired or not, to at least one duration from now. Not counted as a renewal.
   *
   * @param requester the operator, or null
   * @return false if there is no lease
   */
  public boolean extend(InstanceKey key, @Nullable Requester requester) {
    Lease lease = writer.leases.find(LookupKey.of(key));
    boolean isExtended = lease != null && lease.extend(clock.monotonicNs());
    if (isExtended) {
      writer
          .recent
          .extended()
          .add(new RecentEventLog.InstanceEvent(clock.wallMs(), key, Origin.OPERATOR, requester));
    }
    return isExtended;
  }

  /**
   * Sets the predicate for expired leases that lookups and updates of one instance treat as
   * missing. Stock servers hide all of them while evictions are allowed (spec §8 row 80). The
   * default hides all.
   */
  public void hideIf(Predicate<LeaseDeadline> isHidden) {
    writer.isExpiredHidden = isHidden;
  }

  /**
   * Advances the timer wheel and delivers the renewal intervals sampled since the last call. To be
   * called about every second; {@link #expired} has less work then.
   */
  public void advance(RenewalIntervalListener listener) {
    writer.leases.wheel().advance(clock.monotonicNs());
    renewal.deliverSamples(listener);
  }
}
