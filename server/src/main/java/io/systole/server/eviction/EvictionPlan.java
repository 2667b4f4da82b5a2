// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Term;
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
 * @param held how many others are held, by the first rule that does; rules that hold none are
 *     absent
 */
record EvictionPlan(List<Term> chosen, Map<Rule, Integer> held) {
  /**
   * Draws as many as the cap allows from the leases that nobody holds, each with the same chance
   * (spec §4.2).
   *
   * @param expired the leases that were judged
   * @param random the same numbers choose the same leases
   */
  static EvictionPlan of(Judgement judgement, List<Term> expired, RandomGenerator random) {
    Map<Rule, Integer> held = new EnumMap<>(Rule.class);
    List<Term> candidates = new ArrayList<>();
    for (Term term : expired) {
      Rule holder = judgement.holder(term);
      if (holder == null) {
        candidates.add(term);
      } else {
        held.merge(holder, 1, Integer::sum);
      }
    }
    int count = Math.min(candidates.size(), judgement.cap());
    for (int i = 0; i < count; i++) {
      Collections.swap(candidates, i, i + random.nextInt(candidates.size() - i));
    }
    if (count < candidates.size()) {
      held.put(Rule.CAP, candidates.size() - count);
    }
    return new EvictionPlan(List.copyOf(candidates.subList(0, count)), held);
  }
}
