// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.registry.StatusRules.StatusDecision;
import io.systole.server.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes all changes of the registry except renewals, one at a time. */
final class RegistryWriter {
  /*
   * Changes hold this object's monitor: a lease and the log change together, so that all readers see
   * one order. Renewals enter it only to apply a pending override.
   */

  private static final Logger LOG = LoggerFactory.getLogger(RegistryWriter.class);

  private final LeaseTable leases;
  private final ChangeLog changes;
  private final RegistryCounters counters;
  private final boolean isStrict;
  private final Predicate<Lease> isExpiredHidden;
  private final Tombstones tombstones;
  private final ExpectedClients expected;
  private final LeaseCounts leaseCounts = new LeaseCounts();
  private final RestoredLeases restored;
  private final LeaseBytes bytes;
  private final Clock clock;
  private final RecentEventLog<RecentEventLog.RecordedEvent> registered = new RecentEventLog<>();
  private final RecentEventLog<RecentEventLog.RecordedEvent> cancelled = new RecentEventLog<>();
  private final RecentEventLog<RecentEventLog.RecordedEvent> extended = new RecentEventLog<>();
  private final RecentEventLog<RecentEventLog.Eviction> evicted = new RecentEventLog<>();

  RegistryWriter(
      LeaseTable leases,
      RestoredLeases restored,
      ChangeLog changes,
      RegistryCounters counts,
      RegistrySettings settings,
      Predicate<Lease> hidesExpired,
      Clock clock) {
    this.leases = leases;
    this.restored = restored;
    this.changes = changes;
    this.counters = counts;
    LeaseRules rules = settings.rules();
    this.isStrict = rules.isStrict();
    this.bytes = new LeaseBytes(settings.bytes());
    this.isExpiredHidden = hidesExpired;
    this.tombstones = new Tombstones(rules.tombstoneMs(), rules.tombstonesMax());
    this.expected = new ExpectedClients(rules.expectedClients());
    this.clock = clock;
  }

  /** Applies a pending override at a renewal, as a published change (spec §9 no. 9). */
  synchronized void applyOverride(Lease lease) {
    if (lease.renewAction() == RenewAction.STATUS_DUE && !lease.hasEnded()) {
      amend(lease, lease.holder().withResolvedStatus(clock.wallMs()), Origin.NODE);
    }
  }

  // ---------------------------------------------------------------- restore

  /** As {@link Registry#restore}. */
  synchronized int restore(Iterable<PersistedLease> persisted) {
    int taken = 0;
    int large = 0;
    long nowNs = clock.monotonicNs();
    long nowMs = clock.wallMs();
    restored.start(nowNs);
    for (PersistedLease lease : persisted) {
      if (restoreOne(lease, nowNs, nowMs)) {
        taken++;
        large += bytes.isTooLarge(lease.instance()) ? 1 : 0;
      }
    }
    if (large > 0) {
      LOG.warn("restored leases of documents over --max-instance-bytes leases={}", large);
    }
    return taken;
  }

  private boolean restoreOne(PersistedLease persisted, long nowNs, long nowMs) {
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
    leaseCounts.addUnexpected(instance);
    bytes.add(instance);
    changes.appendRestored(lease.slot, holder, nowNs);
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

  private void expect(Lease lease) {
    expected.increment();
    leaseCounts.expect(lease.holder().instance());
  }

  // ---------------------------------------------------------------- register and cancel

  /** As {@link Registry#register}. */
  synchronized RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    return counters.addRegistration(registerLocked(incoming, origin));
  }

  private RegisterOutcome registerLocked(InstanceInfo incoming, Origin origin) {
    LookupKey key = LookupKey.of(incoming.key());
    Lease existing = leases.find(key);
    if (bytes.isTooLarge(incoming, existing == null ? null : existing.holder().instance())) {
      return RegisterOutcome.TOO_LARGE;
    }
    if (changes.isBacklogged()) {
      return RegisterOutcome.BACKLOGGED;
    }
    if (existing != null) {
      InstanceInfo before = existing.holder().instance();
      LeaseHolder next = resolveHolder(incoming, withoutIdleOverride(existing), origin);
      if (!bytes.fits(next.instance(), before)) {
        return RegisterOutcome.OVER_BUDGET;
      }
      if (restored.remove(existing)) {
        expect(existing);
      }
      if (existing.reregister(next, incoming.leaseInfo().durationSecs(), clock)) {
        countRemoved(before);
        publishRegistration(existing, origin);
        return RegisterOutcome.REGISTERED;
      }
      removeExpired(existing);
    }
    return registerNew(key, incoming, origin);
  }

