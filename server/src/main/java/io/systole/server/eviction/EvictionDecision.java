// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which of the leases that have expired are held, by which rules, and what would release them: a
 * function of the rules and of a moment, which changes nothing and may be asked what if.
 */
public final class EvictionDecision {
  /*
   * Each rule is asked by itself, and one that holds is enough. The registry's looks at renewals, the
   * others at what has expired: a failure that takes half of one application shows there long before
   * it moves the sum of all renewals, and needn't stop what the others do. A lease without a zone is
   * held by no zone. Application and zone hold for a limited time, for what never comes back would
   * stay for ever: nobody else would lower the number of the dead. The registry's rule has no such
   * end, as in stock servers.
   *
   * The cap comes last, over all that nobody holds.
   *
   * Two things stand outside of this. A lease that the node itself could not renew in time is held by
   * the rule stall, whatever the others find. And a lease that was restored and not renewed since is
   * held by that rule alone, and is neither counted nor capped: the other rules guard what the node
   * has seen alive against a failure between it and the fleet, and of this lease it has seen
   * nothing. What is no more would stand for ever, or for many runs of a share each. A client that
   * comes later registers again, as it would at a node that began empty.
   */

  /** Shares that are tried for one that lets all candidates go. */
  private static final int TRIES_MAX = 64;

  private final EvictionRules rules;
  private final SelfPreservation preservation;
  private final LeasePopulation population;
  private final List<LeaseDeadline> expired;
  private final GracePeriod grace;
  private final long nowNs;

  /** Leases that count: all but those that were restored, not renewed, and have expired. */
  private final int leases;

  private final Map<String, LeaseGroup> apps = new HashMap<>();
  private final Map<String, LeaseGroup> zones = new HashMap<>();
  private final int candidates;

  /**
   * Judges a moment.
   *
   * @param expired all leases that have expired by then
   * @param grace as of then
   */
  public EvictionDecision(
      EvictionRules rules,
      SelfPreservation preservation,
      LeasePopulation population,
      List<LeaseDeadline> expired,
      GracePeriod grace,
      long nowNs) {
    this.rules = rules;
    this.preservation = preservation;
    this.population = population;
    this.expired = List.copyOf(expired);
    this.grace = grace;
    this.nowNs = nowNs;
    Map<String, Integer> unrenewedOfApp = new HashMap<>();
    Map<String, Integer> unrenewedOfZone = new HashMap<>();
    int unrenewed = 0;
    for (LeaseDeadline deadline : expired) {
      if (deadline.isUnrenewed()) {
        unrenewed++;
        unrenewedOfApp.merge(deadline.app(), 1, Integer::sum);
        unrenewedOfZone.merge(deadline.zone(), 1, Integer::sum);
      }
    }
    this.leases = Math.max(0, population.leases() - unrenewed);
    for (LeaseDeadline deadline : expired) {
      if (!deadline.isUnrenewed()) {
        count(apps, deadline.app(), population.ofApp(), unrenewedOfApp);
        if (!deadline.zone().isEmpty()) {
          count(zones, deadline.zone(), population.ofZone(), unrenewedOfZone);
        }
      }
    }
    this.candidates = (int) expired.stream().filter(this::isCandidate).count();
  }

  private static void count(
      Map<String, LeaseGroup> groups,
      String name,
      ToIntFunction<String> leasesOf,
      Map<String, Integer> unrenewed) {
    int leases = leasesOf.applyAsInt(name) - unrenewed.getOrDefault(name, 0);
    groups.compute(name, (any, held) -> withOneMore(held, leases));
  }

  private boolean isCandidate(LeaseDeadline deadline) {
    return !deadline.isUnrenewed() && protectingRule(deadline) == null;
  }

  /**
   * Counts are of their own moments: an application has at least as many leases as have expired.
   */
  private static LeaseGroup withOneMore(@Nullable LeaseGroup held, int leases) {
    int expired = held == null ? 1 : held.expired() + 1;
    return new LeaseGroup(Math.max(leases, expired), expired);
  }

  /** The same moment judged with another share. Costs what has expired. */
  EvictionDecision withShare(double share) {
    return new EvictionDecision(
        rules.withShare(share), preservation.withShare(share), population, expired, grace, nowNs);
  }

  /** How many leases a run may end, beside those that were restored and not renewed since. */
  public int cap() {
    return LeaseGroup.evictionsMax(leases, rules.share());
  }

