// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The expired leases that one rule protects, whether or not other rules protect them too.
 *
 * @param leases their number
 * @param examples one of them by name: of its application for {@link ProtectionRule#APP}, of its
 *     zone for {@link ProtectionRule#ZONE}; under the empty name for the other rules
 */
public record ProtectedLeases(int leases, SortedMap<String, LeaseDeadline> examples) {
  /**
   * Returns the leases that each rule protects; rules that protect none are absent. Linear in the
   * expired leases.
   */
  public static Map<ProtectionRule, ProtectedLeases> byRule(EvictionDecision decision) {
    Map<ProtectionRule, ProtectedLeases> all = new EnumMap<>(ProtectionRule.class);
    int capped = decision.candidates() - decision.cap();
    for (LeaseDeadline deadline : decision.expiredLeases()) {
      if (decision.nowNs() <= decision.graceEndNs(deadline)) {
        add(all, ProtectionRule.STALL, "", deadline);
      }
      if (deadline.isUnrenewed()) {
        continue;
      }
      if (decision.isProtectedByRegistry()) {
        add(all, ProtectionRule.REGISTRY, "", deadline);
      }
      if (decision.protectedGroup(ProtectionRule.APP, deadline) != null) {
        add(all, ProtectionRule.APP, deadline.app(), deadline);
      }
      if (decision.protectedGroup(ProtectionRule.ZONE, deadline) != null) {
        add(all, ProtectionRule.ZONE, deadline.zone(), deadline);
      }
      if (capped > 0 && decision.protectingRule(deadline) == null) {
        add(all, ProtectionRule.CAP, "", deadline);
      }
    }
    all.computeIfPresent(
        ProtectionRule.CAP, (rule, candidates) -> new ProtectedLeases(capped, candidates.examples));
    return all;
  }

  private static void add(
      Map<ProtectionRule, ProtectedLeases> all,
      ProtectionRule rule,
      String name,
      LeaseDeadline deadline) {
    ProtectedLeases before = all.get(rule);
    SortedMap<String, LeaseDeadline> examples = before == null ? new TreeMap<>() : before.examples;
    examples.putIfAbsent(name, deadline);
    all.put(rule, new ProtectedLeases(before == null ? 1 : before.leases + 1, examples));
  }
}