  private RegisterOutcome registerNew(LookupKey key, InstanceInfo incoming, Origin origin) {
    if (tombstones.isOutdated(incoming, clock.monotonicNs())) {
      return RegisterOutcome.OUTDATED;
    }
    LeaseHolder holder = resolveHolder(incoming, null, origin);
    if (!bytes.fits(holder.instance(), null)) {
      return RegisterOutcome.OVER_BUDGET;
    }
    Lease fresh = leases.insert(slot -> new Lease(key, slot, holder, isStrict));
    if (fresh == null) {
      return RegisterOutcome.FULL;
    }
    expected.increment();
    publishRegistration(fresh, origin);
    return RegisterOutcome.REGISTERED;
  }

  /** Drops the override of an instance that was silent for an hour (spec §2.5). */
  private LeaseHolder withoutIdleOverride(Lease existing) {
    LeaseHolder holder = existing.holder();
    boolean isIdle = existing.isIdle(clock.monotonicNs(), Registry.OVERRIDE_IDLE_NS);
    return holder.override() != null && isIdle ? holder.withoutOverride() : holder;
  }

  private void countAdded(InstanceInfo instance) {
    leaseCounts.add(instance);
    bytes.add(instance);
  }

  private void countRemoved(InstanceInfo instance) {
    leaseCounts.remove(instance);
    bytes.remove(instance);
  }

  private void publishRegistration(Lease lease, Origin origin) {
    leases.wheel().schedule(lease.slot);
    countAdded(lease.holder().instance());
    append(Cause.REGISTRATION, origin, lease, lease.holder());
    registered.add(new RecentEventLog.RecordedEvent(
        clock.wallMs(), lease.holder().instance().key()));
  }

  /** Steps 2 and 6 to 9 of spec §3.2. */
  private LeaseHolder resolveHolder(
      InstanceInfo incoming, @Nullable LeaseHolder existing, Origin origin) {
    long nowMs = clock.wallMs();
    InstanceInfo registrant = incoming;
    if (existing != null && existing.instance().lastDirtyMs() > incoming.lastDirtyMs()) {
      // A delayed older document restarts the lease with its own duration; the newer one is kept.
      registrant = existing.instance();
    }
    InstanceStatus override = existing == null ? null : existing.override();
    if (override == null && registrant.overriddenStatus() != InstanceStatus.UNKNOWN) {
      override = registrant.overriddenStatus();
    }
    InstanceStatus existingStatus =
        existing == null ? null : existing.instance().status();
    StatusDecision decision =
        StatusRules.resolve(registrant.status(), override, existingStatus, origin);
    InstanceStatus status = decision.status();
    long serviceUpMs = existing == null ? 0 : existing.serviceUpMs();
    if (serviceUpMs == 0 && status == InstanceStatus.UP) {
      serviceUpMs = nowMs;
    }
    InstanceInfo instance = registrant.toBuilder()
        .status(status)
        .overriddenStatus(override == null ? registrant.overriddenStatus() : override)
        // Set by a server for itself only (spec §3.2).
        .isCoordinatingDiscoveryServer(false)
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(new LeaseInfo(
            registrant.leaseInfo().renewalIntervalSecs(),
            registrant.leaseInfo().durationSecs(),
            nowMs,
            nowMs,
            0,
            serviceUpMs))
        .build();
    return new LeaseHolder(instance, override, clock.monotonicNs(), decision.rule());
  }

  /** As {@link Registry#cancel}. */
  synchronized boolean cancel(InstanceKey key, Origin origin) {
    cancelled.add(new RecentEventLog.RecordedEvent(clock.wallMs(), key));
    Lease lease = leases.find(LookupKey.of(key));
    if (lease == null) {
      return false;
    }
    boolean wasLiving = lease.cancel();
    if (!wasLiving) {
      removeExpired(lease);
      return false;
    }
    remove(lease, Cause.CANCEL, origin);
    counters.addCancellation();
    return true;
  }

  /** As {@link Registry#evict(InstanceKey)}. */
  synchronized boolean evict(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    if (lease == null || !lease.cancel()) {
      return false;
    }
    removeEvicted(lease, Origin.OPERATOR, EvictionCause.OPERATOR, "evicted by an operator");
    counters.evictions(1);
    return true;
  }

  /** As {@link Registry#extend}. */
  boolean extend(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    boolean isExtended = lease != null && lease.extend(clock.monotonicNs());
    if (isExtended) {
      extended.add(new RecentEventLog.RecordedEvent(clock.wallMs(), key));
    }
    return isExtended;
  }

  /** Removes a lease that a concurrent eviction run has ended and not removed yet. */
  private void removeExpired(Lease ended) {
    removeEvicted(ended, Origin.NODE, EvictionCause.EXPIRED, "the lease expired");
  }

  /** Removes an evicted lease and records the reason. */
  synchronized void removeEvicted(Lease ended, Origin by, EvictionCause cause, String reason) {
    if (remove(ended, Cause.EVICTION, by)) {
      InstanceKey key = ended.holder().instance().key();
      evicted.add(new RecentEventLog.Eviction(clock.wallMs(), key, by, cause, reason));
    }
  }

