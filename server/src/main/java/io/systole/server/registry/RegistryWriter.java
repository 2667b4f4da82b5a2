// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.jfr.EvictionJfrEvent;
import io.systole.server.jfr.RegistrationJfrEvent;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The state of the registry, and the primitives that change a lease with the log and the counts.
 */
final class RegistryWriter {
  /*
   * All changes but renewals hold this object's monitor: a lease and the log change together, so that
   * all readers see one order. Methods that change something require the monitor, unless they are
   * synchronized.
   */

  /** The recorded reason of an eviction that has no other. */
  static final String EXPIRED_REASON = "the lease expired";

  final LeaseTable leases;
  final ChangeLog changes;
  final RestoredLeases restored = new RestoredLeases();
  final LeaseCounts counts = new LeaseCounts();
  final ExpectedClients expected;
  final LeaseBytes bytes;
  final Tombstones tombstones;
  final RecentEventLog.ByKind recent = new RecentEventLog.ByKind();
  private final boolean isStrict;
  private final Clock clock;

  /** Slots whose last change, in this run, a client or an operator of this node made. */
  private final BitSet changedHere = new BitSet();

  /**
   * Slots whose document may be out of date, and is unchanged since: restored, or from the list of
   * a stock server, which lags by up to 30 s.
   */
  private final BitSet outdated = new BitSet();

  /** Whether the leases of another member of the cluster are being loaded. */
  boolean isLoading;

  /** Expired leases that lookups and updates of one instance treat as missing. */
  volatile Predicate<LeaseDeadline> isExpiredHidden = deadline -> true;

  RegistryWriter(RegistrySettings settings, LeaseTable leases, ChangeLog changes, Clock clock) {
    LeaseRules rules = settings.rules();
    this.leases = leases;
    this.changes = changes;
    this.expected = new ExpectedClients(rules.expectedClients());
    this.bytes = new LeaseBytes(settings.bytes());
    this.tombstones = new Tombstones(rules.tombstoneMs(), rules.tombstonesMax());
    this.isStrict = rules.isStrict();
    this.clock = clock;
  }

  /** Returns the lease, or null if there is none or it is expired and hidden (spec §2.2). */
  @Nullable
  Lease findVisible(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    if (lease == null || lease.hasEnded()) {
      return null;
    }
    boolean isHidden = lease.isExpired(clock.monotonicNs())
        && isExpiredHidden.test(LeaseDeadline.of(lease, restored));
    return isHidden ? null : lease;
  }

  /**
   * Inserts and publishes a restored lease, valid for one duration.
   *
   * @return false if it exceeds a limit
   */
  boolean restore(PersistedLease persisted, long nowNs, long nowMs) {
    InstanceInfo instance = persisted.instance();
    if (!bytes.fits(instance, null)) {
      return false;
    }
    long ageMs = nowMs - instance.leaseInfo().registrationMs();
    LeaseHolder holder = new LeaseHolder(
        instance, persisted.override(), nowNs - TimeUnit.MILLISECONDS.toNanos(ageMs));
    LookupKey key = LookupKey.of(instance.key());
    Lease lease = leases.insert(slot -> {
      Lease fresh = new Lease(key, slot, holder, isStrict);
      fresh.restore(nowNs);
      return fresh;
    });
    if (lease == null) {
      return false;
    }
    leases.wheel().schedule(lease.slot);
    restored.add(lease);
    outdated.set(lease.slot);
    counts.addUnexpected(instance);
    bytes.add(instance);
    changes.appendUnretained(Cause.RESTORATION, Origin.NODE, lease.slot, holder, nowNs);
    return true;
  }

  /**
   * Counts restored leases that were renewed as expected clients.
   *
   * @param from the first slot
   * @return the slot to continue at, or a negative number at the end
   */
  synchronized int sweepRestored(int from) {
    return restored.sweep(from, leases, this::expect);
  }

  /** Counts a restored lease as an expected client. */
  void expect(Lease lease) {
    expected.increment();
    counts.expect(lease.holder().instance());
  }

  /** Inserts and publishes a new lease; returns false if the table is full. */
  boolean insert(LookupKey key, LeaseHolder holder, Origin origin) {
    Lease fresh = leases.insert(slot -> new Lease(key, slot, holder, isStrict));
    if (fresh == null) {
      return false;
    }
    expected.increment();
    publishRegistration(fresh, origin, true);
    return true;
  }

  /** Restarts and publishes a lease with a new holder; returns false if it has ended. */
  boolean replace(Lease lease, LeaseHolder next, int durationSecs, Origin origin) {
    InstanceInfo before = lease.holder().instance();
    expectRestored(lease);
    if (!lease.reregister(next, durationSecs, clock)) {
      return false;
    }
    leases.documentChanged(lease, before);
    publishReplacement(before, lease, origin);
    return true;
  }

  private void publishReplacement(InstanceInfo before, Lease lease, Origin origin) {
    counts.remove(before);
    bytes.remove(before);
    publishRegistration(lease, origin, false);
  }

  private void expectRestored(Lease lease) {
    if (restored.remove(lease)) {
      expect(lease);
    }
  }

