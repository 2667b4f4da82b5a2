// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Instances;
import java.util.Map;

/** An instance as its client has it. */
final class SimulatedClient {
  final InstanceKey key;
  final int durationSecs;

  /** Whether it uses another member for each heartbeat. */
  final boolean isRoundRobin;

  /** Whether it renews its lease. */
  boolean isAlive;

  /** Whether it has cancelled its lease since it was alive; others ended silently. */
  boolean isCancelled;

  long dirtyMs;
  InstanceStatus status = InstanceStatus.UP;
  long beatDueMs;
  int home;
  private int registrations;

  SimulatedClient(InstanceKey key, int durationSecs, boolean isRoundRobin, int home) {
    this.key = key;
    this.durationSecs = durationSecs;
    this.isRoundRobin = isRoundRobin;
    this.home = home;
  }

  long durationNs() {
    return durationSecs * 1_000_000_000L;
  }

  /** Returns the interval of its heartbeats. */
  long intervalMs() {
    return durationSecs * 1_000L / 3;
  }

  /** Returns a document that differs from all earlier ones. */
  InstanceInfo document() {
    return Instances.up(key.app(), key.id(), durationSecs).toBuilder()
        .status(status)
        .leaseInfo(new LeaseInfo(durationSecs / 3, durationSecs, 0, 0, 0, 0))
        .lastDirtyMs(dirtyMs)
        .metadata(Map.of("registration", String.valueOf(++registrations)))
        .build();
  }

  @Override
  public String toString() {
    return key.app() + "/" + key.id();
  }
}
