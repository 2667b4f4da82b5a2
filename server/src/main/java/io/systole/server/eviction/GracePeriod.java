// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;

/** The time given to expired leases because the node could not take their renewals. */
@FunctionalInterface
public interface GracePeriod {
  /** Stands for the end of a grace that no lease has. */
  long ENDED = Long.MIN_VALUE;

  /** No grace for any lease. */
  GracePeriod NONE = deadline -> ENDED;

  /** Returns the last moment of the grace, monotonic, or {@link #ENDED} when there is none. */
  long endNs(LeaseDeadline deadline);
}