  /** How many expired leases compete for the cap: no other rule holds them. */
  public int candidates() {
    return candidates;
  }

  /** How many have expired. */
  public int expired() {
    return expired.size();
  }

  /** The moment that is judged, monotonic. */
  public long nowNs() {
    return nowNs;
  }

  /** How many leases each rule would hold, each counted by the first that does. */
  public Map<ProtectionRule, Integer> protectedByRule() {
    Map<ProtectionRule, Integer> held = new EnumMap<>(ProtectionRule.class);
    if (candidates > cap()) {
      held.put(ProtectionRule.CAP, candidates - cap());
    }
    expired.forEach(deadline -> {
      ProtectionRule holder = protectingRule(deadline);
      if (holder != null) {
        held.merge(holder, 1, Integer::sum);
      }
    });
    return held;
  }

  /** The applications of which some lease has expired: those with most held first. */
  public List<ProtectedCounts> countsByApp() {
    return countsBy(apps, LeaseDeadline::app);
  }

  /** The zones of which some lease has expired: those with most held first. */
  public List<ProtectedCounts> countsByZone() {
    return countsBy(zones, LeaseDeadline::zone);
  }

  private List<ProtectedCounts> countsBy(
      Map<String, LeaseGroup> groups, Function<LeaseDeadline, String> nameOf) {
    Map<String, Integer> held = new HashMap<>();
    expired.stream()
        .filter(deadline -> protectingRule(deadline) != null)
        .forEach(deadline -> held.merge(nameOf.apply(deadline), 1, Integer::sum));
    List<ProtectedCounts> all = new ArrayList<>();
    groups.forEach((name, group) -> all.add(
        new ProtectedCounts(name, group.leases(), group.expired(), held.getOrDefault(name, 0))));
    all.sort(ProtectedCounts.MOST_PROTECTED_FIRST);
    return all;
  }

  public SelfPreservation selfPreservation() {
    return preservation;
  }

  /** The applications whose expired instances are held for being too many, in order. */
  public Set<String> protectedApps() {
    return protectedNames(ProtectionRule.APP, apps);
  }

  /** The zones whose expired instances are held for being too many, in order. */
  public Set<String> protectedZones() {
    return protectedNames(ProtectionRule.ZONE, zones);
  }

  private Set<String> protectedNames(ProtectionRule rule, Map<String, LeaseGroup> groups) {
    Set<String> names = new TreeSet<>();
    groups.forEach((name, group) -> {
      if (rules.isOn(rule) && group.isProtected(rules.share())) {
        names.add(name);
      }
    });
    return names;
  }

  /** The first rule that holds this expired lease, the cap aside; null when none does. */
  @Nullable
  ProtectionRule protectingRule(LeaseDeadline deadline) {
    if (nowNs <= grace.endNs(deadline)) {
      return ProtectionRule.STALL;
    }
    if (deadline.isUnrenewed()) {
      return null;
    }
    if (isProtectedByRegistry()) {
      return ProtectionRule.REGISTRY;
    }
    if (isProtectedBy(ProtectionRule.APP, apps.get(deadline.app()), deadline)) {
      return ProtectionRule.APP;
    }
    return isProtectedBy(ProtectionRule.ZONE, zones.get(deadline.zone()), deadline)
        ? ProtectionRule.ZONE
        : null;
  }

  /** What the next run would do with this lease; of an expired one, one of those judged. */
  public EvictionForecast forecast(LeaseDeadline deadline) {
    long expiredMs = TimeUnit.NANOSECONDS.toMillis(nowNs - deadline.deadlineNs());
    if (nowNs <= deadline.deadlineNs()) {
      return new EvictionForecast(
          EvictionForecast.State.VALID, Math.min(expiredMs, -1), List.of(), 0);
    }
    List<ProtectionReason> protections = protections(deadline);
    if (!protections.isEmpty()) {
      return new EvictionForecast(EvictionForecast.State.PROTECTED, expiredMs, protections, 0);
    }
    if (deadline.isUnrenewed() || candidates <= cap()) {
      return new EvictionForecast(EvictionForecast.State.DUE, expiredMs, List.of(), 1);
    }
    ProtectionReason cap = new ProtectionReason(
        ProtectionRule.CAP, candidates, cap(), shareReleasingAll(), OptionalLong.empty());
    return new EvictionForecast(
        EvictionForecast.State.CANDIDATE, expiredMs, List.of(cap), (double) cap() / candidates);
  }

