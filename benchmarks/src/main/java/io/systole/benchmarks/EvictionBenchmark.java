// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to evict an expired lease when a whole fleet has expired? Held fixed:
 * 10,000 leases, all registered and expired before each measured eviction; one thread. The score is
 * per lease. The baseline only removes map entries; Systole also records the change for readers and
 * the cause for operators.
 *
 * <p>The code would change if an eviction cost more than a registration: then the registrar does
 * work per lease that it could do once.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@OperationsPerInvocation(EvictionBenchmark.LEASES)
public class EvictionBenchmark {
  static final int LEASES = 10_000;

  private static final BenchmarkFleet FLEET = new BenchmarkFleet(LEASES);
  private static final long MORE_THAN_DURATION_NS = TimeUnit.SECONDS.toNanos(91);

  /** A Systole registry with expired leases. */
  @State(Scope.Benchmark)
  public static class Systole {
    private final SteppedClock clock = new SteppedClock();
    private final Registry registry = FLEET.systole(clock);
    private final List<InstanceInfo> documents = new ArrayList<>();

    /** Creates the documents. */
    @Setup
    public void createDocuments() {
      for (int i = 0; i < LEASES; i++) {
        documents.add(FLEET.document(i));
      }
    }

    /** Registers the fleet and lets it expire. */
    @Setup(Level.Invocation)
    public void expire() {
      documents.forEach(document -> registry.register(document, Origin.CLIENT));
      clock.advance(MORE_THAN_DURATION_NS);
    }
  }

  /** The baseline registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class NestedMap {
    private final NestedMapRegistry registry = new NestedMapRegistry();

    /** Registers the fleet. */
    @Setup(Level.Invocation)
    public void register() {
      for (int i = 0; i < LEASES; i++) {
        registry.register(FLEET.app(i), FLEET.id(i), BenchmarkFleet.DIRTY_MS);
      }
    }
  }

  /** Measures Systole. */
  @Benchmark
  public int systole(Systole ours) {
    int evicted = ours.registry.expiry().evictExpired(0);
    if (evicted != LEASES) {
      throw new IllegalStateException("evicted " + evicted + " of " + LEASES);
    }
    return evicted;
  }

  /** Measures the baseline. */
  @Benchmark
  public void baseline(NestedMap theirs) {
    theirs.registry.evictExpired(Long.MAX_VALUE);
  }
}
