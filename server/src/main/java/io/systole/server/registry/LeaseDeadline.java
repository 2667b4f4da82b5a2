// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;

/**
 * The deadline of a lease at a point in time.
 *
 * @param slot the slot of the lease, which may be reused once the lease has ended
 * @param zone the zone in its document, or empty
 * @param deadlineNs the time of expiry, monotonic
 * @param durationNs the duration of the lease
 * @param isUnrenewed whether it was restored from an earlier run and not renewed since
 */
public record LeaseDeadline(
    InstanceKey key, int slot, String zone, long deadlineNs, long durationNs, boolean isUnrenewed) {
  /** Returns the current deadline of a lease. */
  static LeaseDeadline of(Lease lease, RestoredLeases restored) {
    InstanceInfo instance = lease.holder().instance();
    long deadlineNs = lease.deadlineNs();
    return new LeaseDeadline(
        instance.key(),
        lease.slot,
        LeaseCounts.zoneOf(instance),
        deadlineNs,
        lease.durationNs(),
        restored.isUnrenewed(lease, deadlineNs));
  }

  /** Returns the application, upper case. */
  public String app() {
    return key.app();
  }
}
