// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ProtectionLog;
import io.systole.server.management.RemovalHistory;
import io.systole.server.monitoring.ExpiredLeaseCount;
import io.systole.server.registry.LeaseRenewal;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.store.Store;
import java.io.IOException;
import java.util.function.LongSupplier;

/** The registry of a node with its store, its evictor, and its periodic counts. */
final class NodeRegistry {
  private final ServerConfig config;
  private final Store store;
  private final Registry registry;
  private final RenewalRate rate;
  private final Evictor evictor;
  private final ProtectionLog protectionLog;
  private final ExpiredLeaseCount expired;

  /**
   * Reads the leases of an earlier run, which {@link Store#restore} completes.
   *
   * @param runId identifies this run of the node
   * @param loopLagNs returns the lag of the event loops, ns
   * @throws IOException if the data directory can't be used
   */
  NodeRegistry(ServerConfig config, Clock clock, String runId, LongSupplier loopLagNs)
      throws IOException {
    this.config = config;
    this.store = Store.open(config.store(), clock, runId);
    this.registry = new Registry(config.registry(), clock, store.versionAfter(), store.leases());
    LeaseRenewal renewal = registry.renewal();
    this.rate = new RenewalRate(config.cluster() == null ? renewal::count : renewal::clusterCount);
    this.evictor = new Evictor(registry, rate, clock, config.eviction(), loopLagNs);
    registry.expiry().hideIf(evictor::isHidden);
    this.protectionLog = new ProtectionLog(evictor, clock);
    evictor.onDecision(protectionLog::observe);
    this.expired = new ExpiredLeaseCount(registry.expiry());
  }

  Registry registry() {
    return registry;
  }

  Store store() {
    return store;
  }

  RenewalRate rate() {
    return rate;
  }

  Evictor evictor() {
    return evictor;
  }

  /** Returns the count of leases that have expired and are kept. */
  ExpiredLeaseCount expired() {
    return expired;
  }

  /** Returns the removal history, empty without a data directory. */
  RemovalHistory removalHistory() {
    return config.store().directory() == null ? RemovalHistory.NONE : new JournalHistory(store);
  }

  /**
   * Schedules evictions, checks and periodic counts.
   *
   * @param readinessWatch logs changes of the readiness; to be called about every second
   */
  void schedule(NodeThreads threads, Runnable readinessWatch) {
    threads.repeat(config.eviction().intervalMs(), evictor);
    threads.repeat(
        Evictor.TICK_MS, evictor::tick, protectionLog, store.health()::watch, readinessWatch);
    threads.repeat(config.eviction().recountMs(), evictor::recount);
    threads.repeat(ExpiredLeaseCount.INTERVAL_MS, expired);
    threads.repeatWithEvents(Evictor.TICK_MS, evictor::detectStalls);
    threads.repeatAtFixedRate(RenewalRate.MINUTE_MS, rate::endMinute);
  }
}
