// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseCounts;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evicts expired leases at a fixed interval, unless a rule protects them. */
public final class Evictor implements Runnable {
  /*
   * One timer thread calls run, tick and recount, another one detectStalls, which long runs would
   * delay. Any thread may read the last run and request a decision: that visits the expired leases
   * and blocks on the timer wheel only.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);

  private static final String UNRENEWED_REASON =
      "restored when the node started and not renewed within one duration";

  /** The interval at which {@link #tick} and {@link #detectStalls} are to be called. */
  public static final long TICK_MS = 1_000;

  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(TICK_MS);

  private final Registry registry;
  private final RenewalRate rate;
  private final Clock clock;
  /** Replaced by any thread; a run reads them once for each decision. */
  private volatile EvictionRules rules;

  private final RenewalDelays renewalDelays;
  private final StallDetector stalls;
  private final long intervalNs;

  /** Set before the first run. */
  private Consumer<EvictionDecision> decisionListener = decision -> {};

  /** Replaced by any thread, as {@link #slackNs}. */
  private volatile Predicate<LeaseDeadline> isResponsible = deadline -> true;

  private volatile LongSupplier slackNs = () -> 0;

  private boolean hasRun;

  /** The end of the last run. */
  private long lastRunNs;

  private volatile EvictionRun lastRun;

  /** The start of self-preservation, epoch ms; 0 while inactive. Written by the timer. */
  private volatile long activeSinceMs;

  /**
   * The minute of {@link #rate} in which {@link #tick} last found no leases, -1 for none. Written
   * by the timer.
   */
  private volatile long emptyMinute = -1;

  /** Creates an evictor without event-loop lag. */
  public Evictor(Registry registry, RenewalRate rate, Clock clock, EvictionSettings settings) {
    this(registry, rate, clock, settings, () -> 0);
  }

