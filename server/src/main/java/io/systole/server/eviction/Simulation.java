// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

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
 * Plays eviction runs over a copy of the registry. Whose lease is valid now goes on to renew,
 * unless it is to fall silent; whose lease has expired stays silent. Costs what is registered once,
 * what expires once more, and what has expired for each run.
 */
public final class Simulation {
  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

  /** How many leases, or steps of a run, between two looks at the time. */
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

  /** Those that will expire, soonest first. */
  private final List<LeaseDeadline> silent = new ArrayList<>();

  private final List<LeaseSnapshot> living = new ArrayList<>();
  private int leases;
  private int silenced;

  /** How many of those gone were expected to renew. */
  private int expectedEvicted;

  private int unrenewed;

  /** Renewals a minute: of those that go on, and promised by all that stand. */
  private double livingRate;

  private double statedRate;

  private Simulation(
      SimulationRequest question,
      SelfPreservation now,
      GracePeriod grace,
      long nowNs,
      BooleanSupplier isTimeUp) {
    this.request = question;
    this.now = now;
    this.grace = grace;
    this.nowNs = nowNs;
    this.isTimedOut = isTimeUp;
    this.random = new SplittableRandom(question.seed());
  }

  /**
   * Answers a question.
   *
   * @param states every lease that stands
   * @param now renewals and clients as of now
   * @param grace of leases that have expired, as of now
   * @param nowNs the moment at which the leases were looked at
   * @param isTimeUp asked now and then
   * @return null when the time was up before the end
   */
  public static @Nullable SimulationResult run(
      SimulationRequest question,
      List<LeaseSnapshot> states,
      SelfPreservation now,
      GracePeriod grace,
      long nowNs,
      BooleanSupplier isTimeUp) {
    return new Simulation(question, now, grace, nowNs, isTimeUp).run(states);
  }

  private @Nullable SimulationResult run(List<LeaseSnapshot> states) {
    for (LeaseSnapshot state : states) {
      if (leases % TIME_CHECK_EVERY == 0 && isTimedOut.getAsBoolean()) {
        return null;
      }
      add(state);
    }
    silenceSome();
    silent.sort(Comparator.comparingLong(LeaseDeadline::deadlineNs));
    return isTimedOut.getAsBoolean() ? null : runEvictions();
  }

  private void add(LeaseSnapshot state) {
    LeaseDeadline deadline = state.deadline();
    leases++;
    apps.merge(deadline.app(), 1, Integer::sum);
    zones.merge(deadline.zone(), 1, Integer::sum);
    unrenewed += deadline.isUnrenewed() ? 1 : 0;
    statedRate += deadline.isUnrenewed() ? 0 : rateOf(state);
    LeaseDeadline then = deadlineOf(state);
    if (then.deadlineNs() < nowNs) {
      silent.add(then);
    } else if (request.silentApps().contains(deadline.app())
        || request.silentZones().contains(deadline.zone())) {
      silence(then);
    } else {
      living.add(state);
      livingRate += rateOf(state);
    }
  }

  private LeaseDeadline deadlineOf(LeaseSnapshot state) {
    LeaseDeadline deadline = state.deadline();
    return new LeaseDeadline(
        deadline.key(),
        deadline.zone(),
        deadlineNs(state),
        deadline.durationNs(),
        deadline.isUnrenewed());
  }

  private static double rateOf(LeaseSnapshot state) {
    return 60.0 / state.renewalIntervalSecs();
  }

  /** As the question has it: another duration, or another mode, gives another deadline. */
  private long deadlineNs(LeaseSnapshot state) {
    if (!request.changesDeadlines()) {
      return state.deadline().deadlineNs();
    }
    long durationNs =
        TimeUnit.SECONDS.toNanos(request.durationSecs().orElse(state.durationSecs()));
    return state.lastContactNs() + (state.isRenewed() && !request.isStrict() ? 2 : 1) * durationNs;
  }

  private void silenceSome() {
    int count = Math.min(request.silentCount(), living.size());
    for (int i = 0; i < count; i++) {
      int drawn = i + random.nextInt(living.size() - i);
      LeaseSnapshot state = living.set(drawn, living.get(i));
      livingRate -= rateOf(state);
      silence(deadlineOf(state));
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
    // A whole millisecond, so that the answer names the moment that was judged.
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
    // The counts are of this run, also when the judgement is read after others have gone.
    LeasePopulation population =
        new LeasePopulation(remaining, new HashMap<>(apps)::get, new HashMap<>(zones)::get);
    return new EvictionDecision(
        request.rules(), preservation(atNs), population, expired, grace, atNs);
  }

  /** Within a minute the renewals of the last one give way to those of the living. */
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
