// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** Watches what becomes of the silent, as the registry shows it. */
final class EvictionMonitor {
  /*
   * While they are silent only the number of all that is registered is asked for, which is cheap at
   * any size; what is noted from it is right as long as nothing else comes and goes. The share that
   * expectations judge is found in the end by looking for each silent instance.
   *
   * All state is guarded by this object; the asking is done outside of it.
   */
  private static final long LOOK_MS = 500;
  private static final int NOTES = 4;
  private static final double NS_PER_MS = 1e6;

  private final ScenarioContext context;
  private long totalBefore;
  private int silenced;
  private long sinceNs;
  private int noted;

  /** Someone is silent. */
  private boolean isWatching;

  /** The looks have been asked for. */
  private boolean isLooking;

  EvictionMonitor(ScenarioContext context) {
    this.context = context;
  }

  /** So many more fall silent now. */
  void begin(int count) throws InterruptedException {
    long total = total();
    synchronized (this) {
      silenced = (isWatching ? silenced : 0) + count;
      totalBefore = isWatching ? totalBefore : total;
      sinceNs = System.nanoTime();
      noted = 0;
      isWatching = true;
      if (!isLooking) {
        isLooking = true;
        context.look(LOOK_MS, this::look);
        context.atEnd(this::concludeAtEnd);
      }
    }
  }

  private void look() {
    try {
      noteTotal(total());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void noteTotal(long total) {
    long gone = Math.max(0, Math.min(silenced, totalBefore - total));
    int quarters = silenced == 0 ? 0 : (int) (gone * NOTES / silenced);
    if (!isWatching || quarters <= noted) {
      return;
    }
    noted = quarters;
    double ms = (System.nanoTime() - sinceNs) / NS_PER_MS;
    context.report("evictions: " + gone + " of " + silenced + " silent instances are gone, "
        + MetricUnit.ofMs(Math.round(ms)) + " after they fell silent");
    if (quarters == NOTES) {
      context.findings().putGreatest("eviction", ms);
    }
  }

  /** Returns how many are registered; a node that does not say leaves the last number standing. */
  private long total() throws InterruptedException {
    try {
      return RegistryReader.total(context.registry().hashCodeOfAll());
    } catch (IOException e) {
      synchronized (this) {
        return totalBefore;
      }
    }
  }

  private void concludeAtEnd() {
    try {
      conclude();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The watch is over: they wake, or the window has ended. */
  void conclude() throws InterruptedException {
    BitSet silent = context.fleet().silent();
    int count = silent.cardinality();
    if (count == 0) {
      return;
    }
    try {
      silent.and(context.registry().seen());
      int held = silent.cardinality();
      context.findings().put("evicted", (count - held) / (double) count);
      context.report("evictions: of " + count + " silent instances " + (count - held)
          + " were evicted and " + held + " are held, "
          + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since()) + " s after");
    } catch (IOException e) {
      context.report("evictions: unknown, the registry cannot be read: " + e.getMessage());
    }
    synchronized (this) {
      isWatching = false;
    }
  }

  private synchronized long since() {
    return sinceNs;
  }
}
