// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notifies listeners of changes, with a short delay that coalesces several changes into one
 * notification. Thread-safe.
 */
final class ChangeNotifier {
  private final ScheduledExecutorService timer;
  private final long delayMs;
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isScheduled = new AtomicBoolean();

  /**
   * Creates a notifier.
   *
   * @param delayMs delay of a notification after the first change
   */
  ChangeNotifier(ScheduledExecutorService timer, long delayMs) {
    this.timer = timer;
    this.delayMs = delayMs;
  }

  /** Adds a listener, called at each notification until removed. Must be quick. */
  void add(Runnable listener) {
    listeners.add(listener);
  }

  void remove(Runnable listener) {
    listeners.remove(listener);
  }

  /**
   * Schedules a notification if there are listeners. Called for each change, so it must be cheap.
   */
  void schedule() {
    if (!listeners.isEmpty() && isScheduled.compareAndSet(false, true)) {
      try {
        var unused = timer.schedule(this::notifyAllListeners, delayMs, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException stopping) {
        isScheduled.set(false);
      }
    }
  }

  /** Notifies all listeners now. */
  void notifyAllListeners() {
    // Cleared first, so that a later change schedules again.
    isScheduled.set(false);
    listeners.forEach(Runnable::run);
  }

  int listenerCount() {
    return listeners.size();
  }
}
