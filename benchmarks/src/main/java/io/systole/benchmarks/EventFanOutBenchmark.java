// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.events.EventStreams;
import io.systole.server.events.StreamFilter;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to deliver one change to all event streams, excluding sockets? Held
 * fixed: 1,000 registered instances; one of them is registered again with a document of 960 bytes,
 * and each stream reads the event into one buffer. The score is per change, for all streams.
 * {@code encodeForEach} encodes the document once per stream instead, as streams that share nothing
 * would.
 *
 * <p>The code would change if a further stream cost much more than the copy of its bytes: then
 * events are not shared by streams.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", ForkFlags.PRE_TOUCH})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventFanOutBenchmark {
  private static final int INSTANCES = 1_000;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Open event streams, all read to their ends. */
  @State(org.openjdk.jmh.annotations.Scope.Thread)
  public static class Streams {
    @Param({"1", "100", "10000"})
    public int streams;

    private final Clock clock = Clock.startingAtZero();
    private final RegistryDocuments documents = new RegistryDocuments(INSTANCES);
    private final Registry registry = new Registry(ConfigParser.defaults().registry(), clock);
    private final ResponseCache responseCache = new ResponseCache(registry, clock);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final JsonCodec codec = new JsonCodec();
    private final List<InstanceInfo> changed = new ArrayList<>(INSTANCES);
    private final List<BodySource> open = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int next;

    /** Registers the instances and opens the streams. */
    @Setup
    public void open() throws MalformedDocumentException {
      for (int i = 0; i < INSTANCES; i++) {
        registry.register(documents.instance(i, 0), Origin.CLIENT);
        changed.add(documents.instance(i, i + 1));
      }
      EventStreams events = new EventStreams(
          responseCache, registry.changes(), clock, ConfigParser.defaults().events(), timer);
      for (int i = 0; i < streams; i++) {
        open.add(open(events));
      }
    }

    private BodySource open(EventStreams events) {
      CompletableFuture<ResponseBody> response = new CompletableFuture<>();
      events.begin(
          new StreamFilter(CacheScope.FULL, ""),
          response::complete,
          response::completeExceptionally);
      BodySource stream = ((ResponseBody.Streaming) response.join()).sources().apply(() -> {});
      while (stream.read(buffer, 0, buffer.length) > 0) {
        // The snapshot is not measured.
      }
      return stream;
    }

    InstanceInfo change() {
      next = next + 1 < INSTANCES ? next + 1 : 0;
      InstanceInfo document = changed.get(next);
      registry.register(document, Origin.CLIENT);
      return document;
    }

    /** Closes the streams and stops the threads. */
    @TearDown
    public void close() {
      open.forEach(BodySource::close);
      timer.shutdownNow();
      responseCache.close();
    }
  }

  /** Measures one change, read by every stream. */
  @Benchmark
  public long systole(Streams streams) {
    streams.change();
    long bytes = 0;
    for (BodySource stream : streams.open) {
      int count = stream.read(streams.buffer, 0, BUFFER_BYTES);
      if (count <= 0) {
        throw new IllegalStateException("a stream returned " + count + " bytes for a change");
      }
      bytes += count;
    }
    return bytes;
  }

  /** Measures one change, encoded for every stream. */
  @Benchmark
  public long encodeForEach(Streams streams) {
    InstanceInfo document = streams.change();
    long bytes = 0;
    for (int i = 0; i < streams.streams; i++) {
      byte[] encoded = streams.codec.encodeInstance(document, Form.FULL);
      System.arraycopy(encoded, 0, streams.buffer, 0, encoded.length);
      bytes += encoded.length;
    }
    return bytes;
  }
}
