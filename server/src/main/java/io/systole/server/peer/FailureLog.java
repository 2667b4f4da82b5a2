// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The decision which failures of one peer are logged: a reason that persists once, and changing
 * ones at the rate of a {@link WarningLimit}. Confined to one thread.
 */
final class FailureLog {
  private final WarningLimit limit;

  /** The last logged reason, null since a success. */
  private @Nullable String reported;

  FailureLog(Clock clock) {
    this.limit = new WarningLimit(clock);
  }

  /** Returns whether to log a failure. */
  boolean permits(String reason) {
    if (reason.equals(reported) || !limit.permits()) {
      return false;
    }
    reported = reason;
    return true;
  }

  /** Records a success, after which a failure for the same reason is another one. */
  void succeeded() {
    reported = null;
  }
}
