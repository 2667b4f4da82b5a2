// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.BlockingHttpConnection;
import io.systole.benchmarks.readcost.DataSet;
import io.systole.benchmarks.servers.LaunchOptions;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerMeter;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.protocol.http.HttpMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** What one server is put through; each step is a run of the load test with or without readers. */
final class ReaderLoadRun {
  /*
   *   load test:  register | warm up for as long as deltas remember, and a while | measure
   *   readers:                                                    let loose ->| until the end
   *   slow ones:                                                        let loose ->| beyond the end
   *
   * The fleet stays registered between the runs. Registering it anew makes every instance a change;
   * readers wait until deltas have forgotten that.
   */
  private static final DataSet CHANGING = new DataSet(100, 1);
  private static final double BYTES_PER_MB = 1e6;
  private static final long NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  /** One moment of a run with slow readers. */
  record Moment(double secs, double residentMb, long connections) {}

  /**
   * A run with slow readers.
   *
   * @param heapMb live, by moment: before, while they still hang on, after they left
   * @param responseMb the body that each of them asked for
   */
  record SlowFound(
      HeartbeatLoad.Result beats,
      double responseMb,
      Map<String, Double> heapMb,
      List<Moment> moments,
      JsonNode readers) {}

  private final Path root;
  private final Path directory;
  private final RunningServer server;
  private final ServerUnderTest candidate;
  private final LaunchOptions terms;
  private final ReaderLoadOptions options;
  private final ServerMeter meter;

  ReaderLoadRun(
      Path root,
      Path directory,
      RunningServer server,
      ServerUnderTest candidate,
      LaunchOptions terms,
      ReaderLoadOptions options)
      throws IOException {
    this.root = root;
    this.directory = directory;
    this.server = server;
    this.candidate = candidate;
    this.terms = terms;
    this.options = options;
    this.meter = new ServerMeter(server.pid());
  }

  /** The heartbeats alone. */
  HeartbeatLoad.Result alone() throws IOException, InterruptedException {
    try (HeartbeatLoad beats = beats(options.durationSecs())) {
      return beats.end();
    }
  }

  /** What the heartbeats and the readers found; the second says how often it changed as well. */
  record WithReaders(HeartbeatLoad.Result beats, long changes, JsonNode readers) {}

  /** The heartbeats beside readers of deltas, while something changes all the time. */
  WithReaders besideReaders() throws IOException, InterruptedException {
    int port = server.port();
    String prefix = candidate.prefix();
    try (HeartbeatLoad beats = beats(options.durationSecs())) {
      beats.await(HeartbeatLoad.WARMING_UP);
      Thread.sleep(candidate.deltaForgetsMs(terms));
      try (InstanceMutator changer =
              InstanceMutator.start(port, prefix, CHANGING, options.changeEveryMs());
          ReaderPoolProcess readers = ReaderPoolProcess.deltas(
              port, prefix, options.readers(), directory.resolve("swarm.log"))) {
        HeartbeatLoad.Result found = beats.end();
        return new WithReaders(found, changer.changes(), readers.end());
      }
    }
  }

  /** The heartbeats beside readers that ask for everything and hardly read it. */
  SlowFound besideSlowReaders() throws IOException, InterruptedException {
    int port = server.port();
    double responseMb = fetchAll() / BYTES_PER_MB;
    Map<String, Double> heapMb = new LinkedHashMap<>();
    heapMb.put("before", meter.liveBytes() / BYTES_PER_MB);
    try (HeartbeatLoad beats = beats(options.slowSecs())) {
      beats.await(HeartbeatLoad.MEASURING);
      long heldBefore = TcpSockets.held(port);
      try (ReaderPoolProcess readers = ReaderPoolProcess.slow(
          port,
          candidate.prefix(),
          options.slowReaders(),
          options.slowBytesPerSec(),
          directory.resolve("slow.log"))) {
        List<Moment> moments = watch(port, heldBefore);
        HeartbeatLoad.Result found = beats.end();
        heapMb.put("beside", meter.liveBytes() / BYTES_PER_MB);
        JsonNode seen = readers.end();
        heapMb.put("after", meter.liveBytes() / BYTES_PER_MB);
        return new SlowFound(found, responseMb, heapMb, moments, seen);
      }
    }
  }

  /** Once a second while the heartbeats are measured. */
  private List<Moment> watch(int port, long heldBefore) throws IOException, InterruptedException {
    List<Moment> moments = new ArrayList<>();
    long startNs = System.nanoTime();
    for (long second = 0; second < options.slowSecs(); second++) {
      double secs = (double) (System.nanoTime() - startNs) / NS_PER_SEC;
      double residentMb = meter.residentBytes() / BYTES_PER_MB;
      moments.add(new Moment(secs, residentMb, TcpSockets.held(port) - heldBefore));
      long leftNs = startNs + (second + 1) * NS_PER_SEC - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(leftNs);
    }
    return moments;
  }

  /** Fetches everything once, so that what a server holds for that is no part of the difference. */
  private long fetchAll() throws IOException {
    byte[] request = ("GET " + candidate.prefix() + "/apps HTTP/1.1\r\nHost: localhost\r\n"
            + "Accept: application/json\r\nAccept-Encoding: identity\r\n\r\n")
        .getBytes(US_ASCII);
    long[] bytes = {0};
    try (BlockingHttpConnection wire = new BlockingHttpConnection(server.port())) {
      wire.send(request, 0, request.length);
      wire.receive(HttpMethod.GET, (array, start, length) -> bytes[0] += length);
    }
    return bytes[0];
  }

  private HeartbeatLoad beats(int durationSecs) throws IOException {
    long forgetsSecs = 1 + candidate.deltaForgetsMs(terms) / 1_000;
    double intervalSecs = (double) options.instances() / options.beatsPerSec();
    return HeartbeatLoad.start(
        root,
        directory.resolve("beats.json"),
        List.of(
            "--target=http://127.0.0.1:" + server.port() + candidate.prefix(),
            "--instances=" + options.instances(),
            "--interval=" + intervalSecs,
            "--connections=" + options.connections(),
            "--in-flight=" + options.inFlight(),
            "--warmup=" + (forgetsSecs + options.settleSecs()),
            "--duration=" + durationSecs,
            "--pid=" + server.pid(),
            "--keep"));
  }
}
