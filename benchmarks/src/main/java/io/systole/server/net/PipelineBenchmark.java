// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.systole.benchmarks.BenchmarkFleet;
import io.systole.benchmarks.ForkFlags;
import io.systole.benchmarks.HeartbeatHeaders;
import io.systole.benchmarks.PipelinedHeartbeats;
import io.systole.benchmarks.baseline.CodecBaselineServer;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.endpoint.DocumentResponses;
import io.systole.server.endpoint.RenewEndpoint;
import io.systole.server.metrics.Counters;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Router;
import io.systole.server.route.SourceAddress;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does one read of a connection cost in a whole server, from the bytes that Netty
 * passes in to the bytes that it writes, excluding the kernel? Held fixed: 10,000 instances; their
 * complete request heads back to back in shuffled order, with the header fields of one client; one
 * connection on an embedded channel that discards its writes. The score is per read, not per
 * request: the difference between 1, 16 and 64 requests gives the fixed cost of a read and a flush.
 * The baseline flushes once per read, which is its faster setting.
 *
 * <p>The code would change if the fixed cost of a read exceeded that of a few heartbeats, or if a
 * read allocated more than one buffer.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PipelineBenchmark {
  private static final BenchmarkFleet FLEET = new BenchmarkFleet(10_000);

  /** The input, one read of heartbeats at a time. */
  @State(Scope.Thread)
  public static class Reads {
    @Param({"1", "16", "64"})
    public int requestsPerRead;

    @Param("LEAN")
    public HeartbeatHeaders headers = HeartbeatHeaders.LEAN;

    private PipelinedHeartbeats stream =
        PipelinedHeartbeats.ofHeads(new BenchmarkFleet(1), HeartbeatHeaders.LEAN);
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private int read;

    /** Encodes the heads. */
    @Setup
    public void encode() {
      stream = PipelinedHeartbeats.ofHeads(FLEET, headers);
      buffer = Unpooled.directBuffer(stream.bytes().length).writeBytes(stream.bytes());
    }

    ByteBuf next() {
      read = read + 1 < stream.burstCount(requestsPerRead) ? read + 1 : 0;
      int at = stream.start(read * requestsPerRead);
      int end = stream.start((read + 1) * requestsPerRead);
      return buffer.retainedSlice(at, end - at);
    }
  }

  /** The Systole pipeline with its registry. */
  @State(Scope.Thread)
  public static class Systole {
    private final NetSettings settings = ConfigParser.defaults().net();
    private final WorkerPool workers = new WorkerPool(1, 1);
    private final DiscardingChannel channel = new DiscardingChannel();

    /** Registers the fleet and opens the connection. */
    @Setup
    public void open() {
      Clock clock = Clock.startingAtZero();
      Counters counters = new Counters();
      Registry registry = FLEET.systole(clock);
      // Heartbeats do not read documents; these are empty.
      DocumentResponses documents = new DocumentResponses();
      RenewEndpoint renew = new RenewEndpoint(
          registry, documents, clock, () -> RenewedSlots.NONE, () -> RenewedSlots.NONE);
      LoopContext loop = new LoopContext(
          channel.eventLoop(),
          clock,
          renew.newHandler(RenewedSlots.NONE),
          workers::queued,
          settings::credentialRateMax);
      AccessPolicy access = new AccessPolicy(settings.allowedHosts(), settings.allowedPeers());
      RequestDispatcher dispatcher = new RequestDispatcher(
          new HeartbeatMatcher(ConfigParser.defaults().basePaths()),
          Router.builder().build(),
          workers,
          Quotas.of(settings),
          () -> access,
          counters,
          null);
      channel
          .pipeline()
          .addLast(new HttpHandler(
              channel, SourceAddress.UNKNOWN, loop, dispatcher, settings, counters));
    }

    /** Requires a 200 as the last response. */
    @TearDown(Level.Iteration)
    public void check() {
      channel.requireOk();
    }
  }

  /** The baseline pipeline with its registry. */
  @State(Scope.Thread)
  public static class CodecBaseline {
    private final DiscardingChannel channel = new DiscardingChannel();

    /** Registers the fleet and opens the connection. */
    @Setup
    public void open() {
      new CodecBaselineServer(FLEET.baseline(), CodecBaselineServer.FlushPolicy.READ)
          .addTo(channel.pipeline());
    }

    /** Requires a 200 as the last response. */
    @TearDown(Level.Iteration)
    public void check() {
      channel.requireOk();
    }
  }

  /** Measures Systole. */
  @Benchmark
  public long systole(Reads reads, Systole ours) {
    return ours.channel.receive(reads.next());
  }

  /** Measures the baseline. */
  @Benchmark
  public long baseline(Reads reads, CodecBaseline theirs) {
    return theirs.channel.receive(reads.next());
  }
}
