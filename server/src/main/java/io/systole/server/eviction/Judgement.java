// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Term;
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
public final class Judgement {
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
  private final Population population;
  private final List<Term> expired;
  private final Grace grace;
  private final long nowNs;

  /** Leases that count: all but those that were restored, not renewed, and have expired. */
  private final int leases;

  private final Map<String, Crowd> apps = new HashMap<>();
  private final Map<String, Crowd> zones = new HashMap<>();
  private final int candidates;

  /**
   * Judges a moment.
   *
   * @param expired all leases that have expired by then
   * @param grace as of then
   */
  public Judgement(
      EvictionRules rules,
      SelfPreservation preservation,
      Population population,
      List<Term> expired,
      Grace grace,
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
    for (Term term : expired) {
      if (term.isUnrenewed()) {
        unrenewed++;
        unrenewedOfApp.merge(term.app(), 1, Integer::sum);
        unrenewedOfZone.merge(term.zone(), 1, Integer::sum);
      }
    }
    this.leases = Math.max(0, population.leases() - unrenewed);
    for (Term term : expired) {
      if (!term.isUnrenewed()) {
        count(apps, term.app(), population.ofApp(), unrenewedOfApp);
        if (!term.zone().isEmpty()) {
          count(zones, term.zone(), population.ofZone(), unrenewedOfZone);
        }
      }
    }
    this.candidates = (int) expired.stream().filter(this::isCandidate).count();
  }

  private static void count(
      Map<String, Crowd> crowds,
      String name,
      ToIntFunction<String> leasesOf,
      Map<String, Integer> unrenewed) {
    int leases = leasesOf.applyAsInt(name) - unrenewed.getOrDefault(name, 0);
    crowds.compute(name, (any, held) -> oneMore(held, leases));
  }

  private boolean isCandidate(Term term) {
    return !term.isUnrenewed() && holder(term) == null;
  }

  /**
   * Counts are of their own moments: an application has at least as many leases as have expired.
   */
  private static Crowd oneMore(@Nullable Crowd held, int leases) {
    int expired = held == null ? 1 : held.expired() + 1;
    return new Crowd(Math.max(leases, expired), expired);
  }

  /** The same moment judged with another share. Costs what has expired. */
  Judgement withShare(double share) {
    return new Judgement(
        rules.withShare(share), preservation.withShare(share), population, expired, grace, nowNs);
  }

