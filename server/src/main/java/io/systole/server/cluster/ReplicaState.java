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
  /** The time, besides two windows, by which the deadlines of a lease at two members may differ. */
  private static final long SLACK_MS = 2_000;

  /** The maximum number of slots handled while the monitor is held once. */
  static final int SLOT_BATCH_MAX = 1_000;

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

  /** Returns the time within which the renewals of all members arrive. */
  long slackMs() {
    return SLACK_MS + 2 * settings.windowMs();
  }

  /**
   * Returns whether less than the duration of a lease has passed since a renewal.
   *
   * @param renewedNs the time of the renewal, monotonic
   */
  boolean isWithinDuration(int slot, long renewedNs, long nowNs) {
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
