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

  /** Less than the second between two readings, which a timer may shorten. */
  private static final long READ_MS = 500;

  /** Returns the present expired leases, read anew at most twice a second. */
  static PacedValue<ExpiredLeases> paced(PageSources sources) {
    return new PacedValue<>(() -> of(sources.evictor().decision()), sources.clock(), READ_MS);
  }

  /** Counts the leases of a decision. Linear in the expired ones. */
  static ExpiredLeases of(EvictionDecision decision) {
    Map<String, Integer> byApp = new HashMap<>();
    decision.expiredLeases().forEach(deadline -> byApp.merge(deadline.app(), 1, Integer::sum));
    return new ExpiredLeases(
        decision, decision.protectedByRule(), byApp, decision.protectedByApp());
  }
}
