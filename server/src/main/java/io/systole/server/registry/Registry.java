// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Lease.Standing;
import io.systole.server.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who is registered, and until when: register, renew, override, cancel, evict. Any thread may call.
 */
public final class Registry {
  /*
   * Renewals take no lock: one look-up, one CAS on the lease's word. Changes hold the monitor, one
   * at a time: the lease's document, its override and its term change together with the log that
   * tells readers of it, so all see one order. An eviction is decided by the CAS, outside the
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
  private final ChangeLog changes;
  private final Object monitor = new Object();
  private final RegistryCounts counts = new RegistryCounts();
  private final RecentEvents registered = new RecentEvents();
  private final RecentEvents cancelled = new RecentEvents();
  private final Clock clock;

  public Registry(RegistrySettings settings, Clock clock) {
    this.settings = settings;
    this.leases = new LeaseTable(settings.leasesMax());
    this.changes = new ChangeLog(
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        clock.wallMs() * VERSIONS_PER_MS,
        clock.monotonicNs());
    this.clock = clock;
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
  public RenewOutcome renew(KeyProbe key, long nowNs, long dirtyMs, Origin origin) {
    Lease lease = leases.find(key);
    if (lease == null) {
      return counts.renewal(RenewOutcome.UNKNOWN_INSTANCE);
    }
    Standing standing = lease.standing();
    if (standing == Standing.UNKNOWN_STATUS) {
      return counts.renewal(RenewOutcome.STATUS_UNKNOWN);
    }
    if (standing == Standing.STATUS_DUE) {
      settleStatus(lease);
    }
    if (!lease.renew(nowNs)) {
      return counts.renewal(RenewOutcome.UNKNOWN_INSTANCE);
    }
    return counts.renewal(compare(dirtyMs, lease.dirtyMs(), origin));
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

  /**
   * Applies an override that waited for a renewal, as a change that readers see (spec §9 no. 9).
   */
  private void settleStatus(Lease lease) {
    synchronized (monitor) {
      if (lease.standing() == Standing.STATUS_DUE && !lease.hasEnded()) {
        amend(lease, lease.tenancy().withRuledStatus(clock.wallMs()), Origin.NODE);
      }
    }
  }

  // ---------------------------------------------------------------- register and cancel

