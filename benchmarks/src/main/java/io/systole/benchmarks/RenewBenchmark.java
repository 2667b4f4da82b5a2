// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.benchmarks.baseline.OrdinaryRegistry;
import io.systole.benchmarks.baseline.OrdinaryTarget;
import io.systole.server.registry.KeyProbe;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: what does it cost to find a lease by what a heartbeat names, and to renew it? Held
 * fixed: the fleet, a hundred instances to an application; their targets in a row, in an order that
 * the caches can't guess; one thread; sixteen heartbeats to a read, and one reading of the clock
 * for ours, as on the event loop. Ours looks up by the bytes; the ordinary way decodes path and
 * query to strings and goes through two maps; Netflix's is handed the two strings it needs, made
 * from the bytes but neither scanned for nor unescaped, and is asked for the renewal alone, without
 * the comparison of timestamps that its HTTP resource adds. The code would change if ours allocated
 * a single byte, or if at 1,000,000 leases the time went elsewhere than into cache misses: then one
 * flat map is not the structure, and staged look-ups are the next to be tried.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g"})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class RenewBenchmark {
  private static final int BURST = 16;
  private static final int APP_FROM = "/v2/apps/".length();

  /** The targets, and where each part of them lies. */
  @State(Scope.Thread)
  public static class Beats {
    @Param({"10", "10000", "1000000"})
    public int leases;

    private BeatStream stream = BeatStream.ofTargets(new Fleet(1));
    private int slash;
    private int question;
    private int burst;

    /** Encodes the targets; all of them have their parts at the same places. */
    @Setup
    public void encode() {
      stream = BeatStream.ofTargets(fleet());
      slash = APP_FROM + fleet().app(0).length();
      question = slash + 1 + fleet().id(0).length();
    }

    Fleet fleet() {
      return new Fleet(leases);
    }

    int nextBurst() {
      burst = burst + 1 < stream.burstCount(BURST) ? burst + 1 : 0;
      return burst * BURST;
    }
  }

  /** Our registry. */
  @State(Scope.Thread)
  public static class Systole {
    private final Clock clock = Clock.system();
    private final KeyProbe probe = new KeyProbe();
    private Registry registry = new Fleet(1).systole(clock);

    /** Registers the fleet. */
    @Setup
    public void register(Beats beats) {
      registry = beats.fleet().systole(clock);
      settleHeap();
    }
  }

  /** The ordinary registry. */
  @State(Scope.Thread)
  public static class Ordinary {
    private OrdinaryRegistry registry = new OrdinaryRegistry();

    /** Registers the fleet. */
    @Setup
    public void register(Beats beats) {
      registry = beats.fleet().ordinary();
      settleHeap();
    }
  }

  /** Netflix's registry. */
  @State(Scope.Thread)
  public static class Netflix {
    private NetflixRegistry registry = NetflixRegistry.create();

    /** Registers the fleet. */
    @Setup
    public void register(Beats beats) {
      registry = beats.fleet().netflix();
      settleHeap();
    }
  }

  /** Ours, by bytes. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void systole(Beats beats, Systole ours, Blackhole blackhole) {
    BeatStream stream = beats.stream;
    int from = beats.nextBurst();
    long nowNs = ours.clock.monotonicNs();
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      ours.probe.aim(stream.bytes(), at + APP_FROM, at + beats.slash, at + beats.question);
      // A small fleet beats twice in a burst; a nanosecond keeps every renewal a write.
      RenewOutcome outcome =
          ours.registry.renew(ours.probe, nowNs + i, Fleet.DIRTY_MS, Origin.CLIENT);
      blackhole.consume(require(outcome == RenewOutcome.RENEWED));
    }
  }

  /** The ordinary way, by strings. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void ordinary(Beats beats, Ordinary theirs, Blackhole blackhole) {
    BeatStream stream = beats.stream;
    int from = beats.nextBurst();
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      int length = stream.start(from + i + 1) - at;
      OrdinaryTarget target = OrdinaryTarget.of(new String(stream.bytes(), at, length, ISO_8859_1));
      blackhole.consume(
          require(theirs.registry.renew(target.app(), target.id(), target.dirtyTimestampMs())));
    }
  }

  /** Netflix's, by the strings that its container would have made. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void netflix(Beats beats, Netflix theirs, Blackhole blackhole) {
    BeatStream stream = beats.stream;
    int from = beats.nextBurst();
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      int idAt = beats.slash + 1;
      String app = new String(stream.bytes(), at + APP_FROM, beats.slash - APP_FROM, ISO_8859_1);
      String id = new String(stream.bytes(), at + idAt, beats.question - idAt, ISO_8859_1);
      blackhole.consume(require(theirs.registry.renew(app, id, false)));
    }
  }

  private static boolean require(boolean renewed) {
    if (!renewed) {
      throw new IllegalStateException("a heartbeat of a registered instance was refused");
    }
    return true;
  }

  /** Puts what was registered where it will stay, before and not while renewals are timed. */
  private static void settleHeap() {
    System.gc();
  }
}