  /** Inserts and publishes a lease of another member; returns null if the table is full. */
  @Nullable
  Lease insertMerged(LookupKey key, LeaseHolder holder, long renewedNs, Origin origin) {
    Lease inserted = leases.insert(slot -> {
      Lease fresh = new Lease(key, slot, holder, isStrict);
      fresh.merge(holder, renewedNs, clock);
      return fresh;
    });
    if (inserted != null) {
      expected.increment();
      publishRegistration(inserted, origin, true);
    }
    return inserted;
  }

  /**
   * Replaces and publishes a lease by the record of another member; returns false if it has ended.
   */
  boolean replaceMerged(Lease lease, LeaseHolder next, long renewedNs, Origin origin) {
    InstanceInfo before = lease.holder().instance();
    if (!merge(lease, next, renewedNs)) {
      return false;
    }
    publishReplacement(before, lease, origin);
    return true;
  }

  /**
   * Merges the lease of another member with a holder of the same registration, which is not
   * published; returns false if it has ended.
   */
  boolean merge(Lease lease, LeaseHolder next, long renewedNs) {
    InstanceInfo before = lease.holder().instance();
    expectRestored(lease);
    boolean isLive = lease.merge(next, renewedNs, clock);
    leases.documentChanged(lease, before);
    leases.wheel().schedule(lease.slot);
    return isLive;
  }

  private void publishRegistration(Lease lease, Origin origin, boolean isNew) {
    InstanceInfo instance = lease.holder().instance();
    leases.wheel().schedule(lease.slot);
    counts.add(instance);
    bytes.add(instance);
    markChanged(lease, origin);
    long nowNs = clock.monotonicNs();
    if (isLoading && origin.isMember()) {
      changes.appendUnretained(Cause.REGISTRATION, origin, lease.slot, lease.holder(), nowNs);
      return;
    }
    changes.append(Cause.REGISTRATION, origin, lease.slot, lease.holder(), nowNs);
    InstanceKey key = instance.key();
    recent.registered().add(new RecentEventLog.InstanceEvent(clock.wallMs(), key, origin, null));
    RegistrationJfrEvent.record(key.app(), key.id(), instance.status(), origin, isNew);
  }

  /** Returns a copy of the slots whose last change was made at this node, in this run. */
  synchronized BitSet changedHere() {
    return (BitSet) changedHere.clone();
  }

  /**
   * Returns a copy of the slots whose document may be out of date, because it was restored or came
   * from the list of a stock server, which lags by up to 30 s.
   */
  synchronized BitSet outdated() {
    return (BitSet) outdated.clone();
  }

  /** Marks a document as one that may be out of date. */
  void markOutdated(Lease lease) {
    outdated.set(lease.slot);
  }

  /** Replaces and publishes the holder of a lease. */
  void update(Lease lease, LeaseHolder next, Origin origin) {
    LeaseHolder stamped = next.renewedAt(lease.lastRenewalMs());
    InstanceInfo before = lease.holder().instance();
    counts.changeStatus(before.status(), next.instance().status());
    lease.update(stamped);
    leases.documentChanged(lease, before);
    append(Cause.AMENDMENT, origin, lease, stamped);
  }

  /** Removes a lease that a concurrent eviction run has ended and not removed yet. */
  void removeExpired(Lease ended) {
    removeEvicted(ended, RecentEventLog.EvictionCause.EXPIRED, EXPIRED_REASON, null);
  }

  /**
   * Removes an evicted lease and records the reason.
   *
   * @param requester the operator, or null
   */
  synchronized void removeEvicted(
      Lease ended,
      RecentEventLog.EvictionCause cause,
      String reason,
      @Nullable Requester requester) {
    Origin by = cause == RecentEventLog.EvictionCause.OPERATOR ? Origin.OPERATOR : Origin.NODE;
    if (remove(ended, Cause.EVICTION, by)) {
      InstanceKey key = ended.holder().instance().key();
      recent
          .evicted()
          .add(new RecentEventLog.Eviction(clock.wallMs(), key, by, cause, reason, requester));
      EvictionJfrEvent.record(key.app(), key.id(), cause, by, reason);
    }
  }

  /**
   * Removes an ended lease from the table and publishes its end; returns false if that was done
   * before.
   */
  boolean remove(Lease ended, Cause cause, Origin origin) {
    if (!ended.markRemovalPublished()) {
      return false;
    }
    leases.remove(ended);
    InstanceInfo removed = ended.holder().instance();
    bytes.remove(removed);
    if (restored.remove(ended)) {
      counts.removeUnexpected(removed);
    } else {
      expected.decrement();
      counts.remove(removed);
    }
    tombstones.add(removed, clock.monotonicNs());
    append(cause, origin, ended, ended.holder().ended(clock.wallMs()));
    return true;
  }

  private void append(Cause cause, Origin origin, Lease lease, LeaseHolder after) {
    markChanged(lease, origin);
    if (cause == Cause.CANCEL || cause == Cause.EVICTION) {
      changedHere.clear(lease.slot);
      outdated.clear(lease.slot);
    }
    changes.append(cause, origin, lease.slot, after, clock.monotonicNs());
  }

  private void markChanged(Lease lease, Origin origin) {
    if (origin != Origin.NODE) {
      changedHere.set(lease.slot, origin == Origin.CLIENT || origin == Origin.OPERATOR);
      outdated.clear(lease.slot);
    }
  }
}