  /** @param loopLagNs the maximum lag of an event loop within the last second */
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
        0,
        Map.of(),
        Map.of(),
        Set.of(),
        Set.of());
  }

  /** Sets a listener that receives the decision of each run after its evictions. */
  public void onDecision(Consumer<EvictionDecision> listener) {
    decisionListener = listener;
  }

  /**
   * Evicts only leases for which this node is responsible; another member of the cluster evicts the
   * others. By default, the node is responsible for all.
   *
   * @param isResponsible called in runs, for the leases that are to be evicted, and by any thread
   */
  public void evictIf(Predicate<LeaseDeadline> isResponsible) {
    this.isResponsible = isResponsible;
  }

  /** Returns whether this node evicts the lease once it has expired and no rule protects it. */
  public boolean isResponsible(LeaseDeadline deadline) {
    return isResponsible.test(deadline);
  }

  /**
   * Evicts only leases that have been expired for a time, because renewals at other members of the
   * cluster may not have arrived yet. The default is 0.
   *
   * @param slackNs returns the time, called in each run
   */
  public void evictAfter(LongSupplier slackNs) {
    this.slackNs = slackNs;
  }

  /** Runs an eviction. */
  @Override
  public void run() {
    // One time for the whole run; the next run handles a pause during this one.
    long nowNs = clock.monotonicNs();
    long graceNs = stalls.check(nowNs, lateNs(nowNs), TICK_NS);
    long nowMs = clock.wallMs();
    registry.sweepRestored();
    long momentNs = nowNs - graceNs - slackNs.getAsLong();
    List<LeaseDeadline> expired = registry.expiry().expiredAt(momentNs);
    int leases = registry.leaseCount();
    EvictionDecision decision = decision(expired, nowNs);
    EvictionPlan plan = EvictionPlan.of(decision, expired, new SplittableRandom(nowMs));
    List<LeaseDeadline> ownUnrenewed = own(plan.unrenewed());
    List<LeaseDeadline> ownChosen = own(plan.chosen());
    int unrenewed = registry.expiry().evict(ownUnrenewed, momentNs, UNRENEWED_REASON);
    int selected = registry.expiry().evict(ownChosen, momentNs, reason(decision));
    EvictionRun before = lastRun;
    EvictionRun run = new EvictionRun(
        nowMs,
        TimeUnit.NANOSECONDS.toMillis(graceNs),
        decision.selfPreservation(),
        leases,
        expired.size(),
        decision.cap(),
        unrenewed + selected,
        unrenewed,
        plan.unrenewed().size() + plan.chosen().size() - ownUnrenewed.size() - ownChosen.size(),
        plan.protectedByRule(),
        protectedSinceMs(before, plan.protectedByRule().keySet(), nowMs),
        decision.protectedApps(),
        decision.protectedZones());
    lastRun = run;
    hasRun = true;
    lastRunNs = clock.monotonicNs();
    log(run);
    decisionListener.accept(decision);
  }

  /** Returns those leases for which this node is responsible. */
  private List<LeaseDeadline> own(List<LeaseDeadline> selected) {
    return selected.stream().filter(isResponsible).toList();
  }

  /** Returns the delay of this run. */
  private long lateNs(long nowNs) {
    return hasRun ? Math.max(0, nowNs - lastRunNs - intervalNs) : 0;
  }

  private static String reason(EvictionDecision decision) {
    String selection = decision.candidates() > decision.cap() ? ", selected at random" : "";
    return "expired and not protected: " + decision.candidates() + " such leases, at most "
        + decision.cap() + " evictions in the run" + selection;
  }

  private static Map<ProtectionRule, Long> protectedSinceMs(
      EvictionRun before, Set<ProtectionRule> holding, long nowMs) {
    Map<ProtectionRule, Long> since = new EnumMap<>(ProtectionRule.class);
    holding.forEach(rule -> since.put(rule, before.protectedSinceMs().getOrDefault(rule, nowMs)));
    return since;
  }

  private void log(EvictionRun run) {
    if (run.evicted() > 0) {
      LOG.info(
          "evicted expired leases count={} notRenewedSinceRestore={} remaining={}",
          run.evicted(),
          run.unrenewed(),
          registry.leaseCount());
    }
  }

  /**
   * Checks whether the node was able to accept renewals since the last call, or since this object
   * was created. To be called when the node starts to serve and every {@link #TICK_MS} from then
   * on, by a thread without other work.
   */
  public void detectStalls() {
    long nowNs = clock.monotonicNs();
    stalls.tick(nowNs, TICK_NS);
    stalls.checkLoops(nowNs);
  }

  /** Prepares the next run and collects the renewal delays. */
  public void tick() {
    renewalDelays.rotate(clock.monotonicNs());
    registry.expiry().advance(renewalDelays);
    registry.sweepRestored();
    if (registry.leaseCount() == 0) {
      emptyMinute = rate.minutes();
    }
    boolean isActive = selfPreservation().isActive();
    if (isActive != activeSinceMs > 0) {
      activeSinceMs = isActive ? clock.wallMs() : 0;
    }
  }

  /** Sets the expected clients to the number of leases, as stock servers do at intervals. */
  public void recount() {
    registry.sweepRestored();
    EvictionRules current = rules;
    registry
        .expectedClients()
        .recount(registry.expectedLeaseCount(), current.share(), current.isSelfPreserving());
  }

  /** Returns the current state of self-preservation. */
  public SelfPreservation selfPreservation() {
    return selfPreservation(rules);
  }

  private SelfPreservation selfPreservation(EvictionRules rules) {
    boolean isEnabled = rules.isOn(ProtectionRule.REGISTRY);
    SelfPreservation state = switch (rules.threshold()) {
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
    return state.withBasis(basis());
  }

  private SelfPreservation.Basis basis() {
    if (registry.leaseCount() == 0) {
      return SelfPreservation.Basis.NO_LEASES;
    }
    // Neither the minute without leases counts, nor the part of one before the first minute.
    return rate.minutes() - emptyMinute < 2
        ? SelfPreservation.Basis.FIRST_MINUTE
        : SelfPreservation.Basis.WHOLE_MINUTE;
  }

  /** Returns the decision that a run would make now. */
  public EvictionDecision decision() {
    long nowNs = clock.monotonicNs();
    return decision(registry.expiry().expiredAt(nowNs), nowNs);
  }

  private EvictionDecision decision(List<LeaseDeadline> expired, long nowNs) {
    EvictionRules current = rules;
    return new EvictionDecision(
        current,
        selfPreservation(current),
        new LeaseCounts.Population(
            registry.leaseCount(), registry.leaseCounts()::ofApp, registry.leaseCounts()::ofZone),
        expired,
        stalls.grace(nowNs),
        nowNs);
  }

  /** Returns the grace of expired leases at this monotonic time. */
  public GracePeriod grace(long nowNs) {
    return stalls.grace(nowNs);
  }

  /**
   * Returns whether lookups and updates of one instance treat this expired lease as missing: unless
   * the rule {@code registry} protects all leases, or {@code stall} this one. Protection by
   * {@code app} and {@code zone} depends on all expired leases and is not considered.
   */
  public boolean isHidden(LeaseDeadline expired) {
    if (!selfPreservation().mayEvict()) {
      return false;
    }
    long nowNs = clock.monotonicNs();
    // A request may be served before the timer detects the stall that delayed it.
    stalls.check(nowNs, 0, TICK_NS);
    return nowNs > stalls.grace(nowNs).endNs(expired);
  }

  /** Returns the result of the last run; before the first, one without evictions. */
  public EvictionRun lastRun() {
    return lastRun;
  }

  /**
   * Returns the start of self-preservation, epoch ms, with a resolution of a second; 0 while
   * inactive.
   */
  public long activeSinceMs() {
    return activeSinceMs;
  }

  /** Returns the time of the next run, epoch ms; it may be slightly later. */
  public long nextRunMs() {
    return lastRun.atMs() + TimeUnit.NANOSECONDS.toMillis(intervalNs);
  }

  /** Returns the delays of renewals. */
  public RenewalDelays renewalDelays() {
    return renewalDelays;
  }

  /** Replaces the rules, from the next decision on. */
  public void replaceRules(EvictionRules next) {
    rules = next;
  }

  public EvictionRules rules() {
    return rules;
  }
}
