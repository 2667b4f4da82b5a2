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
 * Whom a run evicts.
 *
 * @param chosen to be evicted, in the order in which they were drawn
 * @param unrenewed to be evicted too: restored leases that were not renewed since
 * @param protectedByRule how many others are held, by the first rule that does; rules that hold none are
 *     absent
 */
record EvictionPlan(
    List<LeaseDeadline> chosen, List<LeaseDeadline> unrenewed, Map<ProtectionRule, Integer> protectedByRule) {
  /**
   * Draws as many as the cap allows from the leases that nobody holds, each with the same chance
   * (spec §4.2). Restored leases that were not renewed since are beyond the cap.
   *
   * @param expired the leases that were judged
   * @param random the same numbers choose the same leases
   */
  static EvictionPlan of(
      EvictionDecision decision, List<LeaseDeadline> expired, RandomGenerator random) {
    Map<ProtectionRule, Integer> held = new EnumMap<>(ProtectionRule.class);
    List<LeaseDeadline> candidates = new ArrayList<>();
    List<LeaseDeadline> unrenewed = new ArrayList<>();
    for (LeaseDeadline deadline : expired) {
      ProtectionRule holder = decision.protectingRule(deadline);
      if (holder != null) {
        held.merge(holder, 1, Integer::sum);
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
      held.put(ProtectionRule.CAP, candidates.size() - count);
    }
    return new EvictionPlan(List.copyOf(candidates.subList(0, count)), unrenewed, held);
  }
}
