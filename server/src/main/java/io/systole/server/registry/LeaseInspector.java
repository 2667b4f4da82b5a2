// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A read-only view of leases for diagnostics. Thread-safe. */
public final class LeaseInspector {
  private final LeaseTable leases;
  private final ChangeLog changes;
  private final RestoredLeases restored;
  private final Clock clock;

  LeaseInspector(LeaseTable leases, RestoredLeases restored, ChangeLog changes, Clock clock) {
    this.leases = leases;
    this.restored = restored;
    this.changes = changes;
    this.clock = clock;
  }

  /** Returns the lease of this instance, expired or not, or null. */
  public @Nullable LeaseDetails find(InstanceKey key) {
    Lease lease = leases.find(LookupKey.of(key));
    LeaseSnapshot state = lease == null ? null : snapshotOf(lease);
    if (lease == null || state == null) {
      return null;
    }
    LeaseHolder holder = lease.holder();
    return new LeaseDetails(
        state,
        holder.instance().status(),
        holder.statusRule(),
        holder.override(),
        lease.renewAction() == RenewAction.STATUS_DUE);
  }

  /** Visits every lease; weakly consistent. */
  public void forEach(Consumer<LeaseSnapshot> visitor) {
    leases.forEach(lease -> {
      LeaseSnapshot state = snapshotOf(lease);
      if (state != null) {
        visitor.accept(state);
      }
    });
  }

  private @Nullable LeaseSnapshot snapshotOf(Lease lease) {
    LeaseHolder holder = lease.holder();
    InstanceInfo instance = holder.instance();
    long deadlineNs = lease.deadlineNs();
    if (deadlineNs == Lease.ENDED) {
      return null;
    }
    int durationSecs = lease.durationSecs();
    long durationNs = TimeUnit.SECONDS.toNanos(durationSecs);
    boolean isUnrenewed = restored.isUnrenewed(lease, deadlineNs);
    return new LeaseSnapshot(
        new LeaseDeadline(
            instance.key(), LeaseCounts.zoneOf(instance), deadlineNs, durationNs, isUnrenewed),
        holder.registeredNs(),
        isUnrenewed ? restored.restoredNs() : lease.lastContactNs(deadlineNs),
        !isUnrenewed && deadlineNs > holder.registeredNs() + durationNs,
        lease.isRestored(),
        restored.restoredNs(),
        durationSecs,
        instance.leaseInfo().renewalIntervalSecs());
  }

  /** Returns the last retained change of an instance that matches, or null. */
  public @Nullable Change lastChange(InstanceKey key, Predicate<Change> fits) {
    Change found = null;
    for (Change change = changes.oldest().next(); change != null; change = change.next()) {
      InstanceInfo document = change.document();
      // Ids differ more often than applications and need no case folding.
      if (document.id().equals(key.id()) && document.key().equals(key) && fits.test(change)) {
        found = change;
      }
    }
    return found;
  }

  /** Converts a monotonic time to epoch ms. */
  public long wallMsAt(long momentNs) {
    return clock.wallMs() + TimeUnit.NANOSECONDS.toMillis(momentNs - clock.monotonicNs());
  }
}
