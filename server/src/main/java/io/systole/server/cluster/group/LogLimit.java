// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A limit of one log line a minute for each kind of event. Thread-safe. */
public final class LogLimit {
  /** Bounded, since kinds may contain addresses of unknown hosts. Beyond it, nothing is logged. */
  static final int KINDS_MAX = 256;

  private static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private final Map<String, Long> loggedNs = new LinkedHashMap<>();

  /** @param nanoTime returns monotonic time, ns */
  public LogLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Returns whether an event of this kind may be logged now, and counts it as logged if so. */
  public synchronized boolean admits(String kind) {
    long nowNs = nanoTime.getAsLong();
    Long lastNs = loggedNs.get(kind);
    if (lastNs != null && nowNs - lastNs < INTERVAL_NS) {
      return false;
    }
    if (lastNs == null && loggedNs.size() == KINDS_MAX) {
      loggedNs.values().removeIf(ns -> nowNs - ns >= INTERVAL_NS);
      if (loggedNs.size() == KINDS_MAX) {
        return false;
      }
    }
    loggedNs.put(kind, nowNs);
    return true;
  }
}
