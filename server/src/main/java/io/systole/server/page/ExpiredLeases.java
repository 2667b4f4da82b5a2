// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.ProtectionRule;
import java.util.HashMap;
import java.util.Map;

/**
 * A decision on the expired leases, and their numbers.
 *
 * @param protectedByRule as {@link EvictionDecision#protectedByRule}
 * @param byApp expired leases by application; applications without any are absent
 * @param protectedByApp as {@link EvictionDecision#protectedByApp}
 */
record ExpiredLeases(
    EvictionDecision decision,
    Map<ProtectionRule, Integer> protectedByRule,
    Map<String, Integer> byApp,
    Map<String, Integer> protectedByApp) {

  /** Counts the leases of a decision. Linear in the expired ones. */
  static ExpiredLeases of(EvictionDecision decision) {
    Map<String, Integer> byApp = new HashMap<>();
    decision.expiredLeases().forEach(deadline -> byApp.merge(deadline.app(), 1, Integer::sum));
    return new ExpiredLeases(
        decision, decision.protectedByRule(), byApp, decision.protectedByApp());
  }
}
