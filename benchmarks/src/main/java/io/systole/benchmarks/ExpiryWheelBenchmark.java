// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.server.registry.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does a second of a living fleet cost the expiry of leases, when none expires? Held
 * fixed: leases of 90 s, each renewed every 30 s, so a thirtieth of them between two looks, which
 * is not measured; one thread; the clock moves a second a look. The score is per look. Ours turns
 * its wheel and returns the expired; the ordinary way and Netflix's go through all leases, as their
 * servers do once a minute.
 *
 * <p>The code would change if a look grew with the leases beyond those whose turn it is: a
 * thirtieth or less of them.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ExpiryWheelBenchmark {
  private static final int SECONDS_PER_RENEWAL = 30;

  /** The size of the fleet. */
  @State(Scope.Benchmark)
  public static class Size {
    @Param({"10000", "1000000"})
    public int leases;
  }

  /** Our registry, whose leases are renewed in turn. */
  @State(Scope.Benchmark)
  public static class Systole {
    private final SteppedClock clock = new SteppedClock();
    private final LookupKey probe = new LookupKey();
    private Registry registry = new BenchmarkFleet(1).systole(clock);
    private PipelinedHeartbeats stream = PipelinedHeartbeats.ofTargets(new BenchmarkFleet(1));
    private BenchmarkFleet fleet = new BenchmarkFleet(1);
    private int next;

    /** Registers the fleet. */
    @Setup
    public void register(Size size) {
      fleet = new BenchmarkFleet(size.leases);
      stream = PipelinedHeartbeats.ofTargets(fleet);
      registry = fleet.systole(clock);
      for (int second = 0; second < SECONDS_PER_RENEWAL; second++) {
        letSecondPass();
      }
      System.gc();
    }

    /** Renews the leases whose turn it is. */
    @Setup(Level.Invocation)
    public void letSecondPass() {
      clock.advance(TimeUnit.SECONDS.toNanos(1));
      int slash = "/v2/apps/".length() + fleet.app(0).length();
      int question = slash + 1 + fleet.id(0).length();
      for (int i = 0; i <= fleet.size() / SECONDS_PER_RENEWAL; i++) {
        int at = stream.start(next);
        probe.aim(stream.bytes(), at + "/v2/apps/".length(), at + slash, at + question);
        RenewOutcome outcome =
            registry.renew(probe, clock.monotonicNs(), BenchmarkFleet.DIRTY_MS, Origin.CLIENT);
        if (outcome != RenewOutcome.RENEWED) {
          throw new IllegalStateException("a renewal was answered " + outcome);
        }
        next = next + 1 < stream.beatCount() ? next + 1 : 0;
      }
    }
  }

  /** The ordinary registry. */
  @State(Scope.Benchmark)
  public static class FullScan {
    private NestedMapRegistry registry = new NestedMapRegistry();

    /** Registers the fleet. */
    @Setup
    public void register(Size size) {
      registry = new BenchmarkFleet(size.leases).baseline();
      System.gc();
    }
  }

  /** Netflix's registry. */
  @State(Scope.Benchmark)
  public static class Netflix {
    private NetflixRegistry registry = NetflixRegistry.create();

    /** Registers the fleet. */
    @Setup
    public void register(Size size) {
      registry = new BenchmarkFleet(size.leases).netflix();
      System.gc();
    }
  }

  /** Ours. */
  @Benchmark
  public boolean systole(Systole ours) {
    if (!ours.registry.expired(0).isEmpty()) {
      throw new IllegalStateException("a renewed lease expired");
    }
    return true;
  }

  /** The ordinary way. */
  @Benchmark
  public void baseline(FullScan theirs) {
    theirs.registry.evictExpired(0);
  }

  /** Netflix's. */
  @Benchmark
  public void netflix(Netflix theirs) {
    theirs.registry.evict(0);
  }
}