  /**
   * Registers an instance, or replaces what its lease is held for (spec §3.2). Either way the lease
   * holds one duration from now.
   *
   * @param incoming checked already; its key names the lease
   */
  public RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    synchronized (monitor) {
      return counts.registration(registerHere(incoming, origin));
    }
  }

  private RegisterOutcome registerHere(InstanceInfo incoming, Origin origin) {
    KeyProbe key = KeyProbe.of(incoming.key());
    Lease held = leases.find(key);
    if (held != null) {
      if (held.reregister(tenancyOf(incoming, rememberedOf(held), origin), clock)) {
        noteRegistration(held, origin);
        return RegisterOutcome.REGISTERED;
      }
      withdraw(held, Cause.EVICTION, Origin.NODE);
    }
    Tenancy tenancy = tenancyOf(incoming, null, origin);
    Lease fresh = leases.insert(slot -> new Lease(key, slot, tenancy));
    if (fresh == null) {
      return RegisterOutcome.FULL;
    }
    noteRegistration(fresh, origin);
    return RegisterOutcome.REGISTERED;
  }

  /** An override is forgotten when its instance was silent for an hour (spec §2.5). */
  private Tenancy rememberedOf(Lease held) {
    Tenancy tenancy = held.tenancy();
    boolean isForgotten = held.isForgotten(clock.monotonicNs(), OVERRIDE_IDLE_NS);
    return tenancy.override() != null && isForgotten ? tenancy.withoutOverride() : tenancy;
  }

  private void noteRegistration(Lease lease, Origin origin) {
    append(Cause.REGISTRATION, origin, lease, lease.tenancy());
    registered.add(clock.wallMs(), lease.tenancy().instance().key());
  }

  /** Steps 2 and 6 to 9 of spec §3.2. */
  private Tenancy tenancyOf(InstanceInfo incoming, @Nullable Tenancy held, Origin origin) {
    long nowMs = clock.wallMs();
    InstanceInfo registrant = incoming;
    if (held != null && held.instance().lastDirtyMs() > incoming.lastDirtyMs()) {
      // A late, older copy keeps the lease alive but doesn't undo what was said since.
      registrant = held.instance().toBuilder().leaseInfo(incoming.leaseInfo()).build();
    }
    InstanceStatus override = held == null ? null : held.override();
    if (override == null && registrant.overriddenStatus() != InstanceStatus.UNKNOWN) {
      override = registrant.overriddenStatus();
    }
    InstanceStatus heldStatus = held == null ? null : held.instance().status();
    InstanceStatus status = StatusRules.resolve(registrant.status(), override, heldStatus, origin);
    long serviceUpMs = held == null ? 0 : held.serviceUpMs();
    if (serviceUpMs == 0 && status == InstanceStatus.UP) {
      serviceUpMs = nowMs;
    }
    InstanceInfo instance = registrant.toBuilder()
        .status(status)
        .overriddenStatus(override == null ? registrant.overriddenStatus() : override)
        // Only a server is that, and it says so of itself (spec §3.2).
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
    return new Tenancy(instance, override, clock.monotonicNs());
  }

  /** Ends the lease at the instance's own wish; false when there was none. */
  public boolean cancel(InstanceKey key, Origin origin) {
    cancelled.add(clock.wallMs(), key);
    synchronized (monitor) {
      Lease lease = leases.find(KeyProbe.of(key));
      if (lease == null) {
        return false;
      }
      boolean wasLiving = lease.cancel();
      if (!wasLiving) {
        withdraw(lease, Cause.EVICTION, Origin.NODE);
        return false;
      }
      withdraw(lease, Cause.CANCEL, origin);
      counts.cancellation();
      return true;
    }
  }

  /** Takes a lease that has ended from the table and tells readers, once. The monitor is held. */
  private void withdraw(Lease ended, Cause cause, Origin origin) {
    if (ended.withdraw()) {
      leases.remove(ended);
      append(cause, origin, ended, ended.tenancy().ended(clock.wallMs()));
    }
  }

  private void append(Cause cause, Origin origin, Lease lease, Tenancy after) {
    changes.append(cause, origin, lease.slot, after, clock.monotonicNs());
  }

  // ---------------------------------------------------------------- override and amend

  /**
   * Insists on a status until it is lifted (spec §3.4). Renews the lease.
   *
   * @param dirtyMs replaces the instance's own version when it is newer, or {@link #NO_TIMESTAMP}
   * @return false when no lease stands, or it has expired
   */
  public boolean override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    synchronized (monitor) {
      Lease lease = renewed(key);
      if (lease == null) {
        return false;
      }
      Tenancy tenancy = lease.tenancy();
      if (tenancy.instance().status() != status) {
        amend(lease, tenancy.withStatus(status, status, dirtyMs, clock.wallMs()), origin);
      }
      return true;
    }
  }

  /**
   * Lifts an override, if there is one (spec §3.4). Renews the lease.
   *
   * @param status what the instance's status becomes; UNKNOWN asks it to register again
   * @param dirtyMs replaces the instance's own version when it is newer, or {@link #NO_TIMESTAMP}
   * @return false when no lease stands, or it has expired
   */
  public boolean liftOverride(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    synchronized (monitor) {
      Lease lease = renewed(key);
      if (lease == null) {
        return false;
      }
      Tenancy tenancy = lease.tenancy();
      if (tenancy.override() != null) {
        amend(lease, tenancy.withStatus(status, null, dirtyMs, clock.wallMs()), origin);
      }
      return true;
    }
  }

  /**
   * Takes over an override that a peer reports with a heartbeat newer than ours, as a change that
   * readers see; the status itself follows with the next renewal (spec §2.2 row 6).
   */
  public void adoptOverride(InstanceKey key, InstanceStatus override) {
    synchronized (monitor) {
      Lease lease = leases.find(KeyProbe.of(key));
      if (lease != null
          && override != InstanceStatus.UNKNOWN
          && lease.tenancy().override() != override) {
        amend(lease, lease.tenancy().withOverride(override), Origin.PEER);
      }
    }
  }

  /**
   * Adds metadata or overwrites it, never deletes; then registers the instance again, with its
   * dirty timestamp unchanged: its own next registration wins (spec §3.4).
   */
  public AmendOutcome addMetadata(InstanceKey key, Map<String, String> entries) {
    synchronized (monitor) {
      Lease lease = living(key);
      if (lease == null) {
        return AmendOutcome.UNKNOWN_INSTANCE;
      }
      InstanceInfo instance = lease.tenancy().instance();
      Map<String, String> metadata = new LinkedHashMap<>(instance.metadata());
      metadata.putAll(entries);
      if (metadata.size() > METADATA_ENTRIES_MAX) {
        return AmendOutcome.TOO_MUCH;
      }
      counts.registration(
          registerHere(instance.toBuilder().metadata(metadata).build(), Origin.CLIENT));
      return AmendOutcome.AMENDED;
    }
  }

  private @Nullable Lease renewed(InstanceKey key) {
    Lease lease = living(key);
    return lease != null && lease.renew(clock.monotonicNs()) ? lease : null;
  }

  /** A lease that has not expired: while it is, its instance is hidden (spec §2.2). */
  private @Nullable Lease living(InstanceKey key) {
    Lease lease = leases.find(KeyProbe.of(key));
    return lease == null || lease.isExpired(clock.monotonicNs()) ? null : lease;
  }

  private void amend(Lease lease, Tenancy next, Origin origin) {
    Tenancy stamped = next.renewedAt(lease.lastRenewalMs());
    lease.amend(stamped);
    append(Cause.AMENDMENT, origin, lease, stamped);
  }

  // ---------------------------------------------------------------- evict

  /**
   * Ends every lease that expired more than {@code graceNs} ago, and forgets old changes. Walks all
   * leases.
   *
   * @return how many were ended
   */
  public int evictExpired(long graceNs) {
    long nowNs = clock.monotonicNs();
    List<Lease> ended = new ArrayList<>();
    leases.forEach(lease -> {
      if (lease.evict(nowNs, graceNs)) {
        ended.add(lease);
      }
    });
    for (Lease lease : ended) {
      // Not all at once: heartbeats never wait for this monitor, but registrations do.
      synchronized (monitor) {
        withdraw(lease, Cause.EVICTION, Origin.NODE);
      }
    }
    synchronized (monitor) {
      changes.forget(clock.monotonicNs());
    }
    counts.evicted(ended.size());
    return ended.size();
  }

  // ---------------------------------------------------------------- read

  /**
   * The instance's document with its lease stamps; null when its lease expired or there is none.
   */
  public @Nullable InstanceInfo find(InstanceKey key) {
    Lease lease = living(key);
    return lease == null ? null : lease.document();
  }

  /** The document held under this key, expired or not; what a peer is told with a 409. */
  public @Nullable InstanceInfo holding(InstanceKey key) {
    Lease lease = leases.find(KeyProbe.of(key));
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
      Tenancy tenancy = lease.tenancy();
      if (tenancy.override() != null) {
        overrides.put(tenancy.instance().id(), tenancy.override());
      }
    });
    return overrides;
  }

  /** How many leases stand. */
  public int leaseCount() {
    return leases.size();
  }

  public RegistryCounts counts() {
    return counts;
  }

  /** The last registrations. */
  public RecentEvents recentlyRegistered() {
    return registered;
  }

  /** The last cancels, also of instances that were not registered. */
  public RecentEvents recentlyCancelled() {
    return cancelled;
  }
}
