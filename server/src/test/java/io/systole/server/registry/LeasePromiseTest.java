// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who was answered 200 has its lease for one duration from then on, whatever the evictor does at
 * that moment.
 *
 * <p>The clock is turned by hand, for a real one would bring a lease to its edge once in a
 * duration, a second at the least; here all leases are at theirs all the time. In each epoch the
 * clock goes to the first nanosecond at which every lease has expired, and eight threads renew them
 * or, when the evictor was first, register anew, while it goes for that very lease. Then the clock
 * goes to the last nanosecond of what was promised, the evictor still at work, and all must be
 * there.
 */
class LeasePromiseTest {
  private static final int THREADS = 8;
  private static final int LEASES_PER_THREAD = 256;
  private static final int EPOCHS = 2_500;
  private static final int ROUNDS = THREADS * LEASES_PER_THREAD * EPOCHS;
  private static final int DURATION_SECS = 1;
  private static final long DURATION_NS = TimeUnit.SECONDS.toNanos(DURATION_SECS);

  /** Attempts of the evictor at one lease, between two at all. */
  private static final int AIMED_AT_ONE = 1_000;

  /** One in so many registers where the others renew. */
  private static final int REGISTERING_EVERY = 16;

  /** What came of the attempts to keep a lease, and how many promises were broken. */
  private record Beats(long renewed, long registered, long cameLate, long broken) {
    Beats plus(Beats other) {
      return new Beats(
          renewed + other.renewed,
          registered + other.registered,
          cameLate + other.cameLate,
          broken + other.broken);
    }
  }

  /** Leases that were found expired and were renewed before they were ended, and those ended. */
  private record Runs(long escaped, long evicted) {}

  private final ManualClock clock = new ManualClock();
  private volatile boolean isOver;

  /** The lease that was last about to be renewed. */
  private volatile int underway;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void renew_atTheEdge_whileTheEvictorRuns_isKeptForADuration(boolean isStrict) throws Exception {
    Registry registry = registry(isStrict);
    int durationsGiven = isStrict ? 1 : 2;
    CyclicBarrier begin =
        new CyclicBarrier(THREADS, () -> clock.advanceNs((durationsGiven - 1) * DURATION_NS + 1));
    CyclicBarrier end = new CyclicBarrier(THREADS, () -> clock.advanceNs(DURATION_NS));
    ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);

    Beats beats = new Beats(0, 0, 0, 0);
    Runs runs;
    try {
      Future<Runs> evictor = threads.submit(() -> runsOfEvictor(registry));
      List<Future<Beats>> beating = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        beating.add(threads.submit(beating(registry, thread, begin, end)));
      }
      for (Future<Beats> each : beating) {
        beats = beats.plus(each.get());
      }
      isOver = true;
      runs = evictor.get();
    } finally {
      isOver = true;
      threads.shutdownNow();
    }

    assertThat(beats.broken).isZero();
    assertThat(beats.renewed + beats.registered + beats.cameLate).isEqualTo(ROUNDS);
    // Both have won often, and often one was ahead of the other by the time it takes to choose.
    assertThat(beats.renewed).isGreaterThan(ROUNDS / 1_000);
    assertThat(beats.cameLate).isGreaterThan(ROUNDS / 1_000);
    assertThat(runs.evicted).isBetween(beats.cameLate, beats.cameLate + beats.registered);
    assertThat(runs.escaped).isGreaterThan(ROUNDS / 10_000);
  }

  private Registry registry(boolean isStrict) {
    LeaseRules rules = new LeaseRules(isStrict, 1, 0, 1);
    return new Registry(
        new RegistrySettings(THREADS * LEASES_PER_THREAD, true, 180_000, 1_000, rules), clock);
  }

  /**
   * Goes for the very lease that is being renewed, over and over, and now and then for all that
   * have expired.
   */
  private Runs runsOfEvictor(Registry registry) {
    List<List<LeaseDeadline>> each = new ArrayList<>();
    for (int lease = 0; lease < THREADS * LEASES_PER_THREAD; lease++) {
      each.add(List.of(new LeaseDeadline(instance(lease).key(), "", 0, 0, false)));
    }
    long escaped = 0;
    long evicted = 0;
    while (!isOver) {
      for (int i = 0; i < AIMED_AT_ONE; i++) {
        evicted += registry.evict(each.get(underway), clock.monotonicNs(), "expired");
      }
      List<LeaseDeadline> expired = registry.expired(0);
      int ended = registry.evict(expired, clock.monotonicNs(), "expired");
      evicted += ended;
      escaped += expired.size() - ended;
    }
    return new Runs(escaped, evicted);
  }

  private static InstanceInfo instance(int lease) {
    return Instances.up("APP" + lease / LEASES_PER_THREAD, "i-" + lease, DURATION_SECS);
  }

  private Callable<Beats> beating(
      Registry registry, int thread, CyclicBarrier begin, CyclicBarrier end) {
    List<InstanceInfo> instances = new ArrayList<>();
    List<LookupKey> probes = new ArrayList<>();
    for (int i = 0; i < LEASES_PER_THREAD; i++) {
      InstanceInfo instance = instance(thread * LEASES_PER_THREAD + i);
      instances.add(instance);
      probes.add(LookupKey.of(instance.key()));
    }
    return () -> {
      instances.forEach(instance -> registry.register(instance, Origin.CLIENT));
      Beats beats = new Beats(0, 0, 0, 0);
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        begin.await();
        Beats kept = keep(registry, instances, probes, thread * LEASES_PER_THREAD, epoch);
        end.await();
        long broken = instances.stream()
            .filter(instance -> registry.deadline(instance.key()) == null)
            .count();
        beats = beats.plus(kept).plus(new Beats(0, 0, 0, broken));
      }
      return beats;
    };
  }

  private Beats keep(
      Registry registry,
      List<InstanceInfo> instances,
      List<LookupKey> probes,
      int firstLease,
      int epoch) {
    long nowNs = clock.monotonicNs();
    long renewed = 0;
    long registered = 0;
    for (int i = 0; i < instances.size(); i++) {
      underway = firstLease + i;
      if ((i + epoch) % REGISTERING_EVERY == 0) {
        registry.register(instances.get(i), Origin.CLIENT);
        registered++;
      } else if (registry.renew(probes.get(i), nowNs, Instances.DIRTY_MS, Origin.CLIENT)
          == RenewOutcome.RENEWED) {
        renewed++;
      } else {
        registry.register(instances.get(i), Origin.CLIENT);
      }
    }
    return new Beats(renewed, registered, instances.size() - renewed - registered, 0);
  }
}
