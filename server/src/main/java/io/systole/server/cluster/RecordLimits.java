// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.cluster.message.LeaseId;
import io.systole.server.cluster.message.OverrideRegister;
import io.systole.server.cluster.message.RecordStamp;
import org.jspecify.annotations.Nullable;

/** The limits of records beside those of the registry. Guarded by the registry's monitor. */
final class RecordLimits {
  private final HybridClock hybridClock;
  private final OwnerTable owners;

  RecordLimits(ReplicaState state) {
    this.hybridClock = state.hybridClock;
    this.owners = state.leases.owners;
  }

  /** Returns whether stamps and name of a record are possible; if not, they never will be. */
  boolean isValid(ClusterRecord record) {
    if (record instanceof RegistrationRecord registration) {
      OverrideRegister override = registration.override();
      return isValid(registration.leaseId(), registration.stamp())
          && (override == null || isValid(override));
    }
    return hybridClock.isValid(((RemovalRecord) record).stamp().hlc());
  }

  private boolean isValid(LeaseId name, RecordStamp stamp) {
    return name.owner() == stamp.owner()
        && name.number() < OwnerTable.NUMBERS_MAX
        && hybridClock.isValid(stamp.hlc());
  }

  private boolean isValid(OverrideRegister override) {
    return hybridClock.isValid(override.stamp().hlc());
  }

  /** Returns whether the members in the stamps of a record can be stored; removals need none. */
  boolean hasSpaceFor(ClusterRecord record) {
    if (record instanceof RegistrationRecord registration) {
      return owners.hasSpaceFor(registration.stamp().owner())
          && hasSpaceFor(registration.override());
    }
    return true;
  }

  private boolean hasSpaceFor(@Nullable OverrideRegister override) {
    return override == null || owners.hasSpaceFor(override.stamp().member());
  }
}
