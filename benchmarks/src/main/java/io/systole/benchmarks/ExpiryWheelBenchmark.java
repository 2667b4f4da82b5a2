// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.server.registry.LeaseKey.LookupKey;
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
 * Question: what does the search for expired leases cost per second when none expires? Held fixed:
 * leases of 90 s, each renewed every 30 s, so a thirtieth of them between two searches, which is
 * not measured; one thread; the clock advances one second per search. The score is per search.
 * Systole advances its timer wheel and returns the expired leases; the baseline and the registry of
 * Netflix scan all leases, as their servers do once a minute.
 *
 * <p>The code would change if a search grew with leases other than those due in that second, at
 * most a thirtieth of all.
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

  /** The number of leases. */
  @State(Scope.Benchmark)
  public static class Size {
    @Param({"10000", "1000000"})
    public int leases;
  }

  /** A Systole registry whose leases are renewed one after the other. */
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
        advanceOneSecond();
      }
      System.gc();
    }

    /** Advances the clock by a second and renews the leases that are due. */
    @Setup(Level.Invocation)
    public void advanceOneSecond() {
      clock.advance(TimeUnit.SECONDS.toNanos(1));
      int slash = "/v2/apps/".length() + fleet.app(0).length();
      int question = slash + 1 + fleet.id(0).length();
      for (int i = 0; i <= fleet.size() / SECONDS_PER_RENEWAL; i++) {
        int at = stream.start(next);
        probe.aim(stream.bytes(), at + "/v2/apps/".length(), at + slash, at + question);
        RenewOutcome outcome =
            registry.renew(probe, clock.monotonicNs(), BenchmarkFleet.DIRTY_MS, Origin.CLIENT);
        if (outcome != RenewOutcome.RENEWED) {
          throw new IllegalStateException("outcome of a renewal: " + outcome);
        }
        next = next + 1 < stream.beatCount() ? next + 1 : 0;
      }
    }
  }

  /** The baseline registry, filled with the fleet. */
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

  /** Netflix's registry, filled with the fleet. */
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

  /** Measures Systole. */
  @Benchmark
  public boolean systole(Systole ours) {
    if (!ours.registry.expiry().expired(0).isEmpty()) {
      throw new IllegalStateException("a renewed lease expired");
    }
    return true;
  }

  /** Measures the baseline. */
  @Benchmark
  public void baseline(FullScan theirs) {
    theirs.registry.evictExpired(0);
  }

  /** Measures Netflix's code. */
  @Benchmark
  public void netflix(Netflix theirs) {
    theirs.registry.evict(0);
  }
}
