// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The registered instances and their leases. Any thread may call. */
public final class Registry {
  /*
   * Renewals take no lock: one look-up, one CAS on the deadline of the lease. The writer makes all
   * other changes, one at a time, under its monitor. An eviction is decided by the CAS, outside the
   * monitor, because it races with renewals and not with other changes.
   */

  /** The dirty timestamp of a request without one; it is not compared. */
  public static final long NO_TIMESTAMP = Long.MIN_VALUE;

  /** How long a status override outlives the last renewal, as in stock servers. */
  static final long OVERRIDE_IDLE_NS = TimeUnit.HOURS.toNanos(1);

  /** The maximum of metadata entries of an instance: as many as a document may have. */
  public static final int METADATA_ENTRIES_MAX = 1024;

  /**
   * Versions of a run start at the wall clock times this factor, so that they differ from those of
   * earlier runs. They stay below 2^53, the exact integers of JavaScript.
   */
  private static final long VERSIONS_PER_MS = 1_000;

  private final RegistrySettings settings;
  private final LeaseTable leases;
  private final RestoredLeases restored = new RestoredLeases();
  private final ChangeLog changes;
  private final RegistryWriter writer;
  private final RegistryCounters counters = new RegistryCounters();
  private final RenewalIntervalSampler samples = new RenewalIntervalSampler();
  private final Clock clock;
  private volatile Predicate<LeaseDeadline> isExpiredHidden = deadline -> true;

  public Registry(RegistrySettings settings, Clock clock) {
    this(settings, clock, 0);
  }

  /**
   * @param versionAfter the highest version that an earlier run may have published; the first
   *     change has a greater one even if the wall clock was stepped back
   */
  public Registry(RegistrySettings settings, Clock clock, long versionAfter) {
    this(settings, clock, versionAfter, 0);
  }

  /**
   * @param versionAfter the highest version that an earlier run may have published
   * @param leasesExpected the number of leases to be restored
   */
  public Registry(RegistrySettings settings, Clock clock, long versionAfter, int leasesExpected) {
    this.settings = settings;
    int leasesMax = settings.leasesMax();
    this.leases =
        new LeaseTable(leasesMax, Math.min(leasesMax, leasesExpected), clock.monotonicNs());
    this.changes = new ChangeLog(
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        settings.bytes().changesMax(),
        Math.max(clock.wallMs() * VERSIONS_PER_MS, versionAfter),
        clock.monotonicNs());
    this.writer = new RegistryWriter(
        leases,
        restored,
        changes,
        counters,
        settings,
        lease -> isExpiredHidden.test(deadlineOf(lease)),
        clock);
    this.clock = clock;
  }

  // ---------------------------------------------------------------- restore

  /**
   * Restores the leases of an earlier run, before any other call. Each is valid for one duration
   * from now, since its instance could not renew it while the node was down.
   *
   * <p>Each lease is a change of the log, {@link Cause#RESTORATION}, because readers of the log
   * have no other source. Deltas begin after them: a client that kept its copy over the restart
   * must not receive a million instances again. If its copy differs, the hash code makes it fetch
   * the full registry.
   *
   * <p>A restored lease is unrenewed until its deadline first moves. Until then its renewals are
   * not expected: its instance may have ended while the node was down.
   *
   * @return the number of restored leases; the rest exceeded the limits in number and bytes. A
   *     document above the limit of one document is restored, because it was acknowledged once
   */
  public int restore(Iterable<PersistedLease> persisted) {
    return writer.restore(persisted);
  }

  /**
   * Counts restored leases that were renewed as expected clients; a renewal itself does not. To be
   * called about every second. Linear in the restored leases that have not been renewed.
   */
  public void sweepRestored() {
    for (int from = 0; from >= 0 && restored.count() > 0; ) {
      from = writer.sweepRestored(from);
    }
  }

  /** Returns the number of leases expected to be renewed: all but unrenewed restored ones. */
  public int expectedLeaseCount() {
    return Math.max(0, leases.size() - restored.count());
  }

  /**
   * Visits every lease; weakly consistent: each lease that exists during the whole iteration is
   * visited, others may be.
   */
  public void forEachLease(Consumer<PersistedLease> action) {
    leases.forEach(lease -> {
      if (!lease.hasEnded()) {
        action.accept(new PersistedLease(lease.document(), lease.holder().override()));
      }
    });
  }

  // ---------------------------------------------------------------- renew

