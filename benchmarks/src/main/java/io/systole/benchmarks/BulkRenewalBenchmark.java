// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.RenewalsEndpoint;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

/**
 * Question: how long does the node take for each renewal of a frame with the maximum number of
 * leases, from the request's body to the response? Held fixed: the fleet; half of it was cancelled
 * and registered again in random order, so that the leases of neighbouring slots are far apart in
 * memory and each frame has two generations; renewals are recorded for replication. Varied: which
 * leases a frame has. {@code SCATTERED}: slots from the whole table, as from an agent whose
 * instances registered at different times. {@code DENSE}: neighbouring slots, as from an agent that
 * registered all its instances at once. In both, all leases are renewed in turn.
 *
 * <p>The code would change if a renewal took more than 50 ns at a million leases, since then a
 * frame should have fewer of them; or if {@code SCATTERED} took much longer than {@code DENSE},
 * since then the leases should be read further ahead.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class BulkRenewalBenchmark {
  private static final long SEED = 20_261_123;

  /** The order in which frames name the leases. */
  public enum SlotOrder {
    SCATTERED,
    DENSE
  }

  /** A registry with its fleet, and the frames that renew all of it. */
  @State(Scope.Benchmark)
  public static class Frames {
    /** One frame, and 62 of them: about a million leases. */
    @Param({"1", "62"})
    public int frames;

    @Param
    public SlotOrder order = SlotOrder.SCATTERED;

    private final Clock clock = Clock.startingAtZero();
    private final RenewedSlots recorder = new RenewedSlots();
    private RenewalsEndpoint endpoint = endpointOf(new BenchmarkFleet(1).systole(clock));
    private Request[] requests = {};
    private int next;

    /** Registers the fleet, replaces half of it, and encodes the frames. */
    @Setup
    public void encode() {
      BenchmarkFleet fleet = new BenchmarkFleet(frames * RenewalFrame.RENEWALS_MAX);
      Registry registry = fleet.systole(clock);
      replaceHalf(fleet, registry);
      long[] keys = IntStream.range(0, fleet.size())
          .mapToLong(i -> handle(registry, fleet, i).key())
          .toArray();
      // By slot: the lower half of a key.
      long[] bySlot = Arrays.stream(keys)
          .boxed()
          .sorted((a, b) -> Integer.compare(a.intValue(), b.intValue()))
          .mapToLong(Long::longValue)
          .toArray();
      requests = IntStream.range(0, frames)
          .mapToObj(frame -> request(registry, keysOf(frame, bySlot)))
          .toArray(Request[]::new);
      endpoint = endpointOf(registry);
      System.gc();
    }

    private RenewalsEndpoint endpointOf(Registry registry) {
      return new RenewalsEndpoint(registry.handles(), clock, () -> recorder);
    }

    private static void replaceHalf(BenchmarkFleet fleet, Registry registry) {
      List<Integer> replaced =
          IntStream.range(0, fleet.size() / 2).boxed().collect(Collectors.toList());
      Collections.shuffle(replaced, new Random(SEED));
      replaced.forEach(i -> registry.cancel(fleet.document(2 * i).key(), Origin.CLIENT));
      Collections.shuffle(replaced, new Random(SEED + 1));
      replaced.forEach(i -> registry.register(fleet.document(2 * i), Origin.CLIENT));
    }

    private static LeaseHandle handle(Registry registry, BenchmarkFleet fleet, int i) {
      LookupKey key = LookupKey.of(fleet.document(i).key());
      return Objects.requireNonNull(registry.handles().find(key, BenchmarkFleet.DIRTY_MS));
    }

    private long[] keysOf(int frame, long[] bySlot) {
      int size = RenewalFrame.RENEWALS_MAX;
      return IntStream.range(0, size)
          .mapToLong(i -> bySlot[order == SlotOrder.DENSE ? frame * size + i : i * frames + frame])
          .sorted()
          .toArray();
    }

    private static Request request(Registry registry, long[] keys) {
      byte[] body = RenewalFrameEncoder.encode(registry.handles().epoch(), keys, keys.length);
      return new Request(HttpMethod.POST, Map.of(), QueryParameters.EMPTY, Map.of()).withBody(body);
    }

    private Request next() {
      next = next + 1 < requests.length ? next + 1 : 0;
      return requests[next];
    }
  }

  /** Measures a renewal in a frame. */
  @Benchmark
  @OperationsPerInvocation(RenewalFrame.RENEWALS_MAX)
  public Response frame(Frames frames) {
    Response response = frames.endpoint.handle(frames.next());
    if (!response.isBare() || response.status() != 200) {
      throw new IllegalStateException("status " + response.status());
    }
    return response;
  }
}
