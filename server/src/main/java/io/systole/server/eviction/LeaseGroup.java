// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;

/**
 * The size of a group of leases: all, or those of an application or a zone.
 *
 * @param leases the number of leases
 * @param expired the number of expired ones among them
 */
record LeaseGroup(int leases, int expired) {
  /**
   * Returns the maximum number of evictions at once: the complement of the share, rounded up. It is
   * 1 for a small number of leases (spec §4.2).
   */
  static int evictionsMax(int leases, double share) {
    return leases - (int) (leases * share);
  }

  /** Returns the maximum number of expired leases that is not regarded as a failure, at least 1. */
  int limit(double share) {
    return Math.max(1, evictionsMax(leases, share));
  }

  /** Returns whether so many have expired at once that the group is protected. */
  boolean isProtected(double share) {
    return expired > limit(share);
  }

  /** Returns a share with which the group is not protected. */
  OptionalDouble releasingShare() {
    return expired > leases
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, (leases - expired + 0.5) / leases));
  }
}
