// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.ReplicationBatchEndpoint;
import io.systole.server.endpoint.RequestBodyDecoder;
import io.systole.server.metrics.Counters;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
 * Question: what does a heartbeat cost that a peer replicates in a batch, from the bytes of the
 * body to those of the response? Held fixed: the fleet, 100 instances to an application; batches of
 * 250 heartbeats with the members and the order of stock peers, in shuffled order; every heartbeat
 * renews a lease. {@code decoded} receives the same batches with a space before the list, so that
 * every item is decoded by Jackson: the baseline. The score is per heartbeat.
 *
 * <p>The code would change if a batch took more than 100 µs, 400 ns a heartbeat, at any size: in a
 * cluster most heartbeats of a node come in batches, and a stock peer waits for only 200 ms. It
 * would also change if {@code decoded} came near, since then the scanner is not worth its code.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplicationBatchBenchmark {
  /** Items of a batch, at most as many as stock peers send. */
  private static final int ITEMS = 250;

  private static final int BODY_BYTES_MAX = 1 << 20;
  private static final long SEED = 20_261_122;

  /** The endpoint on a registry with the fleet, and the batches. */
  @State(Scope.Benchmark)
  public static class Receiver {
    @Param({"10000", "1000000"})
    public int leases;

    private final List<Request> plain = new ArrayList<>();
    private final List<Request> spaced = new ArrayList<>();
    private ReplicationBatchEndpoint endpoint = endpoint(new BenchmarkFleet(1));
    private int next;

    /** Registers the fleet and encodes the batches. */
    @Setup
    public void create() {
      BenchmarkFleet fleet = new BenchmarkFleet(leases);
      endpoint = endpoint(fleet);
      List<Integer> order = new ArrayList<>(IntStream.range(0, leases).boxed().toList());
      Collections.shuffle(order, new Random(SEED));
      for (int from = 0; from < leases; from += ITEMS) {
        int first = from;
        String items =
            itemsOf(fleet, IntStream.range(0, ITEMS).map(i -> order.get((first + i) % leases)));
        plain.add(batch("{\"replicationList\":[" + items + "]}"));
        spaced.add(batch("{\"replicationList\": [" + items + "]}"));
      }
      System.gc();
    }

    private static ReplicationBatchEndpoint endpoint(BenchmarkFleet fleet) {
      Clock clock = Clock.startingAtZero();
      return new ReplicationBatchEndpoint(
          fleet.systole(clock),
          new RequestBodyDecoder(BODY_BYTES_MAX),
          clock,
          new Counters(),
          () -> RenewedSlots.NONE,
          "run");
    }

    private static String itemsOf(BenchmarkFleet fleet, IntStream instances) {
      return instances
          .mapToObj(i -> "{\"appName\":\"" + fleet.app(i) + "\",\"id\":\"" + fleet.id(i)
              + "\",\"lastDirtyTimestamp\":" + BenchmarkFleet.DIRTY_MS
              + ",\"status\":\"UP\",\"action\":\"Heartbeat\"}")
          .collect(Collectors.joining(","));
    }

    private static Request batch(String body) {
      Map<String, String> headers = Map.of("content-type", "application/json");
      return new Request(HttpMethod.POST, Map.of(), QueryParameters.EMPTY, headers)
          .withBody(body.getBytes(US_ASCII));
    }

    Response receive(List<Request> batches) {
      next = next + 1 < batches.size() ? next + 1 : 0;
      return endpoint.handle(batches.get(next));
    }
  }

  /** Applies a batch as peers send it. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public Response systole(Receiver receiver) {
    return receiver.receive(receiver.plain);
  }

  /** Applies a batch whose items are all decoded. */
  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public Response decoded(Receiver receiver) {
    return receiver.receive(receiver.spaced);
  }
}
