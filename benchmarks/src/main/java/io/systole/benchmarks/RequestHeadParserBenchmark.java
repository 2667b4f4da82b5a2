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
import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHead;
import io.systole.protocol.http.RequestHeadParser;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * Question: what does it cost to parse a request head? Held fixed: the heads back to back, 16 per
 * read; one connection, so one parser. Systole is measured with the remembered header block of the
 * connection (a hit: every head but the first) and without it (a miss: the first head of a
 * connection, or a client that changes its header fields). Netty's decoder creates objects for what
 * it parses.
 *
 * <p>The code would change if a hit cost more than a third of a miss with the header fields of a
 * real client, since then remembering the block is not worth its code, or if a miss cost as much as
 * Netty's decoder.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RequestHeadParserBenchmark {
  private static final int BURST = 16;

  @Param
  public @Nullable HeartbeatHeaders headers;

  private PipelinedHeartbeats stream =
      PipelinedHeartbeats.ofHeads(new BenchmarkFleet(1), HeartbeatHeaders.LEAN);
  private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  private int burst;

  private final RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
  private final Heads heads = new Heads();
  private final EmbeddedChannel netty = new EmbeddedChannel(new HttpRequestDecoder(), heads);

  /** Encodes the heads. */
  @Setup
  public void encode() {
    stream = PipelinedHeartbeats.ofHeads(
        new BenchmarkFleet(100), headers == null ? HeartbeatHeaders.LEAN : headers);
    buffer = Unpooled.wrappedBuffer(stream.bytes());
  }

  /** Measures Systole with the header block of the previous head. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int systoleHit() throws HttpParseException {
    return parse(false);
  }

  /** Measures Systole with every head the first of its connection. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public int systoleMiss() throws HttpParseException {
    return parse(true);
  }

  private int parse(boolean resetsParser) throws HttpParseException {
    byte[] bytes = stream.bytes();
    int from = nextBurst();
    int at = stream.start(from);
    int end = stream.start(from + BURST);
    int read = 0;
    while (at < end) {
      if (resetsParser) {
        parser.reset();
      }
      at = parser.parse(bytes, at, end);
      RequestHead head = parser.head();
      read += head.pathEnd() + head.queryEnd();
    }
    return read;
  }

  /** Measures Netty's decoder. */
  @Benchmark
  @OperationsPerInvocation(BURST)
  public void netty(Blackhole blackhole) {
    int from = nextBurst();
    int at = stream.start(from);
    heads.blackhole = blackhole;
    netty.pipeline().fireChannelRead(buffer.retainedSlice(at, stream.start(from + BURST) - at));
  }

  private int nextBurst() {
    burst = burst + 1 < stream.burstCount(BURST) ? burst + 1 : 0;
    return burst * BURST;
  }

  private static final class Heads extends ChannelInboundHandlerAdapter {
    private @Nullable Blackhole blackhole;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (blackhole != null && message instanceof HttpRequest request) {
        blackhole.consume(request.method());
        blackhole.consume(request.uri());
      }
      ReferenceCountUtil.release(message);
    }
  }
}
