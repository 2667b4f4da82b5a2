// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Comparator;

/**
 * The leases of an application or a zone.
 *
 * @param leases how many stand
 * @param expired how many of these have expired
 * @param protectedCount how many of these are held, by whichever rule, the cap aside
 */
public record ProtectedCounts(String name, int leases, int expired, int protectedCount) {
  /** Most held first, then by name. */
  static final Comparator<ProtectedCounts> MOST_PROTECTED_FIRST = Comparator.comparingInt(
          ProtectedCounts::protectedCount)
      .reversed()
      .thenComparing(ProtectedCounts::name);
}
