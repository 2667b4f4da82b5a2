// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import java.util.concurrent.TimeUnit;

/**
 * The state of the leases that members share, beside the registry. Its parts are guarded by the
 * registry's monitor.
 */
final class ReplicaState {
  /** Covers differences between the deadlines of members, besides two windows. */
  private static final long SLACK_MS = 2_000;

  /** Slots or records handled in one section that holds the monitor. */
  static final int SECTION_MAX = 1_000;

  final ReplicaSettings settings;
  final Registry registry;
  final Clock clock;
  final ReplicaCounters counters;
  final HybridClock hybridClock;
  final ClusterLeases leases;
  final ClusterTombstones tombstones;

  /** The renewals here that are not confirmed yet; not guarded. */
  final BeatWindow renewedByClients = new BeatWindow();

  final BeatWindow renewedByPeers = new BeatWindow();

  ReplicaState(
      ReplicaSettings settings,
      long selfEpoch,
      Registry registry,
      Clock clock,
      ReplicaCounters counters) {
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.counters = counters;
    this.hybridClock = new HybridClock(clock);
    this.leases = new ClusterLeases(selfEpoch, hybridClock);
    this.tombstones = new ClusterTombstones(
        TimeUnit.MILLISECONDS.toNanos(settings.tombstoneMs()), settings.tombstonesMax());
  }

  /** Returns the time after which the renewals of all members have arrived. */
  long slackMs() {
    return SLACK_MS + 2 * settings.windowMs();
  }

  /**
   * Returns whether a lease is still within one duration of a renewal, for which it is to be kept.
   *
   * @param renewedNs the time of the renewal, monotonic
   */
  boolean isPromised(int slot, long renewedNs, long nowNs) {
    PersistedLease lease = registry.replicated().at(slot);
    return lease != null
        && nowNs - renewedNs
            < TimeUnit.SECONDS.toNanos(lease.instance().leaseInfo().durationSecs());
  }

  /** Returns whether a lease was renewed here in a window that may not be sent yet. */
  boolean isRenewedInWindow(int slot) {
    return renewedByClients.contains(slot) || renewedByPeers.contains(slot);
  }

  /** Runs an action that holds the registry's monitor. */
  void atomically(Runnable action) {
    boolean unused = registry.atomically(() -> {
      action.run();
      return true;
    });
  }
}
