// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.benchmarks.readcost.ReadCostReport.ReadFigures;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerMeter;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The measurement of one server, from empty to filled and read. Not thread-safe. */
final class ReadCostRun {
  /*
   *   warm up registering -> cancel -> settle -> [heap empty]
   *     -> register all [CPU] -> settle -> [heap before any fetch]
   *     -> fetch all forms -> [heap after]
   *     -> warm up fetching -> change and fetch, compressed and not [CPU, time, bytes] -> [unchanged]
   *     -> settle -> change and fetch deltas [same]
   *
   * "Settle" waits until the delta no longer contains the many changes of a large registration.
   */
  private static final DataSet WARM_UP = new DataSet(1_000, 100);
  private static final double US_PER_MS = 1e3;
  private static final double BYTES_PER_MB = 1e6;
  private static final int DELTA_EXPIRY_SLACK_MS = 500;

  private final ServerUnderTest candidate;
  private final LaunchOptions launchOptions;
  private final DataSet dataSet;
  private final RunSize runSize;
  private final int port;
  private final ServerMeter meter;
  private final BulkRegistrar registrar;
  private final Consumer<String> progress;
  private final ReadFigures figures = new ReadFigures();

  ReadCostRun(
      RunningServer server,
      ServerUnderTest candidate,
      LaunchOptions launchOptions,
      DataSet dataSet,
      RunSize runSize,
      Consumer<String> progress)
      throws IOException {
    this.candidate = candidate;
    this.launchOptions = launchOptions;
    this.dataSet = dataSet;
    this.runSize = runSize;
    this.port = server.port();
    this.meter = new ServerMeter(server.pid());
    this.registrar = new BulkRegistrar(port, candidate.prefix(), 16, 8);
    this.progress = progress;
  }

  /** Runs all phases. Figures that the server does not offer are absent. */
  ReadFigures measure() throws IOException, InterruptedException {
    progress.accept("warming up");
    warmUp();
    settle();
    long emptyBytes = meter.liveBytes();
    figures.add("empty.heapMb", emptyBytes / BYTES_PER_MB);
    progress.accept("registering");
    register();
    settle();
    memory("registered", emptyBytes);
    progress.accept("fetching every form");
    fetchForms();
    memory("fetched", emptyBytes);
    read();
    return figures;
  }

  private void warmUp() throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    long change = 0;
    while (System.nanoTime() - startNs < runSize.warmupSecs() * 1_000_000_000L) {
      registrar.register(WARM_UP, 0, WARM_UP.instances(), ++change);
    }
    registrar.register(WARM_UP, 0, WARM_UP.instances(), ++change);
    registrar.cancel(WARM_UP, 0, WARM_UP.instances());
  }

  private void register() throws IOException, InterruptedException {
    int all = dataSet.instances();
    int perBlock = Math.max(runSize.registrationsMin(), all) / RunSize.BLOCKS;
    int registered = 0;
    for (int block = 0; block < RunSize.BLOCKS; block++) {
      double cpuMs = 0;
      int count = 0;
      while (count < perBlock) {
        if (registered == all) {
          registrar.cancel(dataSet, 0, all);
          registered = 0;
        }
        int to = Math.min(all, registered + perBlock - count);
        double beforeMs = meter.cpuMs();
        registrar.register(dataSet, registered, to, 0);
        cpuMs += meter.cpuMs() - beforeMs;
        count += to - registered;
        registered = to;
      }
      figures.add("registration.cpuUs", cpuMs * US_PER_MS / count);
    }
    registrar.register(dataSet, registered, all, 0);
  }

  /**
   * Waits until the delta is empty except for one change, which makes the server remove old ones.
   */
  private void settle() throws IOException, InterruptedException {
    Thread.sleep(candidate.deltaExpiryMs(launchOptions) + DELTA_EXPIRY_SLACK_MS);
    DataSet one = new DataSet(dataSet.instances() + 1, 1);
    int last = dataSet.instances();
    registrar.register(one, last, last + 1, 0);
    registrar.cancel(one, last, last + 1);
  }

  private void memory(String phase, long emptyBytes) throws IOException, InterruptedException {
    OptionalLong directBytes = meter.directBytes();
    double heldBytes = meter.liveBytes() - emptyBytes;
    figures.add(phase + ".heapBytesPerInstance", heldBytes / dataSet.instances());
    figures.add(phase + ".heapUsedMb", meter.heapUsedBytes() / BYTES_PER_MB);
    figures.add(phase + ".residentMb", meter.residentBytes() / BYTES_PER_MB);
    if (directBytes.isPresent()) {
      figures.add(phase + ".directMb", directBytes.getAsLong() / BYTES_PER_MB);
    }
  }

  /** Fetches each form twice and requires that it includes all instances as UP. */
  private void fetchForms() throws IOException {
    ResponseVerifier reader = new ResponseVerifier();
    byte[] allUp = ("UP_" + dataSet.instances() + "_").getBytes(US_ASCII);
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      for (int i = 0; i < 2 * Fetch.FULL_FORMS.size(); i++) {
        Fetch fetch = Fetch.FULL_FORMS.get(i % Fetch.FULL_FORMS.size());
        ResponseVerifier.Reading reading =
            reader.read(connection, candidate.prefix(), fetch, allUp);
        if (!reading.isFound()) {
          throw new IOException(fetch.label() + " does not include all instances as UP");
        }
      }
    }
  }

  private void read() throws IOException, InterruptedException {
    ChangeThenFetch pairs =
        new ChangeThenFetch(port, candidate.prefix(), dataSet, meter, runSize, figures);
    progress.accept("warming up fetches");
    pairs.warmUp(Fetch.FULL, runSize.warmupSecs());
    progress.accept("one change, then one full fetch, compressed");
    pairs.measure(Fetch.FULL);
    pairs.measureUnchanged(Fetch.FULL);
    progress.accept("the same, not compressed");
    pairs.measure(Fetch.FULL_IDENTITY);
    settle();
    progress.accept("one change, then one delta");
    pairs.warmUp(Fetch.DELTA, runSize.warmupSecs() / 4);
    // A 304 is not measured: a delta also changes when old changes leave it.
    pairs.measure(Fetch.DELTA);
  }
}
