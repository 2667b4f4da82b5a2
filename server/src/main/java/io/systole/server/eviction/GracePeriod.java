// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;

/** The extra time of expired leases whose renewals the node could not accept. */
@FunctionalInterface
public interface GracePeriod {
  /** The end of the grace of a lease without one. */
  long ENDED = Long.MIN_VALUE;

  /** No grace for any lease. */
  GracePeriod NONE = deadline -> ENDED;

  /** Returns the end of the grace, monotonic and inclusive, or {@link #ENDED} if there is none. */
  long endNs(LeaseDeadline deadline);
}