  /** How many leases a run may end, beside those that were restored and not renewed since. */
  public int cap() {
    return Crowd.mayGo(leases, rules.share());
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
  public Map<Rule, Integer> heldByRule() {
    Map<Rule, Integer> held = new EnumMap<>(Rule.class);
    if (candidates > cap()) {
      held.put(Rule.CAP, candidates - cap());
    }
    expired.forEach(term -> {
      Rule holder = holder(term);
      if (holder != null) {
        held.merge(holder, 1, Integer::sum);
      }
    });
    return held;
  }

  /** The applications of which some lease has expired: those with most held first. */
  public List<HeldLeases> heldByApp() {
    return heldBy(apps, Term::app);
  }

  /** The zones of which some lease has expired: those with most held first. */
  public List<HeldLeases> heldByZone() {
    return heldBy(zones, Term::zone);
  }

  private List<HeldLeases> heldBy(Map<String, Crowd> crowds, Function<Term, String> nameOf) {
    Map<String, Integer> held = new HashMap<>();
    expired.stream()
        .filter(term -> holder(term) != null)
        .forEach(term -> held.merge(nameOf.apply(term), 1, Integer::sum));
    List<HeldLeases> all = new ArrayList<>();
    crowds.forEach((name, crowd) ->
        all.add(new HeldLeases(name, crowd.leases(), crowd.expired(), held.getOrDefault(name, 0))));
    all.sort(HeldLeases.MOST_FIRST);
    return all;
  }

  public SelfPreservation selfPreservation() {
    return preservation;
  }

  /** The applications whose expired instances are held for being too many, in order. */
  public Set<String> protectedApps() {
    return protectedOf(Rule.APP, apps);
  }

  /** The zones whose expired instances are held for being too many, in order. */
  public Set<String> protectedZones() {
    return protectedOf(Rule.ZONE, zones);
  }

  private Set<String> protectedOf(Rule rule, Map<String, Crowd> crowds) {
    Set<String> names = new TreeSet<>();
    crowds.forEach((name, crowd) -> {
      if (rules.isOn(rule) && crowd.isProtected(rules.share())) {
        names.add(name);
      }
    });
    return names;
  }

  /** The first rule that holds this expired lease, the cap aside; null when none does. */
  @Nullable
  Rule holder(Term term) {
    if (nowNs <= grace.endNs(term)) {
      return Rule.STALL;
    }
    if (term.isUnrenewed()) {
      return null;
    }
    if (isHeldByRegistry()) {
      return Rule.REGISTRY;
    }
    if (isHeldBy(Rule.APP, apps.get(term.app()), term)) {
      return Rule.APP;
    }
    return isHeldBy(Rule.ZONE, zones.get(term.zone()), term) ? Rule.ZONE : null;
  }

  /** What the next run would do with this lease; of an expired one, one of those judged. */
  public Verdict verdict(Term term) {
    long expiredMs = TimeUnit.NANOSECONDS.toMillis(nowNs - term.deadlineNs());
    if (nowNs <= term.deadlineNs()) {
      return new Verdict(Verdict.State.VALID, Math.min(expiredMs, -1), List.of(), 0);
    }
    List<Hold> holds = holds(term);
    if (!holds.isEmpty()) {
      return new Verdict(Verdict.State.HELD, expiredMs, holds, 0);
    }
    if (term.isUnrenewed() || candidates <= cap()) {
      return new Verdict(Verdict.State.DUE, expiredMs, List.of(), 1);
    }
    Hold cap = new Hold(Rule.CAP, candidates, cap(), shareThatReleasesAll(), OptionalLong.empty());
    return new Verdict(Verdict.State.DRAWN, expiredMs, List.of(cap), (double) cap() / candidates);
  }

  /**
   * A share with which the cap lets all candidates go. A smaller share lets other rules release
   * more, who are candidates too, until there are no more of these; at last it holds all.
   */
  private OptionalDouble shareThatReleasesAll() {
    int going = candidates;
    for (int tries = 0; tries < TRIES_MAX && going <= leases; tries++) {
      OptionalDouble share = new Crowd(leases, going).shareThatReleases();
      Judgement then = withShare(share.orElse(0));
      if (then.isHeldByRegistry()) {
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
  public OptionalDouble shareThatReleases(Term term) {
    Judgement judged = this;
    double share = rules.share();
    for (List<Hold> holds = holds(term); !holds.isEmpty(); holds = judged.holds(term)) {
      double least = 2;
      for (Hold hold : holds) {
        least = Math.min(least, hold.share().orElse(-1));
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

  private List<Hold> holds(Term term) {
    List<Hold> holds = new ArrayList<>();
    long graceEndNs = grace.endNs(term);
    if (nowNs <= graceEndNs) {
      holds.add(stall(term, graceEndNs - nowNs));
    }
    if (term.isUnrenewed()) {
      return holds;
    }
    if (isHeldByRegistry()) {
      long needed = preservation.threshold() == 0 ? 0 : preservation.threshold() + 1;
      OptionalDouble share = preservation.shareThatLifts();
      holds.add(
          new Hold(Rule.REGISTRY, preservation.renewals(), needed, share, OptionalLong.empty()));
    }
    addHold(holds, Rule.APP, apps.get(term.app()), term);
    addHold(holds, Rule.ZONE, zones.get(term.zone()), term);
    return holds;
  }

  private static Hold stall(Term term, long leftNs) {
    long neededMs = TimeUnit.NANOSECONDS.toMillis(term.durationNs());
    long leftMs = TimeUnit.NANOSECONDS.toMillis(leftNs) + 1;
    return new Hold(
        Rule.STALL,
        Math.max(0, neededMs - leftMs),
        neededMs,
        OptionalDouble.empty(),
        OptionalLong.of(leftMs));
  }

  private void addHold(List<Hold> holds, Rule rule, @Nullable Crowd crowd, Term term) {
    if (crowd != null && isHeldBy(rule, crowd, term)) {
      OptionalLong inMs =
          rules.protectMs() == 0 ? OptionalLong.empty() : OptionalLong.of(protectedForMs(term));
      holds.add(new Hold(
          rule, crowd.expired(), crowd.limit(rules.share()), crowd.shareThatReleases(), inMs));
    }
  }

  /** How long its application and zone may hold it still: after that they no longer do. */
  private long protectedForMs(Term term) {
    long lastNs = TimeUnit.MILLISECONDS.toNanos(rules.protectMs()) - (nowNs - term.deadlineNs());
    return TimeUnit.NANOSECONDS.toMillis(lastNs) + 1;
  }

  private boolean isHeldByRegistry() {
    return rules.isOn(Rule.REGISTRY) && !preservation.mayEvict();
  }

  private boolean isHeldBy(Rule rule, @Nullable Crowd crowd, Term term) {
    return crowd != null
        && rules.isOn(rule)
        && crowd.isProtected(rules.share())
        && (rules.protectMs() == 0
            || nowNs - term.deadlineNs() <= TimeUnit.MILLISECONDS.toNanos(rules.protectMs()));
  }
}
