// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.eviction.EvictionForecast.State;
import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The effect of the next eviction run on the expired leases of an application, if nothing changes
 * until then. Not thread-safe.
 */
public final class ApplicationForecast {
  /**
   * The forecast of one lease.
   *
   * @param deadline that of the lease
   */
  public record LeaseForecast(LeaseDeadline deadline, EvictionForecast forecast) {}

  private static final Comparator<LeaseDeadline> LONGEST_EXPIRED_LAST = Comparator.comparingLong(
          LeaseDeadline::deadlineNs)
      .thenComparing(LeaseDeadline::key)
      .reversed();

  private final EvictionDecision decision;
  private final String app;
  private final Map<ProtectionRule, Integer> protectedByRule = new EnumMap<>(ProtectionRule.class);

  /** One protected lease of each rule, the one that expired first. */
  private final Map<ProtectionRule, LeaseDeadline> examples = new EnumMap<>(ProtectionRule.class);

  private final List<LeaseDeadline> longestExpired;
  private int expired;
  private int candidates;
  private int due;

  /** The forecast of the first candidate; it is costly, and differs by the time only. */
  private @Nullable EvictionForecast candidate;

  /**
   * Creates a forecast. Linear in the expired leases of the decision.
   *
   * @param app upper case
   * @param leasesMax the maximum number of single leases in {@link #longestExpired}, 0 or greater
   */
  public ApplicationForecast(EvictionDecision decision, String app, int leasesMax) {
    this.decision = decision;
    this.app = app;
    PriorityQueue<LeaseDeadline> longest = new PriorityQueue<>(LONGEST_EXPIRED_LAST);
    for (LeaseDeadline deadline : decision.expiredLeases()) {
      if (deadline.app().equals(app)) {
        count(deadline);
        longest.add(deadline);
        if (longest.size() > leasesMax) {
          longest.remove();
        }
      }
    }
    List<LeaseDeadline> sorted = new ArrayList<>(longest);
    sorted.sort(LONGEST_EXPIRED_LAST.reversed());
    this.longestExpired = List.copyOf(sorted);
  }

  private void count(LeaseDeadline deadline) {
    expired++;
    ProtectionRule rule = decision.protectingRule(deadline);
    if (rule != null) {
      protectedByRule.merge(rule, 1, Integer::sum);
      LeaseDeadline before = examples.get(rule);
      if (before == null || LONGEST_EXPIRED_LAST.compare(before, deadline) < 0) {
        examples.put(rule, deadline);
      }
    } else if (isCandidate(deadline)) {
      candidates++;
      examples.putIfAbsent(ProtectionRule.CAP, deadline);
    } else {
      due++;
    }
  }

  private boolean isCandidate(LeaseDeadline unprotected) {
    return !unprotected.isUnrenewed() && decision.candidates() > decision.cap();
  }

  /** Returns the forecasts of the leases that expired first, in this order. */
  public List<LeaseForecast> longestExpired() {
    return longestExpired.stream()
        .map(deadline -> new LeaseForecast(deadline, forecastOf(deadline)))
        .toList();
  }

  /** Returns the forecast of the protected lease, or candidate of the cap, that expired first. */
  LeaseForecast example(ProtectionRule rule) {
    LeaseDeadline deadline = examples.get(rule);
    if (deadline == null) {
      throw new IllegalStateException("no lease is protected by " + rule);
    }
    return new LeaseForecast(deadline, forecastOf(deadline));
  }

  private EvictionForecast forecastOf(LeaseDeadline deadline) {
    EvictionForecast known = candidate;
    if (decision.protectingRule(deadline) != null || !isCandidate(deadline)) {
      return EvictionForecast.of(decision, deadline);
    }
    if (known == null) {
      known = EvictionForecast.of(decision, deadline);
      candidate = known;
    }
    return new EvictionForecast(
        State.CANDIDATE,
        EvictionForecast.expiredMs(decision, deadline),
        known.protections(),
        known.chance());
  }

  /** Returns the application, upper case. */
  public String app() {
    return app;
  }

  /** Returns the number of expired leases. */
  public int expired() {
    return expired;
  }

  /** Returns the number of protected leases by the first rule that protects each, but the cap. */
  public Map<ProtectionRule, Integer> protectedByRule() {
    return protectedByRule;
  }

  /** Returns the number of leases that a rule other than the cap protects. */
  public int protectedCount() {
    return expired - candidates - due;
  }

  /** Returns the number of leases among which the run selects at random because of the cap. */
  public int candidates() {
    return candidates;
  }

  /** Returns the number of leases that would be evicted. */
  public int due() {
    return due;
  }
}
