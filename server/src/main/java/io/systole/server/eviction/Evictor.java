// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.registry.Term;
import io.systole.server.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends expired leases at a steady interval, unless a rule holds them. */
public final class Evictor implements Runnable {
  /*
   * One timer thread makes the runs, the turns and the recounts. Anyone may read the last run and ask
   * for a judgement of the present: that looks at what has expired, and waits for the wheel only.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  /** Names of applications or zones in a line of the log. */
  private static final int NAMES_MAX = 10;

  /** How often {@link #turn} is to be called. */
  public static final long TURN_MS = 1_000;

  private final Registry registry;
  private final RenewalRate rate;
  private final Clock clock;
  private final EvictionRules rules;
  private final Lateness lateness;
  private final long intervalNs;
  private long lastRunNs = -1;
  private volatile EvictionRun lastRun;

  /** Since when too few renewals arrive, epoch ms; 0 while enough do. Written by the timer. */
  private volatile long activeSinceMs;

  public Evictor(Registry registry, RenewalRate rate, Clock clock, EvictionSettings settings) {
    this.registry = registry;
    this.rate = rate;
    this.clock = clock;
    this.rules = settings.rules();
    this.lateness = new Lateness(settings.latenessAppsMax(), clock.monotonicNs());
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(settings.intervalMs());
    this.lastRun = new EvictionRun(
        clock.wallMs(),
        0,
        selfPreservation(),
        registry.leaseCount(),
        0,
        0,
        0,
        Map.of(),
        Map.of(),
        Set.of(),
        Set.of());
    this.activeSinceMs = selfPreservation().mayEvict() ? 0 : clock.wallMs();
  }

  /** Evicts. */
  @Override
  public void run() {
    long graceNs = compensationNs();
    long nowMs = clock.wallMs();
    List<Term> expired = registry.expired(graceNs);
    int leases = registry.leaseCount();
    Judgement judgement = judgement(expired);
    EvictionPlan plan = EvictionPlan.of(judgement, expired, new SplittableRandom(nowMs));
    int evicted = registry.evict(plan.chosen(), graceNs);
    EvictionRun before = lastRun;
    EvictionRun run = new EvictionRun(
        nowMs,
        TimeUnit.NANOSECONDS.toMillis(graceNs),
        judgement.selfPreservation(),
        leases,
        expired.size(),
        judgement.cap(),
        evicted,
        plan.held(),
        since(before, plan.held().keySet(), nowMs),
        judgement.protectedApps(),
        judgement.protectedZones());
    lastRun = run;
    tell(before, run);
  }

  private static Map<Rule, Long> since(EvictionRun before, Set<Rule> holding, long nowMs) {
    Map<Rule, Long> since = new EnumMap<>(Rule.class);
    holding.forEach(rule -> since.put(rule, before.heldSinceMs().getOrDefault(rule, nowMs)));
    return since;
  }

  private void tell(EvictionRun before, EvictionRun run) {
    if (run.evicted() > 0) {
      LOG.info("evicted expired leases count={} left={}", run.evicted(), registry.leaseCount());
    }
    boolean isAsBefore = run.heldSinceMs().equals(before.heldSinceMs())
        && run.protectedApps().equals(before.protectedApps())
        && run.protectedZones().equals(before.protectedZones());
    if (isAsBefore || !(run.isHolding() || before.isHolding())) {
      return;
    }
    if (run.isHolding()) {
      LOG.warn(
          "expired leases are held by rule={} expired={} leases={} renewals={} threshold={} apps={}"
              + " zones={}",
          run.held(),
          run.expired(),
          run.leases(),
          run.selfPreservation().renewals(),
          run.selfPreservation().threshold(),
          someOf(run.protectedApps()),
          someOf(run.protectedZones()));
    } else {
      LOG.info(
          "expired leases are no longer held expired={} renewals={} threshold={}",
          run.expired(),
          run.selfPreservation().renewals(),
          run.selfPreservation().threshold());
    }
  }

  private static String someOf(Set<String> names) {
    String some = String.join(",", names.stream().limit(NAMES_MAX).toList());
    return names.size() > NAMES_MAX ? some + ",... of " + names.size() : some;
  }

  /**
   * By how much this run is late. The node was stopped for that long, and renewals could not
   * arrive: every lease is given the time (spec §4.2).
   */
  private long compensationNs() {
    long nowNs = clock.monotonicNs();
    long lateNs = lastRunNs < 0 ? 0 : Math.max(0, nowNs - lastRunNs - intervalNs);
    lastRunNs = nowNs;
    return lateNs;
  }

  /** Prepares the next run, and takes note of how late renewals are. */
  public void turn() {
    lateness.turn(clock.monotonicNs());
    registry.turnWheel(lateness);
    boolean isActive = !selfPreservation().mayEvict();
    if (isActive != activeSinceMs > 0) {
      activeSinceMs = isActive ? clock.wallMs() : 0;
    }
  }

  /** Takes over how many leases stand as the clients expected, as stock servers now and then do. */
  public void recount() {
    registry
        .expectedClients()
        .recount(registry.leaseCount(), rules.share(), rules.isSelfPreserving());
  }

  /** Whether enough renewals arrive, as of now. */
  public SelfPreservation selfPreservation() {
    boolean isEnabled = rules.isOn(Rule.REGISTRY);
    return switch (rules.threshold()) {
      case NETFLIX ->
        SelfPreservation.ofClients(
            isEnabled,
            registry.expectedClients().count(),
            rules.expectedIntervalSecs(),
            rules.share(),
            rate.lastMinute());
      case LEASES ->
        new SelfPreservation(
            isEnabled,
            registry.leaseCount(),
            registry.census().renewalsPerMinute(),
            rules.share(),
            rate.lastMinute());
    };
  }

  /** What a run would make of the present. */
  public Judgement judgement() {
    return judgement(registry.expired(0));
  }

  private Judgement judgement(List<Term> expired) {
    return new Judgement(
        rules, selfPreservation(), Population.of(registry), expired, clock.monotonicNs());
  }

  /** What the last run did; before the first, nothing. */
  public EvictionRun lastRun() {
    return lastRun;
  }

  /**
   * Since when too few renewals arrive for anybody to be evicted, epoch ms, to the second; 0 while
   * enough do.
   */
  public long activeSinceMs() {
    return activeSinceMs;
  }

  /** When the next run is due, epoch ms; it comes a little later. */
  public long nextRunMs() {
    return lastRun.atMs() + TimeUnit.NANOSECONDS.toMillis(intervalNs);
  }

  /** How late renewals come. */
  public Lateness lateness() {
    return lateness;
  }

  public EvictionRules rules() {
    return rules;
  }
}
