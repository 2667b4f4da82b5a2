// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.systole.benchmarks.baseline.DecodedTarget;
import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.benchmarks.baseline.NetflixRegistry;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
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
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Question: what does it cost to find a lease from the bytes of a heartbeat and to renew it, and
 * how does that change with several threads on one registry ({@code -t 2})? Held fixed: the fleet,
 * 100 instances to an application; the bytes of the targets back to back in shuffled order; 16
 * heartbeats per read, and one reading of the clock for Systole, as on the event loop.
 * {@code systole}, {@code netflix} and {@code baselineLocated} receive the positions of
 * application, id and timestamp in the bytes; the latter two create the strings that they need.
 * {@code baseline} receives the target and decodes it with Netty's {@code QueryStringDecoder}.
 * {@code netflix} is the renewal alone, without the comparison of timestamps in its HTTP resource.
 *
 * <p>The code would change if Systole allocated a single byte; if at 1,000,000 leases the time were
 * not spent on cache misses, since then one flat table is the wrong structure; or if a second
 * thread slowed a renewal by more than the shared caches explain, since then leases or counters
 * share cache lines.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class RenewBenchmark {
  private static final int BURST = 16;
  private static final int APP_FROM = "/v2/apps/".length();
  private static final int TIMESTAMP_CHARS =
      Long.toString(BenchmarkFleet.DIRTY_MS).length();

  /** The targets and the positions of their parts. */
  @State(Scope.Benchmark)
  public static class Heartbeats {
    @Param({"10", "10000", "1000000"})
    public int leases;

    private PipelinedHeartbeats stream = PipelinedHeartbeats.ofTargets(new BenchmarkFleet(1));
    private int slash;
    private int question;

    /** Encodes the targets; the positions are the same in all of them. */
    @Setup
    public void encode() {
      stream = PipelinedHeartbeats.ofTargets(fleet());
      slash = APP_FROM + fleet().app(0).length();
      question = slash + 1 + fleet().id(0).length();
    }

    BenchmarkFleet fleet() {
      return new BenchmarkFleet(leases);
    }

    String text(int from, int to) {
      return new String(stream.bytes(), from, to - from, ISO_8859_1);
    }
  }

  /** The position of one thread in the targets, and its lookup key. Threads start far apart. */
  @State(Scope.Thread)
  public static class Cursor {
    private final LookupKey probe = new LookupKey();
    private int burst;

    /** Selects the first burst of the thread. */
    @Setup
    public void begin(Heartbeats beats, ThreadParams threads) {
      long share = (long) beats.stream.burstCount(BURST) * threads.getThreadIndex();
      burst = (int) (share / threads.getThreadCount());
    }

    int nextBurst(PipelinedHeartbeats stream) {
      burst = burst + 1 < stream.burstCount(BURST) ? burst + 1 : 0;
      return burst * BURST;
    }
  }

  /** The Systole registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class Systole {
    private final Clock clock = Clock.startingAtZero();
    private Registry registry = new BenchmarkFleet(1).systole(clock);

    /** Registers the fleet. */
    @Setup
    public void register(Heartbeats beats) {
      registry = beats.fleet().systole(clock);
      settleHeap();
    }
  }

  /** The baseline registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class NestedMap {
    private NestedMapRegistry registry = new NestedMapRegistry();

    /** Registers the fleet. */
    @Setup
    public void register(Heartbeats beats) {
      registry = beats.fleet().baseline();
      settleHeap();
    }
  }

  /** Netflix's registry, filled with the fleet. */
  @State(Scope.Benchmark)
  public static class Netflix {
    private NetflixRegistry registry = NetflixRegistry.create();

    /** Registers the fleet. */
    @Setup
    public void register(Heartbeats beats) {
      registry = beats.fleet().netflix();
      settleHeap();
    }
  }

  /** Measures Systole with the bytes of the target. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void systole(Heartbeats beats, Cursor cursor, Systole ours, Blackhole blackhole) {
    PipelinedHeartbeats stream = beats.stream;
    int from = cursor.nextBurst(stream);
    long nowNs = ours.clock.monotonicNs();
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      cursor.probe.aim(stream.bytes(), at + APP_FROM, at + beats.slash, at + beats.question);
      // Advances the time, so that every renewal of a small fleet writes a new deadline.
      RenewOutcome outcome =
          ours.registry.renew(cursor.probe, nowNs + i, BenchmarkFleet.DIRTY_MS, Origin.CLIENT);
      blackhole.consume(requireRenewed(outcome == RenewOutcome.RENEWED));
    }
  }

  /** Measures the baseline with the whole target. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void baseline(Heartbeats beats, Cursor cursor, NestedMap theirs, Blackhole blackhole) {
    PipelinedHeartbeats stream = beats.stream;
    int from = cursor.nextBurst(stream);
    for (int i = 0; i < BURST; i++) {
      DecodedTarget target =
          DecodedTarget.of(beats.text(stream.start(from + i), stream.start(from + i + 1)));
      blackhole.consume(requireRenewed(
          theirs.registry.renew(target.app(), target.id(), target.dirtyTimestampMs())));
    }
  }

  /** Measures the baseline registry with the positions of the parts. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void baselineLocated(
      Heartbeats beats, Cursor cursor, NestedMap theirs, Blackhole blackhole) {
    PipelinedHeartbeats stream = beats.stream;
    int from = cursor.nextBurst(stream);
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      int end = stream.start(from + i + 1);
      String app = beats.text(at + APP_FROM, at + beats.slash);
      String id = beats.text(at + beats.slash + 1, at + beats.question);
      Long dirtyMs = Long.valueOf(beats.text(end - TIMESTAMP_CHARS, end));
      blackhole.consume(requireRenewed(theirs.registry.renew(app, id, dirtyMs)));
    }
  }

  /** Measures Netflix's registry with the positions of the parts. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void netflix(Heartbeats beats, Cursor cursor, Netflix theirs, Blackhole blackhole) {
    PipelinedHeartbeats stream = beats.stream;
    int from = cursor.nextBurst(stream);
    for (int i = 0; i < BURST; i++) {
      int at = stream.start(from + i);
      String app = beats.text(at + APP_FROM, at + beats.slash);
      String id = beats.text(at + beats.slash + 1, at + beats.question);
      blackhole.consume(requireRenewed(theirs.registry.renew(app, id, false)));
    }
  }

  private static boolean requireRenewed(boolean renewed) {
    if (!renewed) {
      throw new IllegalStateException("a heartbeat of a registered instance was refused");
    }
    return true;
  }

  /**
   * Collects garbage, so that no collection moves the registered objects during the measurement.
   */
  private static void settleHeap() {
    System.gc();
  }
}
