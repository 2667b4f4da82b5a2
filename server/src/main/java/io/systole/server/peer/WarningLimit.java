// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * A limit of warnings that a peer can cause at any rate. Counts those above it. Confined to one
 * thread.
 */
final class WarningLimit {
  /** Often enough to notice a lasting failure, and at most 1,440 lines a day. */
  static final long INTERVAL_MS = 60_000;

  private final Clock clock;
  private boolean hasWarned;
  private long lastNs;
  private long omitted;

  WarningLimit(Clock clock) {
    this.clock = clock;
  }

  /** Returns whether the log may have another warning now; counts it as omitted otherwise. */
  boolean permits() {
    long nowNs = clock.monotonicNs();
    if (hasWarned && nowNs - lastNs < TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS)) {
      omitted++;
      return false;
    }
    hasWarned = true;
    lastNs = nowNs;
    return true;
  }

  /** Returns the number of warnings omitted since the last call. */
  long takeOmitted() {
    long taken = omitted;
    omitted = 0;
    return taken;
  }
}
