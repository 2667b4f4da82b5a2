// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.DataSet;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.CachedRepresentation;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.responsecache.RepresentationCallback;
import io.systole.server.route.BodySource;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * Question: what does it cost from one change to the next answer that shows it, sockets aside? Held
 * fixed: documents of 960 bytes; each change registers anew one instance chosen at random, from
 * documents that were read before; the answer is JSON, compressed, assembled whole in memory, the
 * hand-over to the thread that makes it included; deltas tell the last hundred changes. The change
 * alone is the yardstick. The code would change if the full answer grew with the instances beyond
 * what copying its bytes costs, or the delta grew with them at all: then something is made anew
 * that has not changed.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms8g", "-Xmx8g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class ResponseCacheBenchmark {
  private static final int CHANGES = 4_096;

  /** As much as a socket is given at once. */
  private static final int SEGMENT_BYTES_MAX = 1 << 16;

  private static final int DELTA_CHANGES_MAX = 100;
  private static final long SEED = 20_261_121;

  /** A full registry, and documents to change it with. */
  @State(Scope.Thread)
  public static class Filled {
    @Param({"1000", "10000", "100000", "1000000"})
    public int instances;

    @Param({"100", "10000"})
    public int applications;

    private final Clock clock = Clock.system();
    private final List<InstanceInfo> changed = new ArrayList<>(CHANGES);
    private Registry registry = registry(1);
    private ResponseCache views = new ResponseCache(registry, clock);
    private byte[] assembled = {};
    private int next;

    /** Registers all instances. A size with fewer of them than applications has as many of both. */
    @Setup
    public void fill() throws MalformedDocumentException {
      DataSet population = new DataSet(instances, Math.min(applications, instances));
      views.close();
      registry = registry(instances);
      // Before the first change: views that have missed one can't be made.
      views = new ResponseCache(registry, clock);
      for (int index = 0; index < instances; index++) {
        registry.register(document(population, index, 0), Origin.CLIENT);
      }
      Random random = new Random(SEED);
      for (int change = 0; change < CHANGES; change++) {
        changed.add(document(population, random.nextInt(instances), change + 1));
      }
      response(CacheScope.FULL);
      System.gc();
    }

    private Registry registry(int size) {
      long retentionMs = TimeUnit.MINUTES.toMillis(3);
      return new Registry(new RegistrySettings(size, true, retentionMs, DELTA_CHANGES_MAX), clock);
    }

    private InstanceInfo document(DataSet population, int index, long change)
        throws MalformedDocumentException {
      byte[] bytes = population.document(index, change).getBytes(US_ASCII);
      return new JsonCodec().decodeInstance(bytes, 0, bytes.length, clock.wallMs());
    }

    void change() {
      registry.register(changed.get(next), Origin.CLIENT);
      next = next + 1 < CHANGES ? next + 1 : 0;
    }

    /** Ends the views' thread. */
    @TearDown
    public void close() {
      views.close();
    }

    /** Returns the answer's length; its bytes are in {@code assembled}. */
    int response(CacheScope extent) {
      CompletableFuture<CachedRepresentation> made = new CompletableFuture<>();
      views.request(CacheKey.of(extent, DocumentFormat.JSON, Form.FULL), new RepresentationCallback() {
        @Override
        public void completed(CachedRepresentation view) {
          made.complete(view);
        }

        @Override
        public void absent() {
          made.completeExceptionally(new IllegalStateException("no such answer"));
        }

        @Override
        public void failed(Throwable cause) {
          made.completeExceptionally(cause);
        }
      });
      return assemble(made.join());
    }

    private int assemble(CachedRepresentation view) {
      int length = Math.toIntExact(view.gzipLength());
      if (assembled.length < length) {
        assembled = new byte[length + length / 8];
      }
      int at = 0;
      try (BodySource pass = view.openGzip()) {
        while (at < length) {
          int count = pass.read(assembled, at, Math.min(SEGMENT_BYTES_MAX, length - at));
          if (count < 0) {
            throw new IllegalStateException("answer of " + length + " bytes ends after " + at);
          }
          at += count;
        }
      }
      return at;
    }
  }

  /** The change alone. */
  @Benchmark
  public void change(Filled filled) {
    filled.change();
  }

  /** And then everything. */
  @Benchmark
  public int changeThenFull(Filled filled) {
    filled.change();
    return filled.response(CacheScope.FULL);
  }

  /** And then what changed of late. */
  @Benchmark
  public int changeThenDelta(Filled filled) {
    filled.change();
    return filled.response(CacheScope.DELTA);
  }
}
