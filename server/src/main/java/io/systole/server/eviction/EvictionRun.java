// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Map;
import java.util.Set;

/**
 * What an eviction run found and did.
 *
 * @param atMs wall clock, epoch ms
 * @param graceMs by how much it came late, which every lease was given
 * @param selfPreservation as it stood
 * @param leases how many stood before
 * @param expired how many of these had expired
 * @param cap how many the run might end
 * @param evicted how many it ended; of those chosen, some may have been renewed in time
 * @param unrenewed how many of these had been restored and not renewed since
 * @param protectedByRule how many were held, by rule; rules that hold none are absent
 * @param protectedSinceMs since which run, epoch ms, each of these rules has held some
 * @param protectedApps applications with too many expired at once
 * @param protectedZones zones with too many expired at once
 */
public record EvictionRun(
    long atMs,
    long graceMs,
    SelfPreservation selfPreservation,
    int leases,
    int expired,
    int cap,
    int evicted,
    int unrenewed,
    Map<ProtectionRule, Integer> protectedByRule,
    Map<ProtectionRule, Long> protectedSinceMs,
    Set<String> protectedApps,
    Set<String> protectedZones) {

  /** Whether a rule other than the cap holds something. */
  public boolean hasProtected() {
    return protectedByRule.keySet().stream().anyMatch(rule -> rule != ProtectionRule.CAP);
  }

  /** How many this rule holds. */
  public int protectedBy(ProtectionRule rule) {
    return protectedByRule.getOrDefault(rule, 0);
  }
}
