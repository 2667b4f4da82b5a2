// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** A monitor of the eviction of instances that have stopped their heartbeats. */
final class EvictionMonitor {
  /*
   * During the wait only the total number of registered instances is polled, which is cheap at any
   * size; the reported progress is correct as long as no other instance is registered or cancelled.
   * The share that expectations evaluate is determined at the end by looking for each stopped
   * instance.
   *
   * All state is guarded by this object; reads of the registry happen outside the lock.
   */
  private static final long POLL_MS = 500;
  private static final int QUARTERS = 4;
  private static final double NS_PER_MS = 1e6;

  private final ScenarioContext context;
  private long totalBefore;
  private int stoppedCount;
  private long sinceNs;
  private int quartersReported;

  /** Set while there are stopped instances. */
  private boolean isWatching;

  /** Set once the polls are scheduled. */
  private boolean isPolling;

  EvictionMonitor(ScenarioContext context) {
    this.context = context;
  }

  /** Starts the watch of {@code count} more stopped instances. */
  void onHeartbeatsStopped(int count) throws InterruptedException {
    long total = total();
    synchronized (this) {
      stoppedCount = (isWatching ? stoppedCount : 0) + count;
      totalBefore = isWatching ? totalBefore : total;
      sinceNs = System.nanoTime();
      quartersReported = 0;
      isWatching = true;
      if (!isPolling) {
        isPolling = true;
        context.poll(POLL_MS, this::poll);
        context.onEnd(this::finishAtEnd);
      }
    }
  }

  private void poll() {
    try {
      recordTotal(total());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void recordTotal(long total) {
    long evicted = Math.max(0, Math.min(stoppedCount, totalBefore - total));
    int quarters = stoppedCount == 0 ? 0 : (int) (evicted * QUARTERS / stoppedCount);
    if (!isWatching || quarters <= quartersReported) {
      return;
    }
    quartersReported = quarters;
    double ms = (System.nanoTime() - sinceNs) / NS_PER_MS;
    context.recordEvent(
        "evictions: " + evicted + " of " + stoppedCount + " stopped instances evicted, "
            + MetricUnit.ofMs(Math.round(ms)) + " after their last heartbeat");
    if (quarters == QUARTERS) {
      context.metrics().putGreatest("eviction", ms);
    }
  }

  /** Returns the number of registered instances; the last known one if the read fails. */
  private long total() throws InterruptedException {
    try {
      return RegistryReader.total(context.registry().registryHash());
    } catch (IOException e) {
      synchronized (this) {
        return totalBefore;
      }
    }
  }

  private void finishAtEnd() {
    try {
      finish();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the watch: the instances resume, or the window has ended. */
  void finish() throws InterruptedException {
    BitSet remaining = context.fleet().stopped();
    int count = remaining.cardinality();
    if (count == 0) {
      return;
    }
    try {
      remaining.and(context.registry().instanceIndices());
      int registered = remaining.cardinality();
      context.metrics().put("evicted", (count - registered) / (double) count);
      context.recordEvent("evictions: of " + count + " stopped instances " + (count - registered)
          + " were evicted and " + registered + " are still registered, "
          + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - sinceNs()) + " s after");
    } catch (IOException e) {
      context.recordEvent("evictions: unknown, the registry cannot be read: " + e.getMessage());
    }
    synchronized (this) {
      isWatching = false;
    }
  }

  private synchronized long sinceNs() {
    return sinceNs;
  }
}
