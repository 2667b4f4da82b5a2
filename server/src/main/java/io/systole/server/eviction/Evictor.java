// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.model.EscapedText;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends expired leases at a steady interval, unless a rule holds them. */
public final class Evictor implements Runnable {
  /*
   * One timer thread makes the runs, the turns and the recounts, another one the watches, which long
   * runs would delay. Anyone may read the last run and ask for a judgement of the present: that looks
   * at what has expired, and waits for the wheel only.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  private static final String UNRENEWED_REASON =
      "restored after a restart of the node and not renewed within its duration since";

  /** Names of applications or zones in a line of the log. */
  private static final int NAMES_MAX = 10;

  /** How often {@link #tick} and {@link #detectStalls} are to be called. */
  public static final long TICK_MS = 1_000;

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(TICK_MS);

  private final Registry registry;
  private final RenewalRate rate;
  private final Clock clock;
  private final EvictionRules rules;
  private final RenewalDelays renewalDelays;
  private final StallDetector stalls;
  private final long intervalNs;
  private boolean hasRun;

  /** When the last run ended. */
  private long lastRunNs;

  private volatile EvictionRun lastRun;

  /** Since when too few renewals arrive, epoch ms; 0 while enough do. Written by the timer. */
  private volatile long activeSinceMs;

  /** An evictor of a node whose event loops are never late. */
  public Evictor(Registry registry, RenewalRate rate, Clock clock, EvictionSettings settings) {
    this(registry, rate, clock, settings, () -> 0);
  }

