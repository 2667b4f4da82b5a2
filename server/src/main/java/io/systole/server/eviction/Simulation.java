// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseCounts;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulation of eviction runs on a copy of the leases. Instances with a valid lease continue to
 * renew, unless the request silences them; those with an expired lease stay silent. Linear in the
 * registered leases once, and in the expired ones for each run.
 */
public final class Simulation {
  /**
   * The result of a simulation.
   *
   * @param leases the number of leases at the start
   * @param silenced the number of instances that stopped renewing
   * @param afterMs the simulated time
   * @param runs the number of eviction runs, including the one at the end
   * @param evicted the evicted leases, in order
   * @param last the decision of the last run, before its evictions
   */
  public record SimulationResult(
      int leases,
      int silenced,
      long afterMs,
      int runs,
      List<LeaseDeadline> evicted,
      EvictionDecision last) {}

  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

  /** Leases between two checks of the time limit. */
  private static final int TIME_CHECK_EVERY = 4_096;

  private final SimulationRequest request;
  private final SelfPreservation now;
  private final GracePeriod grace;
  private final long nowNs;
  private final BooleanSupplier isTimedOut;
  private final SplittableRandom random;
  private final Map<String, Integer> apps = new HashMap<>();
  private final Map<String, Integer> zones = new HashMap<>();
  private final List<LeaseDeadline> evicted = new ArrayList<>();

  /** Leases that will expire, soonest first. */
  private final List<LeaseDeadline> silent = new ArrayList<>();

  private final List<LeaseSnapshot> living = new ArrayList<>();
  private int leases;
  private int silenced;

  /** Evicted leases that had been expected to renew. */
  private int expectedEvicted;

  private int unrenewed;

  /** Renewals per minute of the live instances. */
  private double livingRate;

  /** Renewals per minute of all leases by the intervals that they specify. */
  private double statedRate;

  private Simulation(
      SimulationRequest request,
      SelfPreservation now,
      GracePeriod grace,
      long nowNs,
      BooleanSupplier isTimedOut) {
    this.request = request;
    this.now = now;
    this.grace = grace;
    this.nowNs = nowNs;
    this.isTimedOut = isTimedOut;
    this.random = new SplittableRandom(request.seed());
  }

  /**
   * Runs a simulation.
   *
   * @param snapshots all leases
   * @param now renewals and clients as of now
   * @param grace of expired leases, as of now
   * @param nowNs the time of the snapshots of the leases
   * @param isTimedOut polled at intervals
   * @return the result, or null after a timeout
   */
  public static @Nullable SimulationResult run(
      SimulationRequest request,
      List<LeaseSnapshot> snapshots,
      SelfPreservation now,
      GracePeriod grace,
      long nowNs,
      BooleanSupplier isTimedOut) {
    return new Simulation(request, now, grace, nowNs, isTimedOut).run(snapshots);
  }

  private @Nullable SimulationResult run(List<LeaseSnapshot> snapshots) {
    for (LeaseSnapshot snapshot : snapshots) {
      if (leases % TIME_CHECK_EVERY == 0 && isTimedOut.getAsBoolean()) {
        return null;
      }
      add(snapshot);
    }
    silenceSome();
    silent.sort(Comparator.comparingLong(LeaseDeadline::deadlineNs));
    return isTimedOut.getAsBoolean() ? null : runEvictions();
  }

  private void add(LeaseSnapshot snapshot) {
    LeaseDeadline deadline = snapshot.deadline();
    leases++;
    apps.merge(deadline.app(), 1, Integer::sum);
    zones.merge(deadline.zone(), 1, Integer::sum);
    unrenewed += deadline.isUnrenewed() ? 1 : 0;
    statedRate += deadline.isUnrenewed() ? 0 : rateOf(snapshot);
    LeaseDeadline then = deadlineOf(snapshot);
    if (then.deadlineNs() < nowNs) {
      silent.add(then);
    } else if (request.silentApps().contains(deadline.app())
        || request.silentZones().contains(deadline.zone())) {
      silence(then);
    } else {
      living.add(snapshot);
      livingRate += rateOf(snapshot);
    }
  }

  private LeaseDeadline deadlineOf(LeaseSnapshot snapshot) {
    LeaseDeadline deadline = snapshot.deadline();
    return new LeaseDeadline(
        deadline.key(),
        deadline.slot(),
        deadline.zone(),
        deadlineNs(snapshot),
        deadline.durationNs(),
        deadline.isUnrenewed());
  }

