// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.server.cluster.message.BeatEncoder;
import io.systole.server.cluster.message.MalformedMessageException;
import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.MessageDecoder;
import io.systole.server.cluster.message.MessageVersion;
import io.systole.server.cluster.message.UnsupportedVersionException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
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
 * Question: what does a renewal cost in the messages between members, to encode and to decode? Held
 * fixed: 16,000 renewals of leases of one owner, at random among 1,000,000 leases, which are those
 * of a window of half a second at an interval of 30 s, or among 32,000; version 1 has gaps only,
 * version 2 a bitmap for the second case. {@code words} lists the numbers without any message: the
 * baseline. The score is per renewal.
 *
 * <p>The code would change if {@code decode} took more than 10 ns, a tenth of what a replicated
 * renewal may cost its receiver, or if it allocated per renewal ({@code -prof gc}).
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms1g", "-Xmx1g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class BeatCodecBenchmark {
  private static final int RENEWALS = 16_000;
  private static final long OWNER = 0x0123456789abcdefL;
  private static final long SEED = 20_261_122;

  /** The renewals of a window, and their messages. */
  @State(Scope.Thread)
  public static class Window {
    @Param({"32000", "1000000"})
    public int leases;

    @Param({"1", "2"})
    public int version;

    private final int[] buffer = new int[4096];
    private final List<byte[]> messages = new ArrayList<>();
    private final BeatEncoder encoder = new BeatEncoder(messages::add);
    private final MessageDecoder decoder = new MessageDecoder(MessageVersion.CURRENT);
    private long[] words = {};
    private long sum;

    /** Chooses the leases and encodes their renewals. */
    @Setup
    public void create() {
      Random random = new Random(SEED);
      BitSet renewed = new BitSet();
      while (renewed.cardinality() < RENEWALS) {
        renewed.set(random.nextInt(leases));
      }
      words = renewed.toLongArray();
      encode();
    }

    private List<byte[]> encode() {
      messages.clear();
      encoder.begin(version, 1);
      encoder.add(OWNER, false, words, words.length);
      encoder.end();
      return messages;
    }

    private long decode() throws MalformedMessageException, UnsupportedVersionException {
      sum = 0;
      for (byte[] message : messages) {
        Beat beat = (Beat) decoder.decode(message, 0, message.length);
        beat.numbers().forEach(buffer, (owner, isByPeers, numbers, count) -> {
          for (int i = 0; i < count; i++) {
            sum += numbers[i];
          }
        });
      }
      return sum;
    }
  }

  /** Lists the numbers of the renewals. */
  @Benchmark
  @OperationsPerInvocation(RENEWALS)
  public void words(Window window, Blackhole sink) {
    int count = 0;
    for (int i = 0; i < window.words.length; i++) {
      for (long bits = window.words[i]; bits != 0; bits &= bits - 1) {
        window.buffer[count++ & 4095] = Long.SIZE * i + Long.numberOfTrailingZeros(bits);
      }
    }
    sink.consume(window.buffer);
  }

  /** Encodes a window. */
  @Benchmark
  @OperationsPerInvocation(RENEWALS)
  public List<byte[]> encode(Window window) {
    return window.encode();
  }

  /** Decodes the messages of a window and adds up the numbers. */
  @Benchmark
  @OperationsPerInvocation(RENEWALS)
  public long decode(Window window) throws MalformedMessageException, UnsupportedVersionException {
    return window.decode();
  }
}
