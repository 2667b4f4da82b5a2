// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Map;
import java.util.Set;

/**
 * The result of an eviction run.
 *
 * @param atMs wall clock, epoch ms
 * @param graceMs the delay of the run, added to the deadline of every lease
 * @param selfPreservation the state of self-preservation
 * @param leases the number of leases before
 * @param expired the number of expired ones among them
 * @param cap the maximum number of evictions, unrenewed leases not counted
 * @param evicted the number of evicted leases; selected ones may have been renewed in time
 * @param unrenewed the number of evicted leases that were restored and not renewed since
 * @param leftToOthers the number of leases that the run would have evicted, but another member of
 *     the cluster is responsible for
 * @param protectedByRule the number of protected leases by rule; rules without any are absent
 * @param protectedSinceMs the first of the successive runs, epoch ms, in which the rule protected
 *     any
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
    int leftToOthers,
    Map<ProtectionRule, Integer> protectedByRule,
    Map<ProtectionRule, Long> protectedSinceMs,
    Set<String> protectedApps,
    Set<String> protectedZones) {

  /** Returns whether a rule other than the cap protects leases. */
  public boolean hasProtected() {
    return protectedByRule.keySet().stream().anyMatch(rule -> rule != ProtectionRule.CAP);
  }

  /** Returns the number of leases that this rule protects. */
  public int protectedBy(ProtectionRule rule) {
    return protectedByRule.getOrDefault(rule, 0);
  }
}
