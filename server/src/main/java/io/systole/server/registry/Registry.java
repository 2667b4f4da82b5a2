// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Lease.Standing;
import io.systole.server.time.Clock;
import org.jspecify.annotations.Nullable;

/** Who is registered, and until when: register, renew, cancel, evict. Any thread may call. */
public final class Registry {
  /*
   * Renewals take no lock: one look-up, one CAS on the lease's word. Changes of one instance are
   * serialised by the monitor of its lease, so that the document, its override and its term change
   * together; changes of different instances don't meet.
   */

  /** Stands for a heartbeat that carries no dirty timestamp; nothing is compared then. */
  public static final long NO_TIMESTAMP = Long.MIN_VALUE;

  private final LeaseTable leases;
  private final RegistryCounts counts = new RegistryCounts();
  private final boolean comparesTimestamps;
  private final Clock clock;

  public Registry(RegistrySettings settings, Clock clock) {
    this.leases = new LeaseTable(settings.leasesMax());
    this.comparesTimestamps = settings.syncWhenTimestampDiffers();
    this.clock = clock;
  }

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
    if (lease.standing() != Standing.PLAIN && settleStatus(lease) == InstanceStatus.UNKNOWN) {
      return counts.renewal(RenewOutcome.STATUS_UNKNOWN);
    }
    if (!lease.renew(nowNs)) {
      return counts.renewal(RenewOutcome.UNKNOWN_INSTANCE);
    }
    return counts.renewal(compare(dirtyMs, lease.dirtyMs(), origin));
  }

  private RenewOutcome compare(long sentMs, long heldMs, Origin origin) {
    if (sentMs == heldMs || sentMs == NO_TIMESTAMP || !comparesTimestamps) {
      return RenewOutcome.RENEWED;
    }
    if (sentMs > heldMs) {
      return RenewOutcome.CLIENT_IS_NEWER;
    }
    return origin == Origin.PEER ? RenewOutcome.PEER_IS_OLDER : RenewOutcome.RENEWED;
  }

  /** Gives the instance the status that the rules demand; it counts from this renewal on. */
  private InstanceStatus settleStatus(Lease lease) {
    synchronized (lease) {
      Tenancy tenancy = lease.tenancy();
      InstanceStatus ruled = tenancy.ruledStatus();
      if (lease.standing() == Standing.STATUS_DUE) {
        lease.amend(tenancy.withStatus(ruled));
      }
      return ruled;
    }
  }

  /**
   * Takes over an override that a peer reports with a heartbeat newer than ours; the status itself
   * follows with the next renewal (spec §2.2 row 6).
   */
  public void adoptOverride(InstanceKey key, InstanceStatus override) {
    Lease lease = leases.find(KeyProbe.of(key));
    if (lease == null || override == InstanceStatus.UNKNOWN) {
      return;
    }
    synchronized (lease) {
      if (lease.tenancy().override() != override) {
        lease.amend(lease.tenancy().withOverride(override));
      }
    }
  }

  /**
   * Registers an instance, or replaces what its lease is held for (spec §3.2). Either way the lease
   * holds one duration from now.
   *
   * @param incoming checked already; its key names the lease
   */
  public RegisterOutcome register(InstanceInfo incoming, Origin origin) {
    KeyProbe key = KeyProbe.of(incoming.key());
    RegisterOutcome outcome;
    do {
      Lease held = leases.find(key);
      outcome = held == null ? begin(key, incoming, origin) : renewTerm(held, incoming, origin);
    } while (outcome == null);
    return counts.registration(outcome);
  }

  /** A new lease; null when another registration of the instance came first. */
  private @Nullable RegisterOutcome begin(KeyProbe key, InstanceInfo incoming, Origin origin) {
    Tenancy tenancy = tenancyOf(incoming, null, origin);
    return switch (leases.insert(slot -> new Lease(key, slot, tenancy))) {
      case INSERTED -> RegisterOutcome.REGISTERED;
      case FULL -> RegisterOutcome.FULL;
      case OCCUPIED -> null;
    };
  }

  /** A new term of the lease that stands; null when it has ended meanwhile. */
  private @Nullable RegisterOutcome renewTerm(Lease held, InstanceInfo incoming, Origin origin) {
    synchronized (held) {
      if (held.reregister(tenancyOf(incoming, held.tenancy(), origin), clock)) {
        return RegisterOutcome.REGISTERED;
      }
    }
    leases.remove(held);
    return null;
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
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(nowMs)
        .build();
    return new Tenancy(instance, override, nowMs, clock.monotonicNs(), serviceUpMs);
  }

  /** Ends the lease at the instance's own wish; false when there was none. */
  public boolean cancel(InstanceKey key) {
    Lease lease = leases.find(KeyProbe.of(key));
    if (lease == null) {
      return false;
    }
    boolean wasLiving = lease.cancel();
    leases.remove(lease);
    if (wasLiving) {
      counts.cancellation();
    }
    return wasLiving;
  }

  /**
   * The instance's document with its lease stamps; null when its lease expired or there is none.
   */
  public @Nullable InstanceInfo find(InstanceKey key) {
    Lease lease = leases.find(KeyProbe.of(key));
    if (lease == null || lease.isExpired(clock.monotonicNs())) {
      return null;
    }
    return lease.document();
  }

  /** The document held under this key, expired or not; what a peer is told with a 409. */
  public @Nullable InstanceInfo holding(InstanceKey key) {
    Lease lease = leases.find(KeyProbe.of(key));
    return lease == null || lease.hasEnded() ? null : lease.document();
  }

  /**
   * Ends every lease that expired more than {@code graceNs} ago. Walks all leases.
   *
   * @return how many were ended
   */
  public int evictExpired(long graceNs) {
    long nowNs = clock.monotonicNs();
    int[] evicted = {0};
    leases.forEach(lease -> {
      if (lease.isExpired(nowNs - graceNs) && leases.holds(lease) && lease.evict(nowNs, graceNs)) {
        leases.remove(lease);
        evicted[0]++;
      }
    });
    counts.evicted(evicted[0]);
    return evicted[0];
  }

  /** How many leases stand. */
  public int leaseCount() {
    return leases.size();
  }

  public RegistryCounts counts() {
    return counts;
  }
}
