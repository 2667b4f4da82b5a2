// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseCounts;
import io.systole.server.registry.LeaseDeadline;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A decision on the leases that have expired at a point in time: the protected ones, the rules that
 * protect them, and the conditions that would end the protection. A pure function of the rules and
 * the leases.
 */
public final class EvictionDecision {
  /*
   * Rules are independent; one is enough to protect a lease. The registry's rule depends on
   * renewals, the others on expired leases: they detect the failure of half an application long
   * before the sum of all renewals changes, and need not stop other evictions. A lease without a
   * zone is not protected by the zone's rule. Application and zone protect for a limited time,
   * because instances that never return would otherwise stay forever. The registry's rule has no
   * limit, as in stock servers.
   *
   * The cap applies last, to all leases that no other rule protects.
   *
   * There are two exceptions. The rule stall protects a lease that the node could not renew in
   * time, independent of the other rules. And it is the only one that protects a restored lease
   * that has not been renewed since; such a lease is neither counted nor capped. The other rules
   * cover a failure between the node and instances that have renewed before; this one has not
   * renewed since the restart. Otherwise dead leases would stay forever, or for many runs. A live
   * client registers again, as it does with a node that started empty.
   */

  /**
   * The counts of an application or a zone.
   *
   * @param leases all leases
   * @param expired the expired ones among them
   * @param protectedCount the expired ones that a rule other than the cap protects
   */
  public record ProtectedCounts(String name, int leases, int expired, int protectedCount) {
    /** Most protected first, then by name. */
    static final Comparator<ProtectedCounts> MOST_PROTECTED_FIRST = Comparator.comparingInt(
            ProtectedCounts::protectedCount)
        .reversed()
        .thenComparing(ProtectedCounts::name);
  }

  private final EvictionRules rules;
  private final SelfPreservation preservation;
  private final LeaseCounts.Population population;
  private final List<LeaseDeadline> expired;
  private final GracePeriod grace;
  private final long nowNs;

  /** Leases that count: all but expired unrenewed ones. */
  private final int leases;

  private final Map<String, LeaseGroup> apps = new HashMap<>();
  private final Map<String, LeaseGroup> zones = new HashMap<>();
  private final int candidates;

  /**
   * Decides on the leases at a point in time.
   *
   * @param expired all leases that have expired by {@code nowNs}
   * @param grace as of {@code nowNs}
   */
  public EvictionDecision(
      EvictionRules rules,
      SelfPreservation preservation,
      LeaseCounts.Population population,
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
    groups.compute(name, (any, before) -> withOneMore(before, leases));
  }

  private boolean isCandidate(LeaseDeadline deadline) {
    return !deadline.isUnrenewed() && protectingRule(deadline) == null;
  }

  /**
   * The counts are read at different times; a group has at least as many leases as have expired.
   */
  private static LeaseGroup withOneMore(@Nullable LeaseGroup before, int leases) {
    int expired = before == null ? 1 : before.expired() + 1;
    return new LeaseGroup(Math.max(leases, expired), expired);
  }

  /** Returns the decision with another share. Linear in the expired leases. */
  EvictionDecision withShare(double share) {
    return new EvictionDecision(
        rules.withShare(share), preservation.withShare(share), population, expired, grace, nowNs);
  }

  /** Returns the maximum number of evictions in a run, unrenewed leases not counted. */
  public int cap() {
    return LeaseGroup.evictionsMax(leases, rules.share());
  }

  /** Returns the number of expired leases that only the cap may protect. */
  public int candidates() {
    return candidates;
  }

  /** Returns the number of expired leases. */
  public int expired() {
    return expired.size();
  }

  /** Returns the expired leases; unmodifiable. */
  public List<LeaseDeadline> expiredLeases() {
    return expired;
  }

  /** Returns the time of the decision, monotonic. */
  public long nowNs() {
    return nowNs;
  }

  /** Returns the number of protected leases by the first rule that protects each. */
  public Map<ProtectionRule, Integer> protectedByRule() {
    Map<ProtectionRule, Integer> counts = new EnumMap<>(ProtectionRule.class);
    if (candidates > cap()) {
      counts.put(ProtectionRule.CAP, candidates - cap());
    }
    expired.forEach(deadline -> {
      ProtectionRule rule = protectingRule(deadline);
      if (rule != null) {
        counts.merge(rule, 1, Integer::sum);
      }
    });
    return counts;
  }

  /** Returns the applications with expired leases, those with most protected ones first. */
  public List<ProtectedCounts> countsByApp() {
    return countsBy(apps, LeaseDeadline::app);
  }

  /** Returns the zones with expired leases, those with most protected ones first. */
  public List<ProtectedCounts> countsByZone() {
    return countsBy(zones, LeaseDeadline::zone);
  }

  /**
   * Returns the number of leases that a rule other than the cap protects, by application;
   * applications without any are absent.
   */
  public Map<String, Integer> protectedByApp() {
    return protectedBy(LeaseDeadline::app);
  }

  private Map<String, Integer> protectedBy(Function<LeaseDeadline, String> nameOf) {
    Map<String, Integer> counts = new HashMap<>();
    expired.stream()
        .filter(deadline -> protectingRule(deadline) != null)
        .forEach(deadline -> counts.merge(nameOf.apply(deadline), 1, Integer::sum));
    return counts;
  }

  private List<ProtectedCounts> countsBy(
      Map<String, LeaseGroup> groups, Function<LeaseDeadline, String> nameOf) {
    Map<String, Integer> counts = protectedBy(nameOf);
    List<ProtectedCounts> all = new ArrayList<>();
    groups.forEach((name, group) -> all.add(
        new ProtectedCounts(name, group.leases(), group.expired(), counts.getOrDefault(name, 0))));
    all.sort(ProtectedCounts.MOST_PROTECTED_FIRST);
    return all;
  }

  public SelfPreservation selfPreservation() {
    return preservation;
  }

  /** Returns the applications that are protected as a whole, in alphabetical order. */
  public Set<String> protectedApps() {
    return protectedNames(ProtectionRule.APP, apps);
  }

  /** Returns the zones that are protected as a whole, in alphabetical order. */
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

  /** Returns the first rule other than the cap that protects this expired lease, or null. */
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
    if (protectedGroup(ProtectionRule.APP, deadline) != null) {
      return ProtectionRule.APP;
    }
    return protectedGroup(ProtectionRule.ZONE, deadline) != null ? ProtectionRule.ZONE : null;
  }

  /**
   * Returns the group of this expired lease if the rule, {@link ProtectionRule#APP} or
   * {@link ProtectionRule#ZONE}, protects the lease; else null.
   */
  @Nullable
  LeaseGroup protectedGroup(ProtectionRule rule, LeaseDeadline deadline) {
    LeaseGroup group =
        rule == ProtectionRule.APP ? apps.get(deadline.app()) : zones.get(deadline.zone());
    boolean isProtected = group != null
        && rules.isOn(rule)
        && group.isProtected(rules.share())
        && (rules.protectMs() == 0
            || nowNs - deadline.deadlineNs() <= TimeUnit.MILLISECONDS.toNanos(rules.protectMs()));
    return isProtected ? group : null;
  }

  boolean isProtectedByRegistry() {
    return rules.isOn(ProtectionRule.REGISTRY) && !preservation.mayEvict();
  }

  /** Returns the end of the grace of this lease; see {@link GracePeriod#endNs}. */
  long graceEndNs(LeaseDeadline deadline) {
    return grace.endNs(deadline);
  }

  EvictionRules rules() {
    return rules;
  }

  /** Returns the leases that count: all but expired unrenewed ones. */
  int leases() {
    return leases;
  }
}