  private static double rateOf(LeaseSnapshot snapshot) {
    return 60.0 / snapshot.renewalIntervalSecs();
  }

  /** Returns the deadline by the duration and lease mode of the request. */
  private long deadlineNs(LeaseSnapshot snapshot) {
    if (!request.changesDeadlines()) {
      return snapshot.deadline().deadlineNs();
    }
    long durationNs =
        TimeUnit.SECONDS.toNanos(request.durationSecs().orElse(snapshot.durationSecs()));
    return snapshot.lastContactNs()
        + (snapshot.isRenewed() && !request.isStrict() ? 2 : 1) * durationNs;
  }

  private void silenceSome() {
    int count = Math.min(request.silentCount(), living.size());
    for (int i = 0; i < count; i++) {
      int selected = i + random.nextInt(living.size() - i);
      LeaseSnapshot snapshot = living.set(selected, living.get(i));
      livingRate -= rateOf(snapshot);
      silence(deadlineOf(snapshot));
    }
  }

  private void silence(LeaseDeadline deadline) {
    silent.add(deadline);
    silenced++;
  }

  private @Nullable SimulationResult runEvictions() {
    long untilNs = silent.isEmpty() || !request.isSilencing()
        ? 0
        : Math.max(0, silent.get(silent.size() - 1).deadlineNs() + 1 - nowNs);
    // A whole millisecond, so that the result contains the exact time of the decision.
    long afterMs = request
        .afterMs()
        .orElse(TimeUnit.NANOSECONDS.toMillis(untilNs + TimeUnit.MILLISECONDS.toNanos(1) - 1));
    List<LeaseDeadline> expired = new ArrayList<>();
    int next = 0;
    int runs = 0;
    int remaining = leases;
    for (long atMs = Math.min(request.intervalMs(), afterMs); ; ) {
      long atNs = nowNs + TimeUnit.MILLISECONDS.toNanos(atMs);
      while (next < silent.size() && silent.get(next).deadlineNs() < atNs) {
        expired.add(silent.get(next++));
      }
      EvictionDecision decision = decision(remaining, expired, atNs);
      EvictionPlan plan = EvictionPlan.of(decision, expired, random);
      runs++;
      remaining -= remove(plan.chosen(), expired) + remove(plan.unrenewed(), expired);
      if (atMs == afterMs) {
        return new SimulationResult(leases, silenced, afterMs, runs, evicted, decision);
      }
      if (isTimedOut.getAsBoolean()) {
        return null;
      }
      atMs = Math.min(atMs + request.intervalMs(), afterMs);
    }
  }

  private int remove(List<LeaseDeadline> chosen, List<LeaseDeadline> expired) {
    if (chosen.isEmpty()) {
      return 0;
    }
    evicted.addAll(chosen);
    expired.removeAll(new HashSet<>(chosen));
    for (LeaseDeadline deadline : chosen) {
      apps.merge(deadline.app(), -1, Integer::sum);
      zones.merge(deadline.zone(), -1, Integer::sum);
      expectedEvicted += deadline.isUnrenewed() ? 0 : 1;
    }
    return chosen.size();
  }

  private EvictionDecision decision(int remaining, List<LeaseDeadline> expired, long atNs) {
    // Copies, because the decision is read after further evictions.
    LeaseCounts.Population population =
        new LeaseCounts.Population(remaining, new HashMap<>(apps)::get, new HashMap<>(zones)::get);
    return new EvictionDecision(
        request.rules(), preservation(atNs), population, expired, grace, atNs);
  }

  /** Within a minute, the observed renewals are replaced by those of the live instances. */
  private SelfPreservation preservation(long atNs) {
    EvictionRules rules = request.rules();
    double passed = Math.min(1, (double) (atNs - nowNs) / MINUTE_NS);
    long renewals = Math.round(now.renewals() * (1 - passed) + livingRate * passed);
    boolean isEnabled = rules.isOn(ProtectionRule.REGISTRY);
    int expected = leases - unrenewed;
    int stillExpected = expected - expectedEvicted;
    return switch (rules.threshold()) {
      case NETFLIX ->
        SelfPreservation.ofClients(
            isEnabled,
            Math.max(0, now.clientsExpected() - expectedEvicted),
            rules.expectedIntervalSecs(),
            rules.share(),
            renewals);
      case LEASES ->
        new SelfPreservation(
            isEnabled,
            stillExpected,
            expected == 0 ? 0 : statedRate * stillExpected / expected,
            rules.share(),
            renewals);
    };
  }
}
