// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that received 200 has its lease for one duration from then on, even if the evictor runs
 * concurrently.
 *
 * <p>With a manual clock all leases are about to expire in each epoch; with a real clock that
 * happens once in a duration. An epoch sets the clock to the first nanosecond at which every lease
 * has expired. Eight threads renew the leases, or register again if the evictor was first, while
 * the evictor targets the same lease. Then the clock is set to the last nanosecond of the
 * guarantee, and all leases must exist.
 */
@Tag("randomized")
class LeaseGuaranteeTest {
  private static final int THREADS = 8;
  private static final int LEASES_PER_THREAD = 256;
  private static final int EPOCHS = Repetitions.of(125);
  private static final int ROUNDS = THREADS * LEASES_PER_THREAD * EPOCHS;
  private static final int DURATION_SECS = 1;
  private static final long DURATION_NS = TimeUnit.SECONDS.toNanos(DURATION_SECS);

  /** Evictions of a single lease between two runs for all. */
  private static final int AIMED_AT_ONE = 1_000;

  /** One in this many operations is a registration. */
  private static final int REGISTERING_EVERY = 16;

  /** The outcomes of the operations, and the number of lost leases. */
  private record Beats(long renewed, long registered, long cameLate, long broken) {
    Beats plus(Beats other) {
      return new Beats(
          renewed + other.renewed,
          registered + other.registered,
          cameLate + other.cameLate,
          broken + other.broken);
    }
  }

  /** The expired leases that were renewed before their eviction, and the evicted ones. */
  private record Runs(long escaped, long evicted) {}

  private final ManualClock clock = new ManualClock();
  private volatile boolean isOver;

  /** The lease being renewed. */
  private volatile int underway;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void renew_atTheEdge_whileTheEvictorRuns_isGuaranteedForADuration(boolean isStrict)
      throws Exception {
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
      List<Future<Beats>> heartbeats = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        heartbeats.add(threads.submit(heartbeats(registry, thread, begin, end)));
      }
      for (Future<Beats> each : heartbeats) {
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
    // Each side wins often, and leases are often renewed between selection and eviction.
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

  /** Evicts the lease that is being renewed, repeatedly, and at intervals all expired ones. */
  private Runs runsOfEvictor(Registry registry) {
    List<List<LeaseDeadline>> each = new ArrayList<>();
    for (int lease = 0; lease < THREADS * LEASES_PER_THREAD; lease++) {
      each.add(List.of(new LeaseDeadline(instance(lease).key(), lease, "", 0, 0, false)));
    }
    long escaped = 0;
    long evicted = 0;
    while (!isOver) {
      for (int i = 0; i < AIMED_AT_ONE; i++) {
        evicted += registry.expiry().evict(each.get(underway), clock.monotonicNs(), "expired");
      }
      List<LeaseDeadline> expired = registry.expiry().expired(0);
      int ended = registry.expiry().evict(expired, clock.monotonicNs(), "expired");
      evicted += ended;
      escaped += expired.size() - ended;
    }
    return new Runs(escaped, evicted);
  }

  private static InstanceInfo instance(int lease) {
    return Instances.up("APP" + lease / LEASES_PER_THREAD, "i-" + lease, DURATION_SECS);
  }

  private Callable<Beats> heartbeats(
      Registry registry, int thread, CyclicBarrier begin, CyclicBarrier end) {
    List<InstanceInfo> instances = new ArrayList<>();
    List<LookupKey> keys = new ArrayList<>();
    for (int i = 0; i < LEASES_PER_THREAD; i++) {
      InstanceInfo instance = instance(thread * LEASES_PER_THREAD + i);
      instances.add(instance);
      keys.add(LookupKey.of(instance.key()));
    }
    return () -> {
      instances.forEach(instance -> registry.register(instance, Origin.CLIENT));
      Beats beats = new Beats(0, 0, 0, 0);
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        begin.await();
        Beats kept = keep(registry, instances, keys, thread * LEASES_PER_THREAD, epoch);
        end.await();
        long broken = instances.stream()
            .filter(instance -> registry.expiry().deadline(instance.key()) == null)
            .count();
        beats = beats.plus(kept).plus(new Beats(0, 0, 0, broken));
      }
      return beats;
    };
  }

  private Beats keep(
      Registry registry,
      List<InstanceInfo> instances,
      List<LookupKey> keys,
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
      } else if (registry.renew(keys.get(i), nowNs, Instances.DIRTY_MS, Origin.CLIENT)
          == RenewOutcome.RENEWED) {
        renewed++;
      } else {
        registry.register(instances.get(i), Origin.CLIENT);
      }
    }
    return new Beats(renewed, registered, instances.size() - renewed - registered, 0);
  }
}
