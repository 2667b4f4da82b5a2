// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import io.systole.server.metrics.RequestClass;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** The recent requests of one credential by class, for a limit on their rate. Thread-safe. */
public final class RequestRates {
  /*
   * The generic cell rate algorithm (ITU-T I.371). Each class has one time, up to which its admitted
   * requests have used the rate; a request moves it by the interval of the rate, and is refused if
   * that is more than BURST_NS ahead. Event loops update it by CAS. The times of the classes are
   * separate, so that a reader that fetches too much can still register. Heartbeats are never
   * counted.
   */

  /** An unused rate serves at most the requests of this time at once. */
  private static final long BURST_NS = TimeUnit.SECONDS.toNanos(1);

  private static final long LOG_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  /** Monotonic ns, by class. */
  private final AtomicLongArray usedUntilNs = new AtomicLongArray(RequestClass.values().length);

  /** The time until which refusals are not logged, monotonic ns. */
  private final AtomicLong quietUntilNs = new AtomicLong();

  /**
   * Counts a request, unless the rate is exceeded.
   *
   * @param perSecondMax requests of this class in a second, 1..1_000_000
   * @return whether the request is within the rate
   */
  public boolean admits(RequestClass requestClass, int perSecondMax, long nowNs) {
    int index = requestClass.ordinal();
    long intervalNs = BURST_NS / perSecondMax;
    while (true) {
      long before = usedUntilNs.get(index);
      long after = Math.max(before, nowNs) + intervalNs;
      if (after - nowNs > BURST_NS) {
        return false;
      }
      if (usedUntilNs.compareAndSet(index, before, after)) {
        return true;
      }
    }
  }

  /** Returns whether a refusal is to be logged: the first within a minute. */
  public boolean mayLog(long nowNs) {
    long until = quietUntilNs.get();
    return nowNs >= until && quietUntilNs.compareAndSet(until, nowNs + LOG_INTERVAL_NS);
  }
}