  /** @param loopLagNs how late the latest event loop is, or was within the last second */
  public Evictor(
      Registry registry,
      RenewalRate rate,
      Clock clock,
      EvictionSettings settings,
      LongSupplier loopLagNs) {
    this.registry = registry;
    this.rate = rate;
    this.clock = clock;
    this.rules = settings.rules();
    this.renewalDelays = new RenewalDelays(settings.renewalDelaysAppsMax(), clock.monotonicNs());
    this.stalls = new StallDetector(loopLagNs, clock.monotonicNs());
    this.intervalNs = TimeUnit.MILLISECONDS.toNanos(settings.intervalMs());
    this.lastRun = new EvictionRun(
        clock.wallMs(),
        0,
        selfPreservation(),
        registry.leaseCount(),
        0,
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
    // One moment for all that follows: what a pause in between delays is judged by the next run.
    long nowNs = clock.monotonicNs();
    long graceNs = stalls.check(nowNs, lateNs(nowNs), TICK_NS);
    long nowMs = clock.wallMs();
    registry.sweepRestored();
    List<LeaseDeadline> expired = registry.expiredAt(nowNs - graceNs);
    int leases = registry.leaseCount();
    EvictionDecision decision = decision(expired, nowNs);
    EvictionPlan plan = EvictionPlan.of(decision, expired, new SplittableRandom(nowMs));
    int unrenewed = registry.evict(plan.unrenewed(), nowNs - graceNs, UNRENEWED_REASON);
    int drawn = registry.evict(plan.chosen(), nowNs - graceNs, reason(decision));
    EvictionRun before = lastRun;
    EvictionRun run = new EvictionRun(
        nowMs,
        TimeUnit.NANOSECONDS.toMillis(graceNs),
        decision.selfPreservation(),
        leases,
        expired.size(),
        decision.cap(),
        unrenewed + drawn,
        unrenewed,
        plan.protectedByRule(),
        protectedSinceMs(before, plan.protectedByRule().keySet(), nowMs),
        decision.protectedApps(),
        decision.protectedZones());
    lastRun = run;
    hasRun = true;
    lastRunNs = clock.monotonicNs();
    log(before, run);
  }

  /** By how much this run is late. */
  private long lateNs(long nowNs) {
    return hasRun ? Math.max(0, nowNs - lastRunNs - intervalNs) : 0;
  }

  private static String reason(EvictionDecision decision) {
    String lot = decision.candidates() > decision.cap() ? ", drawn by lot" : "";
    return "expired and protected by no rule: " + decision.candidates()
        + " such leases, and the run might end " + decision.cap() + lot;
  }

  private static Map<ProtectionRule, Long> protectedSinceMs(
      EvictionRun before, Set<ProtectionRule> holding, long nowMs) {
    Map<ProtectionRule, Long> since = new EnumMap<>(ProtectionRule.class);
    holding.forEach(rule -> since.put(rule, before.protectedSinceMs().getOrDefault(rule, nowMs)));
    return since;
  }

  private void log(EvictionRun before, EvictionRun run) {
    if (run.evicted() > 0) {
      LOG.info(
          "evicted expired leases count={} notRenewedSinceRestore={} left={}",
          run.evicted(),
          run.unrenewed(),
          registry.leaseCount());
    }
    boolean isAsBefore = run.protectedSinceMs().equals(before.protectedSinceMs())
        && run.protectedApps().equals(before.protectedApps())
        && run.protectedZones().equals(before.protectedZones());
    if (isAsBefore || !(run.hasProtected() || before.hasProtected())) {
      return;
    }
    if (run.hasProtected()) {
      LOG.warn(
          "expired leases are held by rule={} expired={} leases={} renewals={} threshold={} apps={}"
              + " zones={}",
          run.protectedByRule(),
          run.expired(),
          run.leases(),
          run.selfPreservation().renewals(),
          run.selfPreservation().threshold(),
          joined(run.protectedApps()),
          joined(run.protectedZones()));
    } else {
      LOG.info(
          "expired leases are no longer held expired={} renewals={} threshold={}",
          run.expired(),
          run.selfPreservation().renewals(),
          run.selfPreservation().threshold());
    }
  }

  private static String joined(Set<String> names) {
    String some =
        String.join(",", names.stream().limit(NAMES_MAX).map(EscapedText::token).toList());
    return names.size() > NAMES_MAX ? some + ",... of " + names.size() : some;
  }

  /**
   * Looks whether the node could take renewals since the last call, or since it was made. To be
   * called when it begins to serve and every {@link #TICK_MS} from then on, by a thread that
   * nothing delays.
   */
  public void detectStalls() {
    long nowNs = clock.monotonicNs();
    stalls.tick(nowNs, TICK_NS);
    stalls.checkLoops(nowNs);
  }

  /** Prepares the next run, and takes note of how late renewals are. */
  public void tick() {
    renewalDelays.rotate(clock.monotonicNs());
    registry.advanceWheel(renewalDelays);
    registry.sweepRestored();
    boolean isActive = !selfPreservation().mayEvict();
    if (isActive != activeSinceMs > 0) {
      activeSinceMs = isActive ? clock.wallMs() : 0;
    }
  }

  /** Takes over how many leases stand as the clients expected, as stock servers now and then do. */
  public void recount() {
    registry.sweepRestored();
    registry
        .expectedClients()
        .recount(registry.expectedLeaseCount(), rules.share(), rules.isSelfPreserving());
  }

  /** Whether enough renewals arrive, as of now. */
  public SelfPreservation selfPreservation() {
    boolean isEnabled = rules.isOn(ProtectionRule.REGISTRY);
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
            registry.expectedLeaseCount(),
            registry.leaseCounts().renewalsPerMinute(),
            rules.share(),
            rate.lastMinute());
    };
  }

  /** What a run would make of the present. */
  public EvictionDecision decision() {
    long nowNs = clock.monotonicNs();
    return decision(registry.expiredAt(nowNs), nowNs);
  }

  private EvictionDecision decision(List<LeaseDeadline> expired, long nowNs) {
    return new EvictionDecision(
        rules,
        selfPreservation(),
        LeasePopulation.of(registry),
        expired,
        stalls.grace(nowNs),
        nowNs);
  }

  /** The grace of expired leases as of this moment, monotonic. */
  public GracePeriod grace(long nowNs) {
    return stalls.grace(nowNs);
  }

  /**
   * Whether an instance whose lease expired is hidden from look-ups of one instance and from
   * amendments: unless the rule {@code registry} holds every lease, or {@code stall} holds this
   * one. Under {@code app} and {@code zone} it is hidden, as what they hold depends on all that
   * expired.
   */
  public boolean isHidden(LeaseDeadline expired) {
    if (!selfPreservation().mayEvict()) {
      return false;
    }
    long nowNs = clock.monotonicNs();
    // A request may be served before the timer that notices the stall it waited for.
    stalls.check(nowNs, 0, TICK_NS);
    return nowNs > stalls.grace(nowNs).endNs(expired);
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
  public RenewalDelays renewalDelays() {
    return renewalDelays;
  }

  public EvictionRules rules() {
    return rules;
  }
}
