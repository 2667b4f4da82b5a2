// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import io.systole.benchmarks.servers.LoadTestProcess;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerMeter;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import io.systole.protocol.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** The measurements of one server: runs of the load test with and without readers. */
final class ReaderLoadRun {
  /*
   *   load test:     register | warm up: delta retention, then settle | measure |
   *   readers:                                     start ->|                    |<- stop
   *   slow readers:                                                start ->|           |<- stop
   *
   * The fleet stays registered between the runs. Each run registers it again, which makes every
   * instance a change; readers start when the delta no longer contains those changes.
   */
  private static final DataSet CHANGING = new DataSet(100, 1);
  private static final double BYTES_PER_MB = 1e6;
  private static final long NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  /**
   * Memory and connections of the server at one time of a run with slow readers.
   *
   * @param secs since the start of the measurement
   */
  record ResourceSample(double secs, double residentMb, long connections) {}

  /**
   * The result of a run with slow readers.
   *
   * @param heapMb live heap before the readers connect, while they are connected, and after
   * @param responseMb size of the body that each of them requests
   */
  record SlowResult(
      LoadTestProcess.Result beats,
      double responseMb,
      Map<String, Double> heapMb,
      List<ResourceSample> samples,
      JsonNode readers) {}

  private final Path root;
  private final Path directory;
  private final RunningServer server;
  private final ServerUnderTest candidate;
  private final LaunchOptions launchOptions;
  private final ReaderLoadOptions options;
  private final ServerMeter meter;

  ReaderLoadRun(
      Path root,
      Path directory,
      RunningServer server,
      ServerUnderTest candidate,
      LaunchOptions launchOptions,
      ReaderLoadOptions options)
      throws IOException {
    this.root = root;
    this.directory = directory;
    this.server = server;
    this.candidate = candidate;
    this.launchOptions = launchOptions;
    this.options = options;
    this.meter = new ServerMeter(server.pid());
  }

  /** Measures the heartbeats alone. */
  LoadTestProcess.Result alone() throws IOException, InterruptedException {
    try (LoadTestProcess beats = beats(options.durationSecs())) {
      return beats.end();
    }
  }

  /** The result of a run with readers of deltas. */
  record WithReaders(LoadTestProcess.Result beats, long changes, JsonNode readers) {}

  /** Measures heartbeats concurrently with readers of deltas, while instances change. */
  WithReaders besideReaders() throws IOException, InterruptedException {
    int port = server.port();
    String prefix = candidate.prefix();
    try (LoadTestProcess beats = beats(options.durationSecs())) {
      beats.await(LoadTestProcess.WARMING_UP);
      Thread.sleep(candidate.deltaExpiryMs(launchOptions));
      try (InstanceMutator mutator =
              InstanceMutator.start(port, prefix, CHANGING, options.changeEveryMs());
          ReaderPoolProcess readers = ReaderPoolProcess.deltas(
              port, prefix, options.readers(), directory.resolve("readers.log"))) {
        LoadTestProcess.Result result = beats.end();
        return new WithReaders(result, mutator.changes(), readers.end());
      }
    }
  }

  /** Measures heartbeats concurrently with slow readers of the full registry. */
  SlowResult besideSlowReaders() throws IOException, InterruptedException {
    int port = server.port();
    double responseMb = fetchAll() / BYTES_PER_MB;
    Map<String, Double> heapMb = new LinkedHashMap<>();
    heapMb.put("before", meter.liveBytes() / BYTES_PER_MB);
    try (LoadTestProcess beats = beats(options.slowSecs())) {
      beats.await(LoadTestProcess.MEASURING);
      long connectionsBefore = TcpSockets.establishedCount(port);
      try (ReaderPoolProcess readers = ReaderPoolProcess.slow(
          port,
          candidate.prefix(),
          options.slowReaders(),
          options.slowBytesPerSec(),
          directory.resolve("slow-readers.log"))) {
        List<ResourceSample> samples = sampleResources(port, connectionsBefore);
        LoadTestProcess.Result result = beats.end();
        heapMb.put("during", meter.liveBytes() / BYTES_PER_MB);
        JsonNode readerStats = readers.end();
        heapMb.put("after", meter.liveBytes() / BYTES_PER_MB);
        return new SlowResult(result, responseMb, heapMb, samples, readerStats);
      }
    }
  }

  /** Samples the server once a second while the heartbeats are measured. */
  private List<ResourceSample> sampleResources(int port, long connectionsBefore)
      throws IOException, InterruptedException {
    List<ResourceSample> samples = new ArrayList<>();
    long startNs = System.nanoTime();
    for (long second = 0; second < options.slowSecs(); second++) {
      double secs = (double) (System.nanoTime() - startNs) / NS_PER_SEC;
      double residentMb = meter.residentBytes() / BYTES_PER_MB;
      samples.add(new ResourceSample(
          secs, residentMb, TcpSockets.establishedCount(port) - connectionsBefore));
      long leftNs = startNs + (second + 1) * NS_PER_SEC - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(leftNs);
    }
    return samples;
  }

  /**
   * Fetches the full registry once, so that its cached representation is part of every heap size.
   */
  private long fetchAll() throws IOException {
    byte[] request = ("GET " + candidate.prefix() + "/apps HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/json\r\nAccept-Encoding: identity\r\n\r\n")
        .getBytes(US_ASCII);
    long[] bytes = {0};
    try (BlockingHttpConnection connection = new BlockingHttpConnection(server.port())) {
      connection.send(request, 0, request.length);
      connection.receive(HttpMethod.GET, (array, start, length) -> bytes[0] += length);
    }
    return bytes[0];
  }

  private LoadTestProcess beats(int durationSecs) throws IOException {
    long deltaExpirySecs = 1 + candidate.deltaExpiryMs(launchOptions) / 1_000;
    double intervalSecs = (double) options.instances() / options.beatsPerSec();
    return LoadTestProcess.start(
        root,
        directory.resolve("beats.json"),
        List.of(
            "run",
            "--target=http://127.0.0.1:" + server.port() + candidate.prefix(),
            "--instances=" + options.instances(),
            "--interval=" + intervalSecs,
            "--connections=" + options.connections(),
            "--in-flight=" + options.inFlight(),
            "--warmup=" + (deltaExpirySecs + options.settleSecs()),
            "--duration=" + durationSecs,
            "--pid=" + server.pid(),
            "--keep"));
  }
}
