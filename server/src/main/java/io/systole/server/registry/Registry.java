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

/**
 * Who is registered, and until when: register, renew, override, cancel, evict. Any thread may call.
 */
public final class Registry {
  /*
   * Renewals take no lock: one look-up, one CAS on the lease's word. Changes are made by the
   * registrar, one at a time, under its monitor. An eviction is decided by the CAS, outside the
   * monitor; what is held against it is a renewal, not another change.
   */

  /** Stands for a request that carries no dirty timestamp; nothing is compared then. */
  public static final long NO_TIMESTAMP = Long.MIN_VALUE;

  /** How long an override outlives the silence of its instance, as in stock servers. */
  static final long OVERRIDE_IDLE_NS = TimeUnit.HOURS.toNanos(1);

  /** Entries of an instance's metadata, whoever added them: as many as a document may bring. */
  public static final int METADATA_ENTRIES_MAX = 1024;

  /**
   * A node counts its changes from the time of its start, so that no reader takes what it learnt
   * from an earlier run for what this one says. Numbers stay exact in JavaScript.
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
   * @param versionAfter the first change's version is greater than that, whatever the clock says:
   *     what an earlier run may have told
   */
  public Registry(RegistrySettings settings, Clock clock, long versionAfter) {
    this(settings, clock, versionAfter, 0);
  }

  /**
   * @param versionAfter as for the other
   * @param leasesExpected how many will be restored
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
   * Takes over the leases of an earlier run, before anybody calls anything else. Each has one
   * duration from now to be renewed in: its instance could not know that nobody listened.
   *
   * <p>Readers that follow the log are told each lease as a change of its own,
   * {@link Cause#RESTORATION}, for the log is all that they know the registry by. Deltas begin
   * after them: a client that kept its copy over the restart must not be told a million instances
   * again. If its copy differs, the hash code tells it to fetch everything.
   *
   * <p>A restored lease is unrenewed until its deadline first moves. Nobody expects it to be
   * renewed till then: its instance may have ended while the node was down.
   *
   * @return how many were taken; the rest did not fit the bounds in number and bytes. A document
   *     larger than one may be is taken all the same: it was acknowledged once
   */
  public int restore(Iterable<PersistedLease> held) {
    return writer.restore(held);
  }

  /**
   * Counts restored leases that were renewed as expected clients, since a renewal itself does not.
   * To be called every second or so. Costs the restored leases that have not been renewed.
   */
  public void sweepRestored() {
    for (int from = 0; from >= 0 && restored.count() > 0; ) {
      from = writer.sweepRestored(from);
    }
  }

  /** How many leases are expected to be renewed: all but the unrenewed ones of an earlier run. */
  public int expectedLeaseCount() {
    return Math.max(0, leases.size() - restored.count());
  }

