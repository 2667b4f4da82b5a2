// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Comparator;

/**
 * The counts of an application or a zone.
 *
 * @param leases all leases
 * @param expired the expired ones among them
 * @param protectedCount the expired ones that a rule other than the cap protects
 */
public record ProtectedCounts(String name, int leases, int expired, int protectedCount) {
  /** Most protected first, then by name. */
  static final Comparator<ProtectedCounts> MOST_PROTECTED_FIRST = Comparator.comparingInt(
          ProtectedCounts::protectedCount)
      .reversed()
      .thenComparing(ProtectedCounts::name);
}