  /**
   * Renews a lease by the decision table of spec §2.2. Lock-free and allocation-free unless a
   * status override is pending.
   *
   * @param key valid during the call
   * @param nowNs the monotonic time of this read cycle
   * @param dirtyMs the sender's dirty timestamp, epoch ms, or {@link #NO_TIMESTAMP}
   */
  public RenewOutcome renew(LookupKey key, long nowNs, long dirtyMs, Origin origin) {
    Lease lease = leases.find(key);
    if (lease == null) {
      return counters.addRenewal(RenewOutcome.UNKNOWN_INSTANCE);
    }
    RenewAction action = lease.renewAction();
    if (action == RenewAction.UNKNOWN_STATUS) {
      return counters.addRenewal(RenewOutcome.STATUS_UNKNOWN);
    }
    if (action == RenewAction.STATUS_DUE) {
      writer.applyOverride(lease);
    }
    if (RenewalIntervalSampler.isDue(lease.slot, nowNs)) {
      samples.add(lease.slot, nowNs - lease.lastContactNs());
    }
    if (!lease.renew(nowNs)) {
      return counters.addRenewal(RenewOutcome.UNKNOWN_INSTANCE);
    }
    return counters.addRenewal(compare(dirtyMs, lease.dirtyMs(), origin));
  }

  private RenewOutcome compare(long sentMs, long storedMs, Origin origin) {
    if (sentMs == storedMs || sentMs == NO_TIMESTAMP || !settings.syncWhenTimestampDiffers()) {
      return RenewOutcome.RENEWED;
    }
    if (sentMs > storedMs) {
      return RenewOutcome.CLIENT_IS_NEWER;
    }
    return origin == Origin.PEER ? RenewOutcome.PEER_IS_OLDER : RenewOutcome.RENEWED;
  }

  // ---------------------------------------------------------------- change

