// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
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
   */

  private final EvictionRules rules;
  private final SelfPreservation preservation;
  private final Population population;
  private final long nowNs;
  private final Map<String, Crowd> apps = new HashMap<>();
  private final Map<String, Crowd> zones = new HashMap<>();
  private final int candidates;

  /**
   * Judges a moment.
   *
   * @param expired all leases that have expired by then
   */
  public Judgement(
      EvictionRules rules,
      SelfPreservation preservation,
      Population population,
      List<Term> expired,
      long nowNs) {
    this.rules = rules;
    this.preservation = preservation;
    this.population = population;
    this.nowNs = nowNs;
    for (Term term : expired) {
      apps.compute(term.app(), (app, held) -> oneMore(held, population.ofApp().applyAsInt(app)));
      if (!term.zone().isEmpty()) {
        zones.compute(
            term.zone(), (zone, held) -> oneMore(held, population.ofZone().applyAsInt(zone)));
      }
    }
    this.candidates =
        (int) expired.stream().filter(term -> holder(term) == null).count();
  }

  /**
   * Counts are of their own moments: an application has at least as many leases as have expired.
   */
  private static Crowd oneMore(@Nullable Crowd held, int leases) {
    int expired = held == null ? 1 : held.expired() + 1;
    return new Crowd(Math.max(leases, expired), expired);
  }

  /** How many leases a run may end. */
  public int cap() {
    return Crowd.mayGo(population.leases(), rules.share());
  }

  /** How many expired leases no rule holds, the cap aside. */
  public int candidates() {
    return candidates;
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
    if (candidates <= cap()) {
      return new Verdict(Verdict.State.DUE, expiredMs, List.of(), 1);
    }
    Crowd all = new Crowd(Math.max(population.leases(), candidates), candidates);
    Hold cap = new Hold(Rule.CAP, candidates, cap(), all.shareThatReleases(), OptionalLong.empty());
    return new Verdict(Verdict.State.DRAWN, expiredMs, List.of(cap), (double) cap() / candidates);
  }

  private List<Hold> holds(Term term) {
    List<Hold> holds = new ArrayList<>();
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

  private void addHold(List<Hold> holds, Rule rule, @Nullable Crowd crowd, Term term) {
    if (crowd != null && isHeldBy(rule, crowd, term)) {
      OptionalLong inMs = rules.protectMs() == 0
          ? OptionalLong.empty()
          : OptionalLong.of(
              rules.protectMs() - TimeUnit.NANOSECONDS.toMillis(nowNs - term.deadlineNs()));
      holds.add(new Hold(
          rule, crowd.expired(), crowd.limit(rules.share()), crowd.shareThatReleases(), inMs));
    }
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
