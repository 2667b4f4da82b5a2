// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Set;

/**
 * What an operator may set about who is evicted.
 *
 * @param isSelfPreserving whether any rule but the cap holds expired leases
 * @param share of the expected renewals, of an application's and of a zone's instances, that must
 *     be there; of all leases, that a run leaves; 0 to 1
 * @param expectedIntervalSecs how often a client is expected to renew, by
 *     {@link RenewalThresholdMode#NETFLIX}
 * @param protections the rules that hold expired leases; the cap is always on
 * @param protectMs how long after its deadline a lease is held for its application or zone; 0 for
 *     without end
 */
public record EvictionRules(
    boolean isSelfPreserving,
    double share,
    int expectedIntervalSecs,
    RenewalThresholdMode threshold,
    Set<ProtectionRule> protections,
    long protectMs) {

  /** The least share that can be set. */
  public static final double SHARE_MIN = 0.01;

  /** As in stock servers, where they have it. */
  public static final EvictionRules STOCK = new EvictionRules(
      true, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(ProtectionRule.REGISTRY), 3_600_000);

  public EvictionRules {
    protections = Set.copyOf(protections);
  }

  /** The same rules with another share. */
  public EvictionRules withShare(double other) {
    return new EvictionRules(
        isSelfPreserving, other, expectedIntervalSecs, threshold, protections, protectMs);
  }

  /** Whether a rule holds leases at all. */
  boolean isOn(ProtectionRule rule) {
    return isSelfPreserving && protections.contains(rule);
  }
}