  /**
   * Visits what every lease is held for, while changes go on: each lease that stands during the
   * whole walk is visited, each other one perhaps.
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
   * Renews a lease by the decision table of spec §2.2. Takes no lock and allocates nothing unless
   * an override waits to be applied.
   *
   * @param key valid during the call
   * @param nowNs the monotonic clock's time of this read cycle
   * @param dirtyMs the sender's version of the document, epoch ms, or {@link #NO_TIMESTAMP}
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

  private RenewOutcome compare(long sentMs, long heldMs, Origin origin) {
    if (sentMs == heldMs || sentMs == NO_TIMESTAMP || !settings.syncWhenTimestampDiffers()) {
      return RenewOutcome.RENEWED;
    }
    if (sentMs > heldMs) {
      return RenewOutcome.CLIENT_IS_NEWER;
    }
    return origin == Origin.PEER ? RenewOutcome.PEER_IS_OLDER : RenewOutcome.RENEWED;
  }

  // ---------------------------------------------------------------- change

  /**
   * Registers an instance, or replaces what its lease is held for (spec §3.2). Either way the lease
   * holds one duration from now.
   *
   * @param incoming checked already; its key names the lease
   */
  public RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    return writer.register(incoming, origin);
  }

  /** Ends the lease at the instance's own wish; false when there was none. */
  public boolean cancel(InstanceKey key, Origin origin) {
    return writer.cancel(key, origin);
  }

  /**
   * Insists on a status until it is lifted (spec §3.4). Renews the lease.
   *
   * @param dirtyMs replaces the instance's own version when it is newer, or {@link #NO_TIMESTAMP}
   * @return false when no lease stands, or it has expired
   */
  public boolean override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return writer.override(key, status, dirtyMs, origin);
  }

  /**
   * Lifts an override, if there is one (spec §3.4). Renews the lease.
   *
   * @param status what the instance's status becomes; UNKNOWN asks it to register again
   * @param dirtyMs replaces the instance's own version when it is newer, or {@link #NO_TIMESTAMP}
   * @return false when no lease stands, or it has expired
   */
  public boolean liftOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return writer.liftOverride(key, status, dirtyMs, origin);
  }

  /**
   * Takes over an override that a peer reports with a heartbeat newer than ours, as a change that
   * readers see; the status itself follows with the next renewal (spec §2.2 row 6).
   */
  public void adoptOverride(InstanceKey key, InstanceStatus override) {
    writer.adoptOverride(key, override);
  }

  /**
   * Adds metadata or overwrites it, never deletes; then registers the instance again, with its
   * dirty timestamp unchanged: its own next registration wins (spec §3.4).
   */
  public MetadataUpdateOutcome addMetadata(InstanceKey key, Map<String, String> entries) {
    return writer.addMetadata(key, entries);
  }

  // ---------------------------------------------------------------- expire

  /**
   * The leases that expired more than {@code graceNs} ago. Costs what is due, not what is
   * registered: those that have expired, and those whose last but one promise ran out since the
   * last call.
   */
  public List<LeaseDeadline> expired(long graceNs) {
    return expiredAt(clock.monotonicNs() - graceNs);
  }

  /**
   * The leases that had expired at a moment that has passed and have not been renewed since. Costs
   * as much as {@link #expired}.
   */
  public List<LeaseDeadline> expiredAt(long momentNs) {
    long nowNs;
    synchronized (writer) {
      // A registration of which anybody has seen anything has told the wheel by now.
      nowNs = clock.monotonicNs();
    }
    List<LeaseDeadline> expired = new ArrayList<>();
    leases.wheel().forEachExpired(nowNs, nowNs - momentNs, lease -> expired.add(deadlineOf(lease)));
    return expired;
  }

  /** The term of this instance's lease, expired or not; null when there is none. */
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
   * Ends those of these leases that have not been renewed since they were judged, and forgets old
   * changes.
   *
   * @param momentNs at which they had expired: a pause of the process since then ends no lease that
   *     was renewed in between
   * @param reason why they may go, in words; kept with each of them
   * @return how many were ended
   */
  public int evict(List<LeaseDeadline> chosen, long momentNs, String reason) {
    int count = 0;
    for (LeaseDeadline deadline : chosen) {
      Lease lease = leases.find(LookupKey.of(deadline.key()));
      if (lease != null && lease.evict(momentNs, 0)) {
        // Not all at once: heartbeats never wait for the registrar, but registrations do.
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
   * Ends a lease because an operator wants so, whether it has expired or not: unlike the node's own
   * evictions this one asks nobody, and a renewal that came before is lost. An instance that lives
   * registers again when its next heartbeat is answered 404.
   *
   * @return false when there was none
   */
  public boolean evict(InstanceKey key) {
    return writer.evict(key);
  }

  /**
   * Gives a lease, expired or not, at least one duration from now, without counting as a renewal.
   *
   * @return false when there is none
   */
  public boolean extend(InstanceKey key) {
    return writer.extend(key);
  }

  /** Ends every lease that expired more than {@code graceNs} ago, whatever may protect it. */
  public int evictExpired(long graceNs) {
    long momentNs = clock.monotonicNs() - graceNs;
    return evict(expiredAt(momentNs), momentNs, "its lease had expired");
  }

  /**
   * Looks at the leases that may have expired by now, and gives the samples of renewals taken since
   * the last call. To be called every second or so: it is work that {@link #expired} needn't do
   * then.
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
   * Sets which instances with expired leases are hidden from look-ups of one instance and from
   * amendments: in stock servers all, while any may be evicted (spec §8 row 80). Every one, unless
   * this is called.
   */
  public void hideExpiredIf(Predicate<LeaseDeadline> isHidden) {
    isExpiredHidden = isHidden;
  }

  // ---------------------------------------------------------------- read

  /**
   * The instance's document with its lease stamps; null when its lease expired or there is none.
   */
  public @Nullable InstanceInfo find(InstanceKey key) {
    Lease lease = writer.findVisible(key);
    return lease == null ? null : lease.document();
  }

  /** The document held under this key, expired or not; what a peer is told with a 409. */
  public @Nullable InstanceInfo findStored(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    return lease == null || lease.hasEnded() ? null : lease.document();
  }

  /** What it keeps to. */
  public RegistrySettings settings() {
    return settings;
  }

  /** Every change in its order. */
  public ChangeLog changes() {
    return changes;
  }

  /** The newest change's version; two cuts of one version are equal. */
  public long version() {
    return changes.version();
  }

  /** Instances with an override, by id; of two with one id any. */
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

  /** What is held, and why, lease by lease. */
  public LeaseInspector inspector() {
    return new LeaseInspector(leases, restored, changes, clock);
  }

  /** How many leases stand by application and zone. */
  public LeaseCounts leaseCounts() {
    return writer.leaseCounts();
  }

  public ExpectedClients expectedClients() {
    return writer.expected();
  }

  /** Estimated bytes that the leases and their documents take. */
  public long leaseBytes() {
    return writer.bytes().total();
  }

  /** How many leases stand. */
  public int leaseCount() {
    return leases.size();
  }

  public RegistryCounters counters() {
    return counters;
  }

  /** The last registrations. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyRegistered() {
    return writer.recentlyRegistered();
  }

  /** The last extends. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyExtended() {
    return writer.recentlyExtended();
  }

  /** The last cancels, also of instances that were not registered. */
  public RecentEventLog<RecentEventLog.RecordedEvent> recentlyCancelled() {
    return writer.recentlyCancelled();
  }

  /** The last evictions, with their causes. */
  public RecentEventLog<RecentEventLog.Eviction> recentlyEvicted() {
    return writer.recentlyEvicted();
  }
}
