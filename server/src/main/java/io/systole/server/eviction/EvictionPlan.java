// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The leases that a run evicts.
 *
 * @param chosen the selected leases, in random order
 * @param unrenewed restored leases that were not renewed since, evicted too
 * @param protectedByRule the number of others by the first rule that protects them; rules without
 *     any are absent
 */
record EvictionPlan(
    List<LeaseDeadline> chosen,
    List<LeaseDeadline> unrenewed,
    Map<ProtectionRule, Integer> protectedByRule) {
  /**
   * Selects as many unprotected leases as the cap allows, each with the same probability (spec
   * §4.2). Restored leases that were not renewed since are not capped.
   *
   * @param expired the leases of the decision
   * @param random the same numbers select the same leases
   */
  static EvictionPlan of(
      EvictionDecision decision, List<LeaseDeadline> expired, RandomGenerator random) {
    Map<ProtectionRule, Integer> counts = new EnumMap<>(ProtectionRule.class);
    List<LeaseDeadline> candidates = new ArrayList<>();
    List<LeaseDeadline> unrenewed = new ArrayList<>();
    for (LeaseDeadline deadline : expired) {
      ProtectionRule rule = decision.protectingRule(deadline);
      if (rule != null) {
        counts.merge(rule, 1, Integer::sum);
      } else if (deadline.isUnrenewed()) {
        unrenewed.add(deadline);
      } else {
        candidates.add(deadline);
      }
    }
    int count = Math.min(candidates.size(), decision.cap());
    for (int i = 0; i < count; i++) {
      Collections.swap(candidates, i, i + random.nextInt(candidates.size() - i));
    }
    if (count < candidates.size()) {
      counts.put(ProtectionRule.CAP, candidates.size() - count);
    }
    return new EvictionPlan(List.copyOf(candidates.subList(0, count)), unrenewed, counts);
  }
}
