// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import io.systole.benchmarks.baseline.DecodedTarget;
import io.systole.benchmarks.baseline.NestedMapRegistry;
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.DocumentResponses;
import io.systole.server.endpoint.RenewEndpoint;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.route.RepeatedHeartbeatMatcher;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Question: what does a heartbeat cost from its first byte to its outcome, excluding sockets and
 * responses? Held fixed: the fleet, 100 instances to an application; complete request heads back to
 * back in shuffled order, with the header fields of one client; one thread; 16 heads per read, or
 * as many as {@code -p burst=1,16,64} specifies. Systole runs parser, matcher, endpoint and
 * registry as on the event loop; the baseline runs Netty's decoder, strings and nested maps. With
 * {@code -p peers=2} Systole also records each renewal, and another thread takes the records as a
 * node with two peers does.
 *
 * <p>The code would change if Systole allocated a single byte, if the path cost noticeably more
 * than {@code RenewBenchmark} and {@code RequestHeadParserBenchmark} together, as then the layers
 * between parser and registry are too expensive, or if two peers made it more than 10 % slower.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms6g", "-Xmx6g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class HeartbeatPathBenchmark {
  /** The number of heartbeats of an invocation, a multiple of that of a read. */
  private static final int BEATS = 64;

  /** The request heads. */
  @State(Scope.Thread)
  public static class Heartbeats {
    @Param({"10", "10000", "1000000"})
    public int leases;

    @Param("LEAN")
    public HeartbeatHeaders headers = HeartbeatHeaders.LEAN;

    /** For Systole only: its renewals are recorded for so many peers. */
    @Param("0")
    public int peers;

    /** The heartbeats of one read; divides 64. */
    @Param("16")
    public int burst;

    private PipelinedHeartbeats stream = PipelinedHeartbeats.ofTargets(new BenchmarkFleet(1));
    private int invocation;

    /** Encodes the heads. */
    @Setup
    public void encode() {
      stream = PipelinedHeartbeats.ofHeads(fleet(), headers);
    }

    BenchmarkFleet fleet() {
      return new BenchmarkFleet(leases);
    }

    /** Returns the number of the first heartbeat of the next invocation. */
    int next() {
      invocation = invocation + 1 < stream.burstCount(BEATS) ? invocation + 1 : 0;
      return invocation * BEATS;
    }
  }

  /** The classes of the heartbeat path. */
  @State(Scope.Thread)
  public static class Systole {
    private final Clock clock = Clock.startingAtZero();
    private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    private final HeartbeatMatcher matcher =
        new HeartbeatMatcher(List.of("/eureka/v2", "/eureka", "/v2"));
    private final HeartbeatRequest target = new HeartbeatRequest();
    private final RepeatedHeartbeatMatcher repeatedMatcher =
        new RepeatedHeartbeatMatcher(matcher, parser, target);
    private RenewalDrain drain = new RenewalDrain(new BenchmarkFleet(1).systole(clock), 0);
    private HeartbeatHandler handler = newHandler(new BenchmarkFleet(1).systole(clock));

    private HeartbeatHandler newHandler(Registry registry) {
      // Heartbeats do not read documents; these are empty.
      DocumentResponses documents = new DocumentResponses();
      return new RenewEndpoint(registry, documents, clock, drain::recorder, () -> RenewedSlots.NONE)
          .newHandler(drain.recorder());
    }

    /** Registers the fleet. */
    @Setup
    public void register(Heartbeats beats) {
      Registry registry = beats.fleet().systole(clock);
      drain = new RenewalDrain(registry, beats.peers);
      drain.start();
      handler = newHandler(registry);
      System.gc();
    }

    /** Renews the leases of one read; returns the number of responses with status 200. */
    private int renew(PipelinedHeartbeats stream, int from, int to) throws HttpParseException {
      int at = stream.start(from);
      int end = stream.start(to);
      while (at < end) {
        int headEnd = repeatedMatcher.match(stream.bytes(), at, end);
        at = headEnd == RepeatedHeartbeatMatcher.NONE ? parse(stream.bytes(), at, end) : headEnd;
        handler.add(target);
      }
      handler.renew(clock.monotonicNs());
      int renewed = 0;
      for (int i = 0; i < to - from; i++) {
        renewed += requireRenewed(handler.status(i) == 200) ? 1 : 0;
      }
      return renewed;
    }

    private int parse(byte[] bytes, int at, int end) throws HttpParseException {
      int headEnd = parser.parse(bytes, at, end);
      if (!matcher.matches(parser.head(), target)) {
        throw new IllegalStateException("a heartbeat was not matched");
      }
      repeatedMatcher.expect(true);
      return headEnd;
    }

    /** Verifies that renewals were recorded if there are peers. */
    @TearDown
    public void stop(Heartbeats beats) {
      drain.close();
      if (beats.peers > 0 && drain.leasesRead() == 0) {
        throw new IllegalStateException("no renewal was recorded for the peers");
      }
    }
  }

  /** Netty's decoder with the baseline registry. */
  @State(Scope.Thread)
  public static class CodecBaseline {
    private final Renewals renewals = new Renewals();
    private final EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestDecoder(), renewals);
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    /** Registers the fleet. */
    @Setup
    public void register(Heartbeats beats) {
      renewals.registry = beats.fleet().baseline();
      buffer = Unpooled.wrappedBuffer(beats.stream.bytes());
      System.gc();
    }
  }

  /** Measures Systole. */
  @Benchmark
  @OperationsPerInvocation(BEATS)
  public void systole(Heartbeats beats, Systole ours, Blackhole blackhole)
      throws HttpParseException {
    ours.drain.passOn();
    int first = beats.next();
    for (int from = first; from < first + BEATS; from += beats.burst) {
      blackhole.consume(ours.renew(beats.stream, from, from + beats.burst));
    }
  }

  /** Measures the baseline. */
  @Benchmark
  @OperationsPerInvocation(BEATS)
  public void baseline(Heartbeats beats, CodecBaseline theirs, Blackhole blackhole) {
    int first = beats.next();
    for (int from = first; from < first + BEATS; from += beats.burst) {
      int at = beats.stream.start(from);
      int length = beats.stream.start(from + beats.burst) - at;
      theirs.channel.pipeline().fireChannelRead(theirs.buffer.retainedSlice(at, length));
    }
    blackhole.consume(theirs.renewals.count);
  }

  private static boolean requireRenewed(boolean renewed) {
    if (!renewed) {
      throw new IllegalStateException("a heartbeat of a registered instance was refused");
    }
    return true;
  }

  private static final class Renewals extends ChannelInboundHandlerAdapter {
    private NestedMapRegistry registry = new NestedMapRegistry();
    private long count;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request) {
        DecodedTarget target = DecodedTarget.of(request.uri());
        requireRenewed(registry.renew(target.app(), target.id(), target.dirtyTimestampMs()));
        count++;
      }
      ReferenceCountUtil.release(message);
    }
  }
}