  /**
   * Registers an instance, or replaces the holder of its lease (spec §3.2). In both cases the lease
   * is valid for one duration from now.
   *
   * @param incoming a validated document
   */
  public RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    return writer.register(incoming, origin);
  }

  /** Cancels the lease at the instance's request; returns false if there was none. */
  public boolean cancel(InstanceKey key, Origin origin) {
    return writer.cancel(key, origin);
  }

  /**
   * Sets a status override (spec §3.4). Renews the lease.
   *
   * @param dirtyMs replaces the instance's dirty timestamp if newer, or {@link #NO_TIMESTAMP}
   * @return false if there is no lease, or it has expired
   */
  public boolean override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return writer.override(key, status, dirtyMs, origin);
  }

  /**
   * Removes the status override, if there is one (spec §3.4). Renews the lease.
   *
   * @param status the new status; UNKNOWN makes the instance register again
   * @param dirtyMs replaces the instance's dirty timestamp if newer, or {@link #NO_TIMESTAMP}
   * @return false if there is no lease, or it has expired
   */
  public boolean liftOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return writer.liftOverride(key, status, dirtyMs, origin);
  }

  /**
   * Adopts the override that a peer sent with a newer heartbeat, as a published change. The next
   * renewal applies it to the status (spec §2.2 row 6).
   */
  public void adoptOverride(InstanceKey key, InstanceStatus override) {
    writer.adoptOverride(key, override);
  }

  /**
   * Adds or overwrites metadata; never deletes. Registers the instance again with its dirty
   * timestamp unchanged, so that its own next registration wins (spec §3.4).
   */
  public MetadataUpdateOutcome addMetadata(InstanceKey key, Map<String, String> entries) {
    return writer.addMetadata(key, entries);
  }

  // ---------------------------------------------------------------- expire

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
    leases.wheel().forEachExpired(nowNs, nowNs - momentNs, lease -> expired.add(deadlineOf(lease)));
    return expired;
  }

  /** Returns the deadline of this instance's lease, expired or not, or null. */
  public @Nullable LeaseDeadline deadline(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    return lease == null || lease.hasEnded() ? null : deadlineOf(lease);
  }

  private LeaseDeadline deadlineOf(Lease lease) {
    InstanceInfo instance = lease.holder().instance();
    long deadlineNs = lease.deadlineNs();
    return new LeaseDeadline(
        instance.key(),
        LeaseCounts.zoneOf(instance),
        deadlineNs,
        lease.durationNs(),
        restored.isUnrenewed(lease, deadlineNs));
  }

  /**
   * Evicts those of these leases that have not been renewed since they were selected, and trims the
   * log.
   *
   * @param momentNs the time at which they had expired; renewals after it count even if the process
   *     paused in between
   * @param reason the reason for people, recorded with each eviction
   * @return the number of evicted leases
   */
  public int evict(List<LeaseDeadline> chosen, long momentNs, String reason) {
    int count = 0;
    for (LeaseDeadline deadline : chosen) {
      Lease lease = leases.find(LookupKey.of(deadline.key()));
      if (lease != null && lease.evict(momentNs, 0)) {
        // The monitor is taken for each lease, so that registrations do not wait for the whole run.
        EvictionCause cause =
            deadline.isUnrenewed() ? EvictionCause.UNRENEWED : EvictionCause.EXPIRED;
        writer.removeEvicted(lease, Origin.NODE, cause, reason);
        count++;
      }
    }
    synchronized (writer) {
      changes.trim(clock.monotonicNs());
    }
    counters.evictions(count);
    return count;
  }

  /**
   * Evicts an instance at an operator's request, expired or not. No rule protects it, and earlier
   * renewals do not count. A living instance registers again after the 404 to its next heartbeat.
   *
   * @return false if there was no lease
   */
  public boolean evict(InstanceKey key) {
    return writer.evict(key);
  }

  /**
   * Extends a lease, expired or not, to at least one duration from now. Not counted as a renewal.
   *
   * @return false if there is no lease
   */
  public boolean extend(InstanceKey key) {
    return writer.extend(key);
  }

  /** Evicts every lease that expired more than {@code graceNs} ago, protected or not. */
  public int evictExpired(long graceNs) {
    long momentNs = clock.monotonicNs() - graceNs;
    return evict(expiredAt(momentNs), momentNs, "the lease expired");
  }

  /**
   * Advances the timer wheel and delivers the renewal intervals sampled since the last call. To be
   * called about every second; {@link #expired} has less work then.
   */
  public void advanceWheel(RenewalIntervalListener gaps) {
    leases.wheel().advance(clock.monotonicNs());
    samples.drain((slot, gapNs) -> {
      Lease lease = leases.at(slot);
      if (lease != null) {
        InstanceInfo instance = lease.holder().instance();
        gaps.onRenewal(instance.app(), instance.leaseInfo().renewalIntervalSecs(), gapNs);
      }
    });
  }

  /**
   * Sets the predicate for expired leases that look-ups and updates of one instance treat as
   * missing. Stock servers hide all of them while evictions are allowed (spec §8 row 80). The
   * default hides all.
   */
  public void hideExpiredIf(Predicate<LeaseDeadline> isHidden) {
    isExpiredHidden = isHidden;
  }

  // ---------------------------------------------------------------- read

  /** Returns the document with its lease timestamps, or null if there is no visible lease. */
  public @Nullable InstanceInfo find(InstanceKey key) {
    Lease lease = writer.findVisible(key);
    return lease == null ? null : lease.document();
  }

  /** Returns the document under this key, expired or not, or null. Sent to a peer with a 409. */
  public @Nullable InstanceInfo findStored(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    return lease == null || lease.hasEnded() ? null : lease.document();
  }

  /** Returns the settings. */
  public RegistrySettings settings() {
    return settings;
  }

  /** Returns the log of changes. */
  public ChangeLog changes() {
    return changes;
  }

  /** Returns the newest change's version. */
  public long version() {
    return changes.version();
  }

  /** Returns the status overrides by instance id; of two instances with one id, either. */
  public Map<String, InstanceStatus> overrides() {
    Map<String, InstanceStatus> overrides = new LinkedHashMap<>();
    leases.forEach(lease -> {
      LeaseHolder holder = lease.holder();
      if (holder.override() != null) {
        overrides.put(holder.instance().id(), holder.override());
      }
    });
    return overrides;
  }

  /** Returns a read-only view of the leases for diagnostics. */
  public LeaseInspector inspector() {
    return new LeaseInspector(leases, restored, changes, clock);
  }

  /** Returns the number of leases by application and zone. */
  public LeaseCounts leaseCounts() {
    return writer.leaseCounts();
  }

  public ExpectedClients expectedClients() {
    return writer.expected();
  }

  /** Returns the estimated bytes of the leases with their documents. */
  public long leaseBytes() {
    return writer.bytes().total();
  }

  /** Returns the number of leases. */
  public int leaseCount() {
    return leases.size();
  }

  public RegistryCounters counters() {
    return counters;
  }

  /** Returns the last registrations. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyRegistered() {
    return writer.recentlyRegistered();
  }

  /** Returns the last extensions by an operator. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyExtended() {
    return writer.recentlyExtended();
  }

  /** Returns the last cancellations, including those of unregistered instances. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyCancelled() {
    return writer.recentlyCancelled();
  }

  /** Returns the last evictions with their causes. */
  public RecentEventLog<RecentEventLog.Eviction> recentlyEvicted() {
    return writer.recentlyEvicted();
  }
}
