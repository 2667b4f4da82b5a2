// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;

/**
 * Leases of one kind: all of them, an application's, a zone's.
 *
 * @param leases how many stand
 * @param expired how many of these have expired
 */
record LeaseGroup(int leases, int expired) {
  /**
   * How many of so many leases may go at once: what the share leaves over, rounded up; so of one
   * lease, and of any small number, one (spec §4.2).
   */
  static int evictionsMax(int leases, double share) {
    return leases - (int) (leases * share);
  }

  /** How many may have expired before it looks like a failure; a single one never does. */
  int limit(double share) {
    return Math.max(1, evictionsMax(leases, share));
  }

  /** Whether more have expired at once than may go. */
  boolean isProtected(double share) {
    return expired > limit(share);
  }

  /** A share with which as many might go. */
  OptionalDouble releasingShare() {
    return expired > leases
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.min(1, (leases - expired + 0.5) / leases));
  }
}
