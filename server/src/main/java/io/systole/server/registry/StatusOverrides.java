// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Lease.RenewAction;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The status overrides of instances (spec §3.4). Thread-safe. */
public final class StatusOverrides {
  private final RegistryWriter writer;
  private final Clock clock;

  StatusOverrides(RegistryWriter writer, Clock clock) {
    this.writer = writer;
    this.clock = clock;
  }

  /**
   * Returns the status overrides by instance id; if two instances have the same id, one of them.
   */
  public Map<String, InstanceStatus> byId() {
    Map<String, InstanceStatus> overrides = new LinkedHashMap<>();
    writer.leases.forEach(lease -> {
      LeaseHolder holder = lease.holder();
      if (holder.override() != null) {
        overrides.put(holder.instance().id(), holder.override());
      }
    });
    return overrides;
  }

  /**
   * Sets a status override. Renews the lease.
   *
   * @param dirtyMs replaces the instance's dirty timestamp if newer, or
   *     {@link Registry#NO_TIMESTAMP}
   * @return false if there is no lease, or it has expired
   */
  public boolean set(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    synchronized (writer) {
      Lease lease = renewVisible(key);
      if (lease == null) {
        return false;
      }
      LeaseHolder holder = lease.holder();
      if (holder.instance().status() != status) {
        writer.update(lease, holder.withStatus(status, status, dirtyMs, clock.wallMs()), origin);
      }
      return true;
    }
  }

  /**
   * Removes the status override, if there is one. Renews the lease.
   *
   * @param status the new status; UNKNOWN makes the instance register again
   * @param dirtyMs replaces the instance's dirty timestamp if newer, or
   *     {@link Registry#NO_TIMESTAMP}
   * @return false if there is no lease, or it has expired
   */
  public boolean remove(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    synchronized (writer) {
      Lease lease = renewVisible(key);
      if (lease == null) {
        return false;
      }
      LeaseHolder holder = lease.holder();
      if (holder.override() != null) {
        writer.update(lease, holder.withStatus(status, null, dirtyMs, clock.wallMs()), origin);
      }
      return true;
    }
  }

  /**
   * Adopts the override that a peer sent with a newer heartbeat, as a published change. The next
   * renewal applies it to the status (spec §2.2 row 6).
   */
  public void adopt(InstanceKey key, InstanceStatus override) {
    synchronized (writer) {
      Lease lease = writer.leases.find(LookupKey.of(key));
      if (lease != null
          && override != InstanceStatus.UNKNOWN
          && lease.holder().override() != override) {
        writer.update(lease, lease.holder().withOverride(override), Origin.PEER);
      }
    }
  }

  /**
   * Takes over the status and override that a peer has of a restored instance that has not been
   * renewed since, unless the instance is newer here. They may have changed at the peer while this
   * node was down, which no timestamp shows.
   */
  public void adoptOfRestored(InstanceInfo atPeer) {
    InstanceStatus override = atPeer.overriddenStatus();
    synchronized (writer) {
      Lease lease = writer.leases.find(LookupKey.of(atPeer.key()));
      if (lease == null || !writer.restored.isUnrenewed(lease, lease.deadlineNs())) {
        return;
      }
      LeaseHolder holder = lease.holder();
      if (holder.instance().lastDirtyMs() <= atPeer.lastDirtyMs()
          && holder.instance().overriddenStatus() != override) {
        writer.update(
            lease,
            holder.withStatus(
                atPeer.status(),
                override == InstanceStatus.UNKNOWN ? null : override,
                atPeer.lastDirtyMs(),
                clock.wallMs()),
            Origin.PEER);
      }
    }
  }

  /** Applies a pending override at a renewal, as a published change (spec §9 no. 9). */
  void apply(Lease lease) {
    synchronized (writer) {
      if (lease.renewAction() == RenewAction.STATUS_DUE && !lease.hasEnded()) {
        writer.update(lease, lease.holder().withResolvedStatus(clock.wallMs()), Origin.NODE);
      }
    }
  }

  private @Nullable Lease renewVisible(InstanceKey key) {
    Lease lease = writer.findVisible(key);
    return lease != null && lease.renew(clock.monotonicNs()) ? lease : null;
  }
}
