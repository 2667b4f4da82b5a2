// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** The counters of one attack. Thread-safe. */
final class AttackStats {
  private final String name;
  private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();
  private final Map<String, LongAdder> violations = new ConcurrentSkipListMap<>();
  private final AtomicLong slowestNs = new AtomicLong();

  /** @param name of the attack */
  AttackStats(String name) {
    this.name = name;
  }

  void count(String outcome) {
    counts.computeIfAbsent(outcome, key -> new LongAdder()).increment();
  }

  /** Counts a violation by the node. */
  void violation(String what) {
    violations.computeIfAbsent(what, key -> new LongAdder()).increment();
  }

  void responseTook(long ns) {
    slowestNs.accumulateAndGet(ns, Math::max);
  }

  String name() {
    return name;
  }

  Map<String, LongAdder> violations() {
    return violations;
  }

  @Override
  public String toString() {
    String slowest =
        slowestNs.get() == 0 ? "" : " slowest=%dms".formatted(slowestNs.get() / 1_000_000);
    return "%-34s %s%s%s"
        .formatted(name, counts, slowest, violations.isEmpty() ? "" : " VIOLATIONS " + violations);
  }
}
