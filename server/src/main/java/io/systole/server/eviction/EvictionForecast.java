// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * The effect of the next eviction run on a lease, if nothing changes until then.
 *
 * @param expiredMs the time since it expired; negative if it has not
 * @param protections the rules that protect it, each of which prevents its eviction; empty unless
 *     it is protected or a candidate
 * @param chance the probability of its eviction, 0 to 1
 */
public record EvictionForecast(
    State state, long expiredMs, List<ProtectionReason> protections, double chance) {
  /** The kinds of forecast. */
  public enum State {
    /** It has not expired. */
    VALID,
    /** It has expired and is protected. */
    PROTECTED,
    /** It has expired, and the run selects at random because of the cap. */
    CANDIDATE,
    /** It would be evicted. */
    DUE
  }

  /**
   * A rule that protects a lease, and the conditions that would end its protection.
   *
   * @param observed the value that the rule observes: renewals of the last minute, expired leases,
   *     or ms served since a stall
   * @param required the value that ends the protection: a minimum of renewals (0 if no number does,
   *     see {@link SelfPreservation#renewalsMissing}), a maximum of expired leases, or a minimum of
   *     ms
   * @param share a renewal share that ends the protection
   * @param inMs the time until the protection ends by itself
   */
  public record ProtectionReason(
      ProtectionRule rule, long observed, long required, OptionalDouble share, OptionalLong inMs) {}

  /** Attempts to find a share with which the cap allows all candidates. */
  private static final int TRIES_MAX = 64;

  /** Returns the forecast for a lease; an expired one must be among those of the decision. */
  public static EvictionForecast of(EvictionDecision decision, LeaseDeadline deadline) {
    long expiredMs = expiredMs(decision, deadline);
    if (decision.nowNs() <= deadline.deadlineNs()) {
      return new EvictionForecast(State.VALID, Math.min(expiredMs, -1), List.of(), 0);
    }
    List<ProtectionReason> protections = protections(decision, deadline);
    if (!protections.isEmpty()) {
      return new EvictionForecast(State.PROTECTED, expiredMs, protections, 0);
    }
    int candidates = decision.candidates();
    if (deadline.isUnrenewed() || candidates <= decision.cap()) {
      return new EvictionForecast(State.DUE, expiredMs, List.of(), 1);
    }
    ProtectionReason cap = new ProtectionReason(
        ProtectionRule.CAP,
        candidates,
        decision.cap(),
        shareReleasingAll(decision),
        OptionalLong.empty());
    return new EvictionForecast(
        State.CANDIDATE, expiredMs, List.of(cap), (double) decision.cap() / candidates);
  }

  /** Returns the time since the lease expired; negative if it has not. */
  static long expiredMs(EvictionDecision decision, LeaseDeadline deadline) {
    return TimeUnit.NANOSECONDS.toMillis(decision.nowNs() - deadline.deadlineNs());
  }

  /**
   * Returns the state of a forecast without the rest, whose computation costs more.
   *
   * @param deadline if expired, one of those of the decision
   */
  public static State stateOf(EvictionDecision decision, LeaseDeadline deadline) {
    if (decision.nowNs() <= deadline.deadlineNs()) {
      return State.VALID;
    }
    if (decision.protectingRule(deadline) != null) {
      return State.PROTECTED;
    }
    return deadline.isUnrenewed() || decision.candidates() <= decision.cap()
        ? State.DUE
        : State.CANDIDATE;
  }

  /**
   * Returns a share with which the cap allows all candidates, if there is one. With a smaller share
   * other rules protect fewer leases, which become candidates too, so the search repeats.
   */
  private static OptionalDouble shareReleasingAll(EvictionDecision decision) {
    int leases = decision.leases();
    int candidates = decision.candidates();
    for (int tries = 0; tries < TRIES_MAX && candidates <= leases; tries++) {
      OptionalDouble share = new LeaseGroup(leases, candidates).releasingShare();
      EvictionDecision other = decision.withShare(share.orElse(0));
      if (other.isProtectedByRegistry()) {
        return OptionalDouble.empty();
      }
      if (other.candidates() <= other.cap()) {
        return share;
      }
      candidates = Math.max(candidates + 1, other.candidates());
    }
    return OptionalDouble.empty();
  }

  /**
   * Returns a share with which no rule but the cap protects this lease, if there is one. A share
   * that is low enough for one rule may be too high for another, or so low that the threshold of
   * the registry's rule is 0, which protects all.
   */
  public static OptionalDouble releasingShare(EvictionDecision decision, LeaseDeadline deadline) {
    EvictionDecision other = decision;
    double share = decision.rules().share();
    for (List<ProtectionReason> protections = protections(decision, deadline);
        !protections.isEmpty();
        protections = protections(other, deadline)) {
      double least = 2;
      for (ProtectionReason protection : protections) {
        least = Math.min(least, protection.share().orElse(-1));
      }
      boolean isFirst = other == decision;
      if (least < 0 || (!isFirst && least >= share)) {
        return OptionalDouble.empty();
      }
      share = least;
      other = decision.withShare(share);
    }
    return OptionalDouble.of(share);
  }

  private static List<ProtectionReason> protections(
      EvictionDecision decision, LeaseDeadline deadline) {
    List<ProtectionReason> protections = new ArrayList<>();
    long graceEndNs = decision.graceEndNs(deadline);
    if (decision.nowNs() <= graceEndNs) {
      protections.add(stall(deadline, graceEndNs - decision.nowNs()));
    }
    if (deadline.isUnrenewed()) {
      return protections;
    }
    SelfPreservation preservation = decision.selfPreservation();
    if (decision.isProtectedByRegistry()) {
      long required = preservation.threshold() == 0 ? 0 : preservation.threshold() + 1;
      protections.add(new ProtectionReason(
          ProtectionRule.REGISTRY,
          preservation.renewals(),
          required,
          preservation.releasingShare(),
          OptionalLong.empty()));
    }
    addGroup(protections, ProtectionRule.APP, decision, deadline);
    addGroup(protections, ProtectionRule.ZONE, decision, deadline);
    return protections;
  }

  private static ProtectionReason stall(LeaseDeadline deadline, long leftNs) {
    long requiredMs = TimeUnit.NANOSECONDS.toMillis(deadline.durationNs());
    long leftMs = TimeUnit.NANOSECONDS.toMillis(leftNs) + 1;
    return new ProtectionReason(
        ProtectionRule.STALL,
        Math.max(0, requiredMs - leftMs),
        requiredMs,
        OptionalDouble.empty(),
        OptionalLong.of(leftMs));
  }

  private static void addGroup(
      List<ProtectionReason> protections,
      ProtectionRule rule,
      EvictionDecision decision,
      LeaseDeadline deadline) {
    LeaseGroup group = decision.protectedGroup(rule, deadline);
    if (group != null) {
      EvictionRules rules = decision.rules();
      OptionalLong inMs = rules.protectMs() == 0
          ? OptionalLong.empty()
          : OptionalLong.of(protectedForMs(decision, deadline));
      protections.add(new ProtectionReason(
          rule, group.expired(), group.limit(rules.share()), group.releasingShare(), inMs));
    }
  }

  /** Returns the remaining time for which the rules of application and zone protect the lease. */
  private static long protectedForMs(EvictionDecision decision, LeaseDeadline deadline) {
    long lastNs = TimeUnit.MILLISECONDS.toNanos(decision.rules().protectMs())
        - (decision.nowNs() - deadline.deadlineNs());
    return TimeUnit.NANOSECONDS.toMillis(lastNs) + 1;
  }
}
