// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.Set;

/**
 * The settings of self-preservation and the other protection rules.
 *
 * @param isSelfPreserving whether any rule but the cap protects expired leases
 * @param share the required share of the expected renewals, of an application's and of a zone's
 *     instances, and of all leases after a run; 0 to 1
 * @param expectedIntervalSecs the interval at which a client is expected to renew, by
 *     {@link RenewalThresholdMode#NETFLIX}
 * @param protections the rules that protect expired leases; the cap is always on
 * @param protectMs how long after its deadline the rules of application and zone protect a lease; 0
 *     for no limit
 */
public record EvictionRules(
    boolean isSelfPreserving,
    double share,
    int expectedIntervalSecs,
    RenewalThresholdMode threshold,
    Set<ProtectionRule> protections,
    long protectMs) {

  /** The basis of the expected number of renewals. */
  public enum RenewalThresholdMode {
    /** The number of clients as counted by stock servers, with one interval for all (spec §3.5). */
    NETFLIX,
    /** The leases, each with the interval that its instance specifies. */
    LEASES
  }

  /** The minimum share that can be set. */
  public static final double SHARE_MIN = 0.01;

  /** The defaults of stock servers. */
  public static final EvictionRules STOCK = new EvictionRules(
      true, 0.85, 30, RenewalThresholdMode.NETFLIX, Set.of(ProtectionRule.REGISTRY), 3_600_000);

  public EvictionRules {
    protections = Set.copyOf(protections);
  }

  /** Returns a copy with another share. */
  public EvictionRules withShare(double other) {
    return new EvictionRules(
        isSelfPreserving, other, expectedIntervalSecs, threshold, protections, protectMs);
  }

  /** Returns whether a rule is enabled. */
  boolean isOn(ProtectionRule rule) {
    return isSelfPreserving && protections.contains(rule);
  }
}
