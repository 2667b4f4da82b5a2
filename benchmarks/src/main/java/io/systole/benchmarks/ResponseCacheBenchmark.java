// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.DataSet;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.CachedRepresentation;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.responsecache.RepresentationCallback;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.BodySource;
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
 * Question: what does one change cost up to the next response that includes it, excluding sockets?
 * Held fixed: documents of 960 bytes, decoded beforehand; each change registers a random instance
 * again; the response is compressed JSON, copied to memory in full, including the hand-over to the
 * encoding thread; deltas contain the last 100 changes. {@code change} is the change alone.
 *
 * <p>The code would change if the cost of a full response grew with the number of instances by more
 * than the copy of its bytes, or that of a delta grew with it at all: then unchanged data is
 * encoded again.
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

  /** Bytes passed to a socket at once. */
  private static final int SEGMENT_BYTES_MAX = 1 << 16;

  private static final int DELTA_CHANGES_MAX = 100;
  private static final long SEED = 20_261_121;

  /** A filled registry and documents to change it with. */
  @State(Scope.Thread)
  public static class Filled {
    @Param({"1000", "10000", "100000", "1000000"})
    public int instances;

    @Param({"100", "10000"})
    public int applications;

    private final Clock clock = Clock.startingAtZero();
    private final List<InstanceInfo> changed = new ArrayList<>(CHANGES);
    private Registry registry = registry(1);
    private ResponseCache responseCache = new ResponseCache(registry, clock);
    private byte[] assembled = {};
    private int next;

    /**
     * Registers all instances. If there are fewer instances than applications, each has a different
     * one.
     */
    @Setup
    public void fill() throws MalformedDocumentException {
      DataSet dataSet = new DataSet(instances, Math.min(applications, instances));
      responseCache.close();
      registry = registry(instances);
      // Before the first change: the cache has to receive all of them.
      responseCache = new ResponseCache(registry, clock);
      for (int index = 0; index < instances; index++) {
        registry.register(document(dataSet, index, 0), Origin.CLIENT);
      }
      Random random = new Random(SEED);
      for (int change = 0; change < CHANGES; change++) {
        changed.add(document(dataSet, random.nextInt(instances), change + 1));
      }
      response(CacheScope.FULL);
      System.gc();
    }

    private Registry registry(int size) {
      long retentionMs = TimeUnit.MINUTES.toMillis(3);
      return new Registry(new RegistrySettings(size, true, retentionMs, DELTA_CHANGES_MAX), clock);
    }

    private InstanceInfo document(DataSet dataSet, int index, long change)
        throws MalformedDocumentException {
      byte[] bytes = dataSet.document(index, change).getBytes(US_ASCII);
      return new JsonCodec().decodeInstance(bytes, 0, bytes.length, clock.wallMs());
    }

    void change() {
      registry.register(changed.get(next), Origin.CLIENT);
      next = next + 1 < CHANGES ? next + 1 : 0;
    }

    /** Stops the thread of the cache. */
    @TearDown
    public void close() {
      responseCache.close();
    }

    /** Copies the response to {@code assembled} and returns its length. */
    int response(CacheScope scope) {
      CompletableFuture<CachedRepresentation> representation = new CompletableFuture<>();
      responseCache.request(
          CacheKey.of(scope, DocumentFormat.JSON, Form.FULL), new RepresentationCallback() {
            @Override
            public void completed(CachedRepresentation encoded) {
              representation.complete(encoded);
            }

            @Override
            public void absent() {
              representation.completeExceptionally(new IllegalStateException("no representation"));
            }

            @Override
            public void failed(Throwable cause) {
              representation.completeExceptionally(cause);
            }
          });
      return assemble(representation.join());
    }

    private int assemble(CachedRepresentation encoded) {
      int length = Math.toIntExact(encoded.gzipLength());
      if (assembled.length < length) {
        assembled = new byte[length + length / 8];
      }
      int at = 0;
      try (BodySource source = encoded.openGzip()) {
        while (at < length) {
          int count = source.read(assembled, at, Math.min(SEGMENT_BYTES_MAX, length - at));
          if (count < 0) {
            throw new IllegalStateException("response of " + length + " bytes ends after " + at);
          }
          at += count;
        }
      }
      return at;
    }
  }

  /** Measures the change alone. */
  @Benchmark
  public void change(Filled filled) {
    filled.change();
  }

  /** Measures a change and the full registry. */
  @Benchmark
  public int changeThenFull(Filled filled) {
    filled.change();
    return filled.response(CacheScope.FULL);
  }

  /** Measures a change and the delta. */
  @Benchmark
  public int changeThenDelta(Filled filled) {
    filled.change();
    return filled.response(CacheScope.DELTA);
  }
}
