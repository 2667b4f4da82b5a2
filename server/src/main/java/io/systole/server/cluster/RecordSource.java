// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.ClusterTombstones.Tombstone;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.ClusterRecord.RegistrationRecord;
import io.systole.server.cluster.message.ClusterRecord.RemovalRecord;
import io.systole.server.registry.PersistedLease;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A source of records of current leases and tombstones. Guarded by the registry's monitor. */
final class RecordSource {
  private final ReplicaState state;

  RecordSource(ReplicaState state) {
    this.state = state;
  }

  /** Returns the record of the lease in a slot, or null if there is none. */
  @Nullable
  ClusterRecord recordOf(int slot) {
    ClusterLeases leases = state.leases;
    PersistedLease lease = state.registry.replicated().at(slot);
    if (lease == null || !leases.isKnown(slot)) {
      return null;
    }
    long ageNs = state.clock.monotonicNs() - state.registry.replicated().lastContactNs(slot);
    return new RegistrationRecord(
        leases.acceptedDocument(slot, lease.instance()),
        leases.stamp(slot),
        leases.leaseId(slot),
        leases.override(slot),
        Math.max(0, TimeUnit.NANOSECONDS.toMillis(ageNs)),
        leases.isByPeer(slot));
  }

  static ClusterRecord recordOf(Tombstone tombstone) {
    return new RemovalRecord(tombstone.key, tombstone.stamp, tombstone.cause, tombstone.isByPeer);
  }
}
