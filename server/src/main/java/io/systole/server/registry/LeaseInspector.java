// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A read-only view of leases for diagnostics. Thread-safe. */
public final class LeaseInspector {
  /** A visitor of leases with their documents. */
  public interface InstanceVisitor {
    /**
     * Called for each lease. Times are monotonic.
     *
     * @param document the published document, its lease timestamps as of the last change
     * @param override the status override, or null
     * @param deadlineNs the time of expiry
     * @param lastContactNs the time of the last renewal or registration, or the restore of a lease
     *     that has not been renewed since
     */
    void visit(
        InstanceInfo document,
        @Nullable InstanceStatus override,
        long deadlineNs,
        long lastContactNs);
  }

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

  /** Visits every lease with its document, without a copy of its state; weakly consistent. */
  public void forEachInstance(InstanceVisitor visitor) {
    leases.forEach(lease -> {
      long deadlineNs = lease.deadlineNs();
      if (deadlineNs != Lease.ENDED) {
        LeaseHolder holder = lease.holder();
        long lastContactNs = restored.isUnrenewed(lease, deadlineNs)
            ? restored.restoredNs()
            : lease.lastContactNs(deadlineNs);
        visitor.visit(holder.instance(), holder.override(), deadlineNs, lastContactNs);
      }
    });
  }

  /**
   * Returns whether a lease is valid but its renewal is overdue. Times are monotonic, as those of
   * {@link InstanceVisitor#visit}.
   */
  public static boolean isLate(
      InstanceInfo document, long deadlineNs, long lastContactNs, long nowNs) {
    long intervalNs = TimeUnit.SECONDS.toNanos(document.leaseInfo().renewalIntervalSecs());
    return nowNs <= deadlineNs && nowNs - lastContactNs > intervalNs;
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
            instance.key(),
            lease.slot,
            LeaseCounts.zoneOf(instance),
            deadlineNs,
            durationNs,
            isUnrenewed),
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

  /** Returns the last retained changes of an instance, newest first, at most {@code limit}. */
  public List<Change> changesOf(InstanceKey key, int limit) {
    ArrayDeque<Change> newest = new ArrayDeque<>();
    for (Change change = changes.oldest().next(); change != null; change = change.next()) {
      InstanceInfo document = change.document();
      if (document.id().equals(key.id()) && document.key().equals(key)) {
        newest.addFirst(change);
        if (newest.size() > limit) {
          newest.removeLast();
        }
      }
    }
    return List.copyOf(newest);
  }

  /** Converts a monotonic time to epoch ms. */
  public long wallMsAt(long momentNs) {
    return clock.wallMs() + TimeUnit.NANOSECONDS.toMillis(momentNs - clock.monotonicNs());
  }
}