  /**
   * A share with which the cap lets all candidates go. A smaller share lets other rules release
   * more, who are candidates too, until there are no more of these; at last it holds all.
   */
  private OptionalDouble shareReleasingAll() {
    int going = candidates;
    for (int tries = 0; tries < TRIES_MAX && going <= leases; tries++) {
      OptionalDouble share = new LeaseGroup(leases, going).releasingShare();
      EvictionDecision then = withShare(share.orElse(0));
      if (then.isProtectedByRegistry()) {
        return OptionalDouble.empty();
      }
      if (then.candidates <= then.cap()) {
        return share;
      }
      going = Math.max(going + 1, then.candidates);
    }
    return OptionalDouble.empty();
  }

  /**
   * A share with which no rule but the cap holds this lease any more; nothing when there is none. A
   * share that one rule would be content with may be too much for another, or so little that the
   * registry's rule, whose threshold is 0 then, holds everybody.
   */
  public OptionalDouble releasingShare(LeaseDeadline deadline) {
    EvictionDecision judged = this;
    double share = rules.share();
    for (List<ProtectionReason> protections = protections(deadline);
        !protections.isEmpty();
        protections = judged.protections(deadline)) {
      double least = 2;
      for (ProtectionReason protection : protections) {
        least = Math.min(least, protection.share().orElse(-1));
      }
      boolean isLower = judged == this ? least >= 0 : least >= 0 && least < share;
      if (!isLower) {
        return OptionalDouble.empty();
      }
      share = least;
      judged = withShare(share);
    }
    return OptionalDouble.of(share);
  }

  private List<ProtectionReason> protections(LeaseDeadline deadline) {
    List<ProtectionReason> protections = new ArrayList<>();
    long graceEndNs = grace.endNs(deadline);
    if (nowNs <= graceEndNs) {
      protections.add(stall(deadline, graceEndNs - nowNs));
    }
    if (deadline.isUnrenewed()) {
      return protections;
    }
    if (isProtectedByRegistry()) {
      long needed = preservation.threshold() == 0 ? 0 : preservation.threshold() + 1;
      OptionalDouble share = preservation.liftingShare();
      protections.add(new ProtectionReason(
          ProtectionRule.REGISTRY, preservation.renewals(), needed, share, OptionalLong.empty()));
    }
    addProtection(protections, ProtectionRule.APP, apps.get(deadline.app()), deadline);
    addProtection(protections, ProtectionRule.ZONE, zones.get(deadline.zone()), deadline);
    return protections;
  }

  private static ProtectionReason stall(LeaseDeadline deadline, long leftNs) {
    long neededMs = TimeUnit.NANOSECONDS.toMillis(deadline.durationNs());
    long leftMs = TimeUnit.NANOSECONDS.toMillis(leftNs) + 1;
    return new ProtectionReason(
        ProtectionRule.STALL,
        Math.max(0, neededMs - leftMs),
        neededMs,
        OptionalDouble.empty(),
        OptionalLong.of(leftMs));
  }

  private void addProtection(
      List<ProtectionReason> protections,
      ProtectionRule rule,
      @Nullable LeaseGroup group,
      LeaseDeadline deadline) {
    if (group != null && isProtectedBy(rule, group, deadline)) {
      OptionalLong inMs =
          rules.protectMs() == 0 ? OptionalLong.empty() : OptionalLong.of(protectedForMs(deadline));
      protections.add(new ProtectionReason(
          rule, group.expired(), group.limit(rules.share()), group.releasingShare(), inMs));
    }
  }

  /** How long its application and zone may hold it still: after that they no longer do. */
  private long protectedForMs(LeaseDeadline deadline) {
    long lastNs =
        TimeUnit.MILLISECONDS.toNanos(rules.protectMs()) - (nowNs - deadline.deadlineNs());
    return TimeUnit.NANOSECONDS.toMillis(lastNs) + 1;
  }

  private boolean isProtectedByRegistry() {
    return rules.isOn(ProtectionRule.REGISTRY) && !preservation.mayEvict();
  }

  private boolean isProtectedBy(
      ProtectionRule rule, @Nullable LeaseGroup group, LeaseDeadline deadline) {
    return group != null
        && rules.isOn(rule)
        && group.isProtected(rules.share())
        && (rules.protectMs() == 0
            || nowNs - deadline.deadlineNs() <= TimeUnit.MILLISECONDS.toNanos(rules.protectMs()));
  }
}
