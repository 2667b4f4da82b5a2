// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.readcost.ReadCostReport.ReadFigures;
import io.systole.benchmarks.servers.ServerMeter;
import java.io.IOException;
import java.util.Random;

/**
 * Measures repeated pairs of one change and a fetch that includes it. A change registers a randomly
 * chosen instance again. If a response does not include the change, the fetch is repeated after 1
 * ms, 2, 4 and so on, up to 1 s.
 */
final class ChangeThenFetch {
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_SEC = 1e9;
  private static final double US_PER_MS = 1e3;
  private static final long PAUSE_MS_MAX = 1_000;
  private static final double SHOWN_SECS_MAX = 120;
  private static final long SEED = 20_261_121;
  private static final int UNCHANGED = 304;

  /** The result of one pair; {@code bytes} is the body size of its last fetch. */
  private record Pair(double shownMs, double bytes, int fetches) {}

  private final int port;
  private final String prefix;
  private final DataSet dataSet;
  private final ServerMeter meter;
  private final RunSize runSize;
  private final ReadFigures figures;
  private final ResponseVerifier reader = new ResponseVerifier();
  private final Random random = new Random(SEED);
  private long change;

  ChangeThenFetch(
      int port,
      String prefix,
      DataSet dataSet,
      ServerMeter meter,
      RunSize runSize,
      ReadFigures figures) {
    this.port = port;
    this.prefix = prefix;
    this.dataSet = dataSet;
    this.meter = meter;
    this.runSize = runSize;
    this.figures = figures;
  }

  /** Repeats pairs for {@code secs} without recording figures. */
  void warmUp(Fetch fetch, int secs) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      while (secsSince(startNs) < secs) {
        pair(connection, fetch);
      }
    }
  }

  /**
   * Records for each pair the time until a response included the change and the size of that
   * response, and for each block the mean CPU time and number of fetches of a pair.
   */
  void measure(Fetch fetch) throws IOException, InterruptedException {
    for (int block = 0; block < RunSize.BLOCKS; block++) {
      try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
        block(connection, fetch);
      }
    }
  }

  private void block(BlockingHttpConnection connection, Fetch fetch)
      throws IOException, InterruptedException {
    String label = fetch.label();
    double cpuBeforeMs = meter.cpuMs();
    long startNs = System.nanoTime();
    int pairs = 0;
    int fetches = 0;
    boolean isEnough = false;
    while (!isEnough) {
      Pair pair = pair(connection, fetch);
      figures.add(label + ".shownMs", pair.shownMs());
      figures.add(label + ".bytes", pair.bytes());
      pairs++;
      fetches += pair.fetches();
      boolean isTimeUp = secsSince(startNs) >= runSize.blockSecsMax();
      double cpuMs = meter.cpuMs() - cpuBeforeMs;
      isEnough = isTimeUp || (pairs >= runSize.pairsPerBlock() && cpuMs >= runSize.cpuMsMin());
    }
    figures.add(label + ".cpuMs", (meter.cpuMs() - cpuBeforeMs) / pairs);
    figures.add(label + ".fetchesPerChange", (double) fetches / pairs);
  }

  private Pair pair(BlockingHttpConnection connection, Fetch fetch)
      throws IOException, InterruptedException {
    change++;
    int index = random.nextInt(Math.min(dataSet.instances(), fetch.changingMax()));
    connection.exchange(dataSet.registration(prefix, index, change), 204);
    long changedNs = System.nanoTime();
    byte[] mark = DataSet.mark(change);
    long pauseMs = 1;
    for (int fetches = 1; ; fetches++) {
      ResponseVerifier.Reading reading = reader.read(connection, prefix, fetch, mark);
      if (reading.isFound()) {
        return new Pair((reading.endNs() - changedNs) / NS_PER_MS, reading.bytes(), fetches);
      }
      if (secsSince(changedNs) > SHOWN_SECS_MAX) {
        throw new IOException(fetch.label() + " does not include a change after " + SHOWN_SECS_MAX
            + " s and " + fetches + " fetches");
      }
      Thread.sleep(pauseMs);
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
    }
  }

  /** Records the cost of a 304, if the server sends entity tags. */
  void measureUnchanged(Fetch fetch) throws IOException {
    try (BlockingHttpConnection connection = new BlockingHttpConnection(port)) {
      String etag = reader.read(connection, prefix, fetch, DataSet.mark(change)).etag();
      if (etag == null) {
        return;
      }
      byte[] request = fetch.request(prefix, etag);
      for (int block = 0; block < RunSize.BLOCKS; block++) {
        unchangedBlock(connection, request, fetch.label());
      }
    }
  }

  private void unchangedBlock(BlockingHttpConnection connection, byte[] request, String label)
      throws IOException {
    double cpuBeforeMs = meter.cpuMs();
    long startNs = System.nanoTime();
    int requestCount = 0;
    while (secsSince(startNs) < Math.min(1, runSize.blockSecsMax())) {
      connection.send(request, 0, request.length);
      connection.receive(UNCHANGED);
      requestCount++;
    }
    double tookUs = (System.nanoTime() - startNs) / NS_PER_MS * US_PER_MS;
    figures.add(label + ".unchangedUs", tookUs / requestCount);
    figures.add(
        label + ".unchangedCpuUs", (meter.cpuMs() - cpuBeforeMs) * US_PER_MS / requestCount);
  }

  private static double secsSince(long ns) {
    return (System.nanoTime() - ns) / NS_PER_SEC;
  }
}
