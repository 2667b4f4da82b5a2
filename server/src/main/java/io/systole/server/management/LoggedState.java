// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * A state whose changes are logged, at most one in {@link #INTERVAL_MS}. After a change that came
 * too early, the log has the state at the end of the interval, unless it has changed back. Confined
 * to one thread.
 */
final class LoggedState<T> {
  /** Soon enough for an operator to act, and at most 1,440 lines a day. */
  static final long INTERVAL_MS = 60_000;

  private final Clock clock;

  /** The last logged state; before the first line, the initial state. */
  private T logged;

  private T observed;
  private boolean hasLine;
  private long lineNs;

  /** Changes since the last line. */
  private long changes;

  /** @param initial a state that is not logged */
  LoggedState(Clock clock, T initial) {
    this.clock = clock;
    this.logged = initial;
    this.observed = initial;
  }

  /** Records the current state; returns whether it is to be logged now. */
  boolean observe(T now) {
    if (!now.equals(observed)) {
      observed = now;
      changes++;
    }
    return !now.equals(logged)
        && !(hasLine && clock.monotonicNs() - lineNs < TimeUnit.MILLISECONDS.toNanos(INTERVAL_MS));
  }

  /** Returns the last logged state; before the first line, the initial state. */
  T logged() {
    return logged;
  }

  /**
   * Marks the observed state as logged.
   *
   * @return the number of changes since the line before that were not logged
   */
  long markLogged() {
    long suppressed = changes - 1;
    logged = observed;
    hasLine = true;
    lineNs = clock.monotonicNs();
    changes = 0;
    return suppressed;
  }
}
