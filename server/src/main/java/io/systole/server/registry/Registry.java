// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registered instances and their leases. Thread-safe. */
public final class Registry {
  /*
   * All changes but renewals are made one at a time, under the writer's monitor.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

  /** The dirty timestamp of a request without one; it is not compared. */
  public static final long NO_TIMESTAMP = LeaseRenewal.NO_TIMESTAMP;

  /** The time that a status override outlives the last renewal, as in stock servers. */
  private static final long OVERRIDE_IDLE_NS = TimeUnit.HOURS.toNanos(1);

  /** The maximum number of metadata entries of an instance: as many as a document may have. */
  public static final int METADATA_ENTRIES_MAX = 1024;

  /**
   * Versions of a run start at the wall clock times this factor, so that they differ from those of
   * earlier runs. They stay below 2^53, the exact integers of JavaScript.
   */
  private static final long VERSIONS_PER_MS = 1_000;

  /** The limits change; written under the writer's monitor, read by any thread. */
  private volatile RegistrySettings settings;

  private final LeaseTable leases;
  private final RegistryWriter writer;
  private final StatusOverrides statusOverrides;
  private final LeaseRenewal renewal;
  private final LeaseHandles handles;
  private final LeaseExpiry expiry;
  private final ReplicatedLeases replicated;
  private final RegistryCounters counters = new RegistryCounters();
  private final Clock clock;

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
    ChangeLog changes = new ChangeLog(
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        settings.bytes().changesMax(),
        Math.max(clock.wallMs() * VERSIONS_PER_MS, versionAfter),
        clock.monotonicNs());
    this.writer = new RegistryWriter(settings, leases, changes, clock);
    this.statusOverrides = new StatusOverrides(writer, clock);
    this.renewal = new LeaseRenewal(settings, leases, statusOverrides);
    this.handles = new LeaseHandles(leases, renewal);
    this.expiry = new LeaseExpiry(writer, counters, renewal, clock);
    this.replicated = new ReplicatedLeases(writer, renewal, clock);
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
    int taken = 0;
    int large = 0;
    synchronized (writer) {
      long nowNs = clock.monotonicNs();
      long nowMs = clock.wallMs();
      writer.restored.start(nowNs);
      for (PersistedLease lease : persisted) {
        if (writer.restore(lease, nowNs, nowMs)) {
          taken++;
          large += writer.bytes.isTooLarge(lease.instance()) ? 1 : 0;
        }
      }
    }
    if (large > 0) {
      LOG.warn("restored leases of documents over --max-instance-size leases={}", large);
    }
    return taken;
  }

  /**
   * Counts restored leases that were renewed as expected clients; a renewal itself does not. To be
   * called about every second. Linear in the restored leases that have not been renewed.
   */
  public void sweepRestored() {
    for (int from = 0; from >= 0 && writer.restored.count() > 0; ) {
      from = writer.sweepRestored(from);
    }
  }

  /** Returns the number of leases expected to be renewed: all but unrenewed restored ones. */
  public int expectedLeaseCount() {
    return Math.max(0, leases.size() - writer.restored.count());
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

  /** Renews a lease like {@link LeaseRenewal#renew}, without recording it for replication. */
  public RenewOutcome renew(LookupKey key, long nowNs, long dirtyMs, Origin origin) {
    return renewal.renew(key, nowNs, dirtyMs, origin, RenewedSlots.NONE);
  }

  // ---------------------------------------------------------------- change

  /**
   * Registers an instance, or replaces the holder of its lease (spec §3.2). In both cases the lease
   * is valid for one duration from now.
   *
   * @param incoming a validated document
   */
  public RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    synchronized (writer) {
      return counters.addRegistration(registerLocked(incoming, origin));
    }
  }

  /**
   * Registers an instance from a peer's list that may be out of date, as those of stock servers are
   * for up to 30 s (spec §4.5). Its override and metadata are not sent to other peers, as no
   * timestamp shows whether theirs are newer.
   */
  public RegisterOutcome registerOutdated(InstanceInfo incoming) {
    synchronized (writer) {
      RegisterOutcome outcome = counters.addRegistration(registerLocked(incoming, Origin.PEER));
      Lease lease = leases.find(LookupKey.of(incoming.key()));
      if (lease != null) {
        writer.markOutdated(lease);
      }
      return outcome;
    }
  }

  private RegisterOutcome registerLocked(InstanceInfo incoming, Origin origin) {
    LookupKey key = LookupKey.of(incoming.key());
    Lease existing = leases.find(key);
    InstanceInfo stored = existing == null ? null : existing.holder().instance();
    if (writer.bytes.isTooLarge(incoming, stored)) {
      return RegisterOutcome.TOO_LARGE;
    }
    if (writer.changes.isBacklogged()) {
      return RegisterOutcome.BACKLOGGED;
    }
    if (existing != null) {
      LeaseHolder next =
          LeaseHolder.registered(incoming, withoutIdleOverride(existing), origin, clock);
      if (!writer.bytes.fits(next.instance(), stored)) {
        return RegisterOutcome.OVER_BUDGET;
      }
      if (writer.replace(existing, next, incoming.leaseInfo().durationSecs(), origin)) {
        return RegisterOutcome.REGISTERED;
      }
      writer.removeExpired(existing);
    }
    return registerNew(key, incoming, origin);
  }

  private RegisterOutcome registerNew(LookupKey key, InstanceInfo incoming, Origin origin) {
    if (writer.tombstones.isOutdated(incoming, clock.monotonicNs())) {
      return RegisterOutcome.OUTDATED;
    }
    LeaseHolder holder = LeaseHolder.registered(incoming, null, origin, clock);
    if (!writer.bytes.fits(holder.instance(), null)) {
      return RegisterOutcome.OVER_BUDGET;
    }
    return writer.insert(key, holder, origin) ? RegisterOutcome.REGISTERED : RegisterOutcome.FULL;
  }

  /** Drops the override of an instance that was silent for an hour (spec §2.5). */
  private LeaseHolder withoutIdleOverride(Lease existing) {
    LeaseHolder holder = existing.holder();
    boolean isIdle = existing.isIdle(clock.monotonicNs(), OVERRIDE_IDLE_NS);
    return holder.override() != null && isIdle ? holder.withoutOverride() : holder;
  }

  /** Cancels the lease at the instance's request; returns false if there was none. */
  public boolean cancel(InstanceKey key, Origin origin) {
    return cancel(key, NO_TIMESTAMP, origin);
  }

  /**
   * Cancels the lease at the instance's request. If a peer sends it, a lease with a newer dirty
   * timestamp stays: the instance has registered again since its cancel at the peer.
   *
   * @param dirtyMs the dirty timestamp of the cancelled document, epoch ms, or
   *     {@link #NO_TIMESTAMP}
   * @return false if there was no lease
   */
  public boolean cancel(InstanceKey key, long dirtyMs, Origin origin) {
    return cancel(key, dirtyMs, origin, null);
  }

  /**
   * Cancels the lease like {@link #cancel(InstanceKey, long, Origin)}.
   *
   * @param requester the sender of the request, for {@link #recentEvents}; null if unknown
   */
  public boolean cancel(
      InstanceKey key, long dirtyMs, Origin origin, @Nullable Requester requester) {
    synchronized (writer) {
      Lease lease = leases.find(LookupKey.of(key));
      if (lease != null
          && renewal.compare(dirtyMs, lease.dirtyMs(), origin) == RenewOutcome.PEER_IS_OLDER) {
        return true;
      }
      writer
          .recent
          .cancelled()
          .add(new RecentEventLog.InstanceEvent(clock.wallMs(), key, origin, requester));
      if (lease == null) {
        return false;
      }
      boolean wasLive = lease.cancel();
      if (!wasLive) {
        writer.removeExpired(lease);
        return false;
      }
      writer.remove(lease, Cause.CANCEL, origin);
    }
    counters.addCancellation();
    return true;
  }

  /**
   * Adds or overwrites metadata; never deletes. Registers the instance again with its dirty
   * timestamp unchanged, so that its own next registration wins (spec §3.4).
   */
  public MetadataUpdateOutcome addMetadata(InstanceKey key, Map<String, String> entries) {
    synchronized (writer) {
      Lease lease = writer.findVisible(key);
      if (lease == null) {
        return MetadataUpdateOutcome.UNKNOWN_INSTANCE;
      }
      InstanceInfo instance = lease.holder().instance();
      Map<String, String> metadata = new LinkedHashMap<>(instance.metadata());
      metadata.putAll(entries);
      if (metadata.size() > METADATA_ENTRIES_MAX) {
        return MetadataUpdateOutcome.TOO_MUCH;
      }
      InstanceInfo updated = instance.toBuilder().metadata(metadata).build();
      return switch (counters.addRegistration(registerLocked(updated, Origin.CLIENT))) {
        case REGISTERED -> MetadataUpdateOutcome.UPDATED;
        // The lease ended in the meantime.
        case OUTDATED -> MetadataUpdateOutcome.UNKNOWN_INSTANCE;
        case TOO_LARGE -> MetadataUpdateOutcome.TOO_LARGE;
        case FULL, OVER_BUDGET, BACKLOGGED -> MetadataUpdateOutcome.NO_SPACE;
      };
    }
  }

  /**
   * Runs an action between two changes: others wait until it has returned, except renewals. The
   * action may change the registry, and should be short.
   */
  public <T> T atomically(Supplier<T> action) {
    synchronized (writer) {
      return action.get();
    }
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

  /**
   * Returns the lease in this slot, or null. Its document has the lease timestamps of its last
   * change.
   */
  public @Nullable PersistedLease leaseAt(int slot) {
    return replicated.at(slot);
  }

  /** Visits every lease with its slot; weakly consistent, as {@link #forEachLease}. */
  public void forEachSlot(SlotVisitor visitor) {
    BitSet changedHere = writer.changedHere();
    BitSet outdated = writer.outdated();
    leases.forEach(lease -> {
      if (!lease.hasEnded()) {
        visitor.visit(
            lease.slot,
            lease.holder().instance(),
            changedHere.get(lease.slot),
            outdated.get(lease.slot));
      }
    });
  }

  /** A visitor of leases. */
  public interface SlotVisitor {
    /**
     * Called for each lease.
     *
     * @param instance the document as of its last change
     * @param isChangedHere true if a client or an operator of this node made the last change of the
     *     instance, in this run
     * @param isOutdated true if the document may be out of date, see {@link #registerOutdated}
     */
    void visit(int slot, InstanceInfo instance, boolean isChangedHere, boolean isOutdated);
  }

  /** Returns the settings. */
  public RegistrySettings settings() {
    return settings;
  }

  /**
   * Replaces the number of leases, and the memory limits of documents, leases and changes, by those
   * of other settings; leases over them stay.
   */
  public void limit(RegistrySettings next) {
    synchronized (writer) {
      leases.limit(next.leasesMax());
      writer.bytes.limit(next.bytes());
      writer.changes.limit(next.bytes().changesMax());
      settings = settings.withLimits(next);
    }
  }

  /** Returns the log of changes. */
  public ChangeLog changes() {
    return writer.changes;
  }

  /** Returns the newest change's version. */
  public long version() {
    return writer.changes.version();
  }

  /** Returns the status overrides of the instances. */
  public StatusOverrides statusOverrides() {
    return statusOverrides;
  }

  /** Returns the renewal of the leases. */
  public LeaseRenewal renewal() {
    return renewal;
  }

  /** Returns the handles by which renewal frames name the leases. */
  public LeaseHandles handles() {
    return handles;
  }

  /** Returns the expiry and eviction of the leases. */
  public LeaseExpiry expiry() {
    return expiry;
  }

  /** Returns the leases as other members of the native cluster change and renew them. */
  public ReplicatedLeases replicated() {
    return replicated;
  }

  /** Returns a read-only view of the leases for diagnostics. */
  public LeaseInspector inspector() {
    return new LeaseInspector(leases, writer.restored, writer.changes, clock);
  }

  /** Returns the number of leases by application and zone. */
  public LeaseCounts leaseCounts() {
    return writer.counts;
  }

  /** Returns the number of clients expected to renew. */
  public ExpectedClients expectedClients() {
    return writer.expected;
  }

  /** Returns the estimated bytes of the leases with their documents. */
  public long leaseBytes() {
    return writer.bytes.total();
  }

  /** Returns the estimated maximum of bytes of a lease for this document. */
  public static long leaseBytesOf(InstanceInfo instance) {
    return LeaseBytes.of(instance);
  }

  /** Returns the number of leases. */
  public int leaseCount() {
    return leases.size();
  }

  public RegistryCounters counters() {
    return counters;
  }

  /** Returns the logs of recent events. */
  public RecentEventLog.ByKind recentEvents() {
    return writer.recent;
  }
}