  /**
   * Removes an ended lease from the table and publishes its end; returns false if that was done
   * before. Guarded by this monitor.
   */
  private boolean remove(Lease ended, Cause cause, Origin origin) {
    if (!ended.markRemovalPublished()) {
      return false;
    }
    leases.remove(ended);
    InstanceInfo removed = ended.holder().instance();
    bytes.remove(removed);
    if (restored.remove(ended)) {
      leaseCounts.removeUnexpected(removed);
    } else {
      expected.decrement();
      leaseCounts.remove(removed);
    }
    tombstones.add(removed, clock.monotonicNs());
    append(cause, origin, ended, ended.holder().ended(clock.wallMs()));
    return true;
  }

  private void append(Cause cause, Origin origin, Lease lease, LeaseHolder after) {
    changes.append(cause, origin, lease.slot, after, clock.monotonicNs());
  }

  // ---------------------------------------------------------------- override and amend

  /** As {@link Registry#override}. */
  synchronized boolean override(
      InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    Lease lease = renewVisible(key);
    if (lease == null) {
      return false;
    }
    LeaseHolder holder = lease.holder();
    if (holder.instance().status() != status) {
      amend(lease, holder.withStatus(status, status, dirtyMs, clock.wallMs()), origin);
    }
    return true;
  }

  /** As {@link Registry#liftOverride}. */
  synchronized boolean liftOverride(
      InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    Lease lease = renewVisible(key);
    if (lease == null) {
      return false;
    }
    LeaseHolder holder = lease.holder();
    if (holder.override() != null) {
      amend(lease, holder.withStatus(status, null, dirtyMs, clock.wallMs()), origin);
    }
    return true;
  }

  /** As {@link Registry#adoptOverride}. */
  synchronized void adoptOverride(InstanceKey key, InstanceStatus override) {
    Lease lease = leases.find(LookupKey.of(key));
    if (lease != null
        && override != InstanceStatus.UNKNOWN
        && lease.holder().override() != override) {
      amend(lease, lease.holder().withOverride(override), Origin.PEER);
    }
  }

  /** As {@link Registry#addMetadata}. */
  synchronized MetadataUpdateOutcome addMetadata(InstanceKey key, Map<String, String> entries) {
    Lease lease = findVisible(key);
    if (lease == null) {
      return MetadataUpdateOutcome.UNKNOWN_INSTANCE;
    }
    InstanceInfo instance = lease.holder().instance();
    Map<String, String> metadata = new LinkedHashMap<>(instance.metadata());
    metadata.putAll(entries);
    if (metadata.size() > Registry.METADATA_ENTRIES_MAX) {
      return MetadataUpdateOutcome.TOO_MUCH;
    }
    InstanceInfo amended = instance.toBuilder().metadata(metadata).build();
    return switch (counters.addRegistration(registerLocked(amended, Origin.CLIENT))) {
      case REGISTERED -> MetadataUpdateOutcome.UPDATED;
      // The lease ended in the meantime.
      case OUTDATED -> MetadataUpdateOutcome.UNKNOWN_INSTANCE;
      case TOO_LARGE -> MetadataUpdateOutcome.TOO_LARGE;
      case FULL, OVER_BUDGET, BACKLOGGED -> MetadataUpdateOutcome.NO_SPACE;
    };
  }

  /** Returns the lease, or null if there is none or it is expired and hidden (spec §2.2). */
  @Nullable
  Lease findVisible(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    if (lease == null || lease.hasEnded()) {
      return null;
    }
    return lease.isExpired(clock.monotonicNs()) && isExpiredHidden.test(lease) ? null : lease;
  }

  private @Nullable Lease renewVisible(InstanceKey key) {
    Lease lease = findVisible(key);
    return lease != null && lease.renew(clock.monotonicNs()) ? lease : null;
  }

  private void amend(Lease lease, LeaseHolder next, Origin origin) {
    LeaseHolder stamped = next.renewedAt(lease.lastRenewalMs());
    lease.update(stamped);
    append(Cause.AMENDMENT, origin, lease, stamped);
  }

  ExpectedClients expected() {
    return expected;
  }

  LeaseCounts leaseCounts() {
    return leaseCounts;
  }

  LeaseBytes bytes() {
    return bytes;
  }

  /** Returns the last registrations. */
  RecentEventLog<RecentEventLog.RecordedEvent> recentlyRegistered() {
    return registered;
  }

  /** Returns the last extensions. */
  RecentEventLog<RecentEventLog.RecordedEvent> recentlyExtended() {
    return extended;
  }

  /** Returns the last cancellations, including those of unregistered instances. */
  RecentEventLog<RecentEventLog.RecordedEvent> recentlyCancelled() {
    return cancelled;
  }

  /** Returns the last evictions. */
  RecentEventLog<RecentEventLog.Eviction> recentlyEvicted() {
    return evicted;
  }
}
