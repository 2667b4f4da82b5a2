// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.servers.ServerMeter;
import io.systole.protocol.http.HttpMethod;
import java.io.IOException;
import java.util.Random;

/**
 * One change, then one fetch that shows it; again and again. A change is a registration anew of one
 * instance chosen at random, by the wire. A server that shows it late is asked again after pauses
 * of 1 ms, 2, 4 and so on, to 1 s.
 */
final class ChangeThenFetch {
  private static final double NS_PER_MS = 1e6;
  private static final double NS_PER_SEC = 1e9;
  private static final double US_PER_MS = 1e3;
  private static final long PAUSE_MS_MAX = 1_000;
  private static final double SHOWN_SECS_MAX = 120;
  private static final long SEED = 20_261_121;
  private static final int UNCHANGED = 304;

  /** A change until it was shown, by the last of some fetches. */
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

  /** Goes on for a while without a figure. */
  void warmUp(Fetch fetch, int secs) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    try (BlockingHttpConnection wire = new BlockingHttpConnection(port)) {
      while (secsSince(startNs) < secs) {
        pair(wire, fetch);
      }
    }
  }

  /**
   * Adds for each pair the time until the change was shown and the size of the answer, and for each
   * block the mean CPU time and number of fetches of a pair.
   */
  void measure(Fetch fetch) throws IOException, InterruptedException {
    for (int block = 0; block < RunSize.BLOCKS; block++) {
      try (BlockingHttpConnection wire = new BlockingHttpConnection(port)) {
        block(wire, fetch);
      }
    }
  }

  private void block(BlockingHttpConnection wire, Fetch fetch)
      throws IOException, InterruptedException {
    String label = fetch.label();
    double cpuBeforeMs = meter.cpuMs();
    long startNs = System.nanoTime();
    int pairs = 0;
    int fetches = 0;
    boolean isEnough = false;
    while (!isEnough) {
      Pair pair = pair(wire, fetch);
      figures.add(label + ".shownMs", pair.shownMs());
      figures.add(label + ".bytes", pair.bytes());
      pairs++;
      fetches += pair.fetches();
      boolean isSpent = secsSince(startNs) >= runSize.blockSecsMax();
      double cpuMs = meter.cpuMs() - cpuBeforeMs;
      isEnough = isSpent || (pairs >= runSize.pairsPerBlock() && cpuMs >= runSize.cpuMsMin());
    }
    figures.add(label + ".cpuMs", (meter.cpuMs() - cpuBeforeMs) / pairs);
    figures.add(label + ".fetchesPerChange", (double) fetches / pairs);
  }

  private Pair pair(BlockingHttpConnection wire, Fetch fetch)
      throws IOException, InterruptedException {
    change++;
    int index = random.nextInt(Math.min(dataSet.instances(), fetch.changingMax()));
    wire.exchange(dataSet.registration(prefix, index, change), 204);
    long changedNs = System.nanoTime();
    byte[] mark = DataSet.mark(change);
    long pauseMs = 1;
    for (int fetches = 1; ; fetches++) {
      ResponseVerifier.Reading reading = reader.read(wire, prefix, fetch, mark);
      if (reading.isFound()) {
        return new Pair((reading.endNs() - changedNs) / NS_PER_MS, reading.bytes(), fetches);
      }
      if (secsSince(changedNs) > SHOWN_SECS_MAX) {
        throw new IOException(fetch.label() + " doesn't show a change after " + SHOWN_SECS_MAX
            + " s and " + fetches + " fetches");
      }
      Thread.sleep(pauseMs);
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
    }
  }

  /** Adds what it costs to learn that nothing has changed, where the server offers entity tags. */
  void measureUnchanged(Fetch fetch) throws IOException {
    try (BlockingHttpConnection wire = new BlockingHttpConnection(port)) {
      String etag = reader.read(wire, prefix, fetch, DataSet.mark(change)).etag();
      if (etag == null) {
        return;
      }
      byte[] request = fetch.request(prefix, etag);
      for (int block = 0; block < RunSize.BLOCKS; block++) {
        unchangedBlock(wire, request, fetch.label());
      }
    }
  }

  private void unchangedBlock(BlockingHttpConnection wire, byte[] request, String label)
      throws IOException {
    double cpuBeforeMs = meter.cpuMs();
    long startNs = System.nanoTime();
    int requested = 0;
    while (secsSince(startNs) < Math.min(1, runSize.blockSecsMax())) {
      wire.send(request, 0, request.length);
      BlockingHttpConnection.require(
          wire.receive(HttpMethod.GET, (bytes, start, length) -> {}), UNCHANGED);
      requested++;
    }
    double tookUs = (System.nanoTime() - startNs) / NS_PER_MS * US_PER_MS;
    figures.add(label + ".unchangedUs", tookUs / requested);
    figures.add(label + ".unchangedCpuUs", (meter.cpuMs() - cpuBeforeMs) * US_PER_MS / requested);
  }

  private static double secsSince(long ns) {
    return (System.nanoTime() - ns) / NS_PER_SEC;
  }
}
