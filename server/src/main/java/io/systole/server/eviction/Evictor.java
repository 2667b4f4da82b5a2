// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Registry;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends expired leases at a steady interval. Its runs are made by one timer thread. */
public final class Evictor implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  private final Registry registry;
  private final Clock clock;
  private final long intervalNs;
  private long lastRunNs = -1;

  /** @param intervalMs how far apart the runs are meant to be */
  public Evictor(Registry registry, Clock clock, long intervalMs) {
    this.registry = registry;
    this.clock = clock;
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(intervalMs);
  }

  @Override
  public void run() {
    int evicted = registry.evictExpired(compensationNs());
    if (evicted > 0) {
      LOG.info("evicted expired leases count={} left={}", evicted, registry.leaseCount());
    }
  }

  /**
   * By how much this run is late. The node was stopped for that long, and renewals could not
   * arrive: every lease is given the time (spec §4.2).
   */
  private long compensationNs() {
    long nowNs = clock.monotonicNs();
    long lateNs = lastRunNs < 0 ? 0 : Math.max(0, nowNs - lastRunNs - intervalNs);
    lastRunNs = nowNs;
    return lateNs;
  }
}
