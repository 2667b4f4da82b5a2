// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Wakes those who wait for changes: soon after one, and once for all that came together meanwhile.
 * Any thread may call.
 */
final class ChangeNotifier {
  private final ScheduledExecutorService timer;
  private final long gatherMs;
  private final Set<Runnable> sleepers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isPulled = new AtomicBoolean();

  /** @param gatherMs how long changes gather before it rings */
  ChangeNotifier(ScheduledExecutorService timer, long gatherMs) {
    this.timer = timer;
    this.gatherMs = gatherMs;
  }

  /** Runs it whenever the bell rings, until it is removed. Must be quick. */
  void add(Runnable sleeper) {
    sleepers.add(sleeper);
  }

  void remove(Runnable sleeper) {
    sleepers.remove(sleeper);
  }

  /** Has the bell ring soon, if anybody would hear it. Called with every change: must be cheap. */
  void pull() {
    if (!sleepers.isEmpty() && isPulled.compareAndSet(false, true)) {
      try {
        var unused = timer.schedule(this::ring, gatherMs, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException stopping) {
        isPulled.set(false);
      }
    }
  }

  /** Wakes everyone now. */
  void ring() {
    // Cleared first: a change from now on pulls again.
    isPulled.set(false);
    sleepers.forEach(Runnable::run);
  }

  int sleeperCount() {
    return sleepers.size();
  }
}
