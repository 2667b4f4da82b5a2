// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.CostSample;
import io.systole.benchmarks.servers.LoadRun;
import io.systole.benchmarks.servers.LoadTestProcess;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The measurement of the CPU time and bytes of replicated renewals, by pairs of servers. */
final class ReplicationCostRun implements AutoCloseable {
  /*
   *   load test --> sender --> proxy --> receiver
   *
   * The proxy counts requests and bytes. The receiver has no peers. All servers run from the first
   * round to the last, and a sample at a fixed rate has the CPU time of each: while one pair is
   * loaded, the others are idle, which shows their consumption without load.
   */

  /** The node with two peers, whose traffic is not counted. */
  static final String TWO_PEERS = "systole" + CostFigures.ARROW + "2 systole";

  private static final String PEER_THREAD = "systole-peers";
  private static final int PEAK_CONNECTIONS = 64;
  private static final int PEAK_IN_FLIGHT = 16;
  private static final int PEAK_WARMUP_SECS = 2;
  private static final double US_PER_MS = 1e3;
  private static final double MS_PER_SEC = 1e3;
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  /**
   * Servers that are loaded together.
   *
   * @param proxy between both; null without a counted receiver
   */
  private record Pair(
      String label, ClusterNode sender, @Nullable PeerProxy proxy) {
    boolean isSystole() {
      return !sender.kind().isStock();
    }
  }

  private final ClusterNode.Settings settings;
  private final PeersOptions options;
  private final List<Pair> pairs = new ArrayList<>();

  /** All servers by their names in samples. */
  private final Map<String, ClusterNode> servers = new LinkedHashMap<>();

  private final List<PeerProxy> proxies = new ArrayList<>();

  ReplicationCostRun(Path root, Path directory, PeersOptions options) {
    this.settings = new ClusterNode.Settings(root, directory, PeersReport.HEAP, 0);
    this.options = options;
  }

  /**
   * Starts all servers and measures them in alternating rounds.
   *
   * @param stock the stock server to compare with, or null
   */
  List<CostSample> run(@Nullable ServerUnderTest stock) throws IOException, InterruptedException {
    ServerUnderTest systole = ServerUnderTest.SYSTOLE;
    addAlone(systole);
    addPair(systole, systole);
    addTwoPeers();
    if (stock != null) {
      addPair(systole, stock);
      addAlone(stock);
      addPair(stock, stock);
    }
    for (ClusterNode server : servers.values()) {
      server.awaitPeersUp();
    }
    warmUp(stock == null ? options.warmupSecs() : options.stockWarmupSecs());
    List<CostSample> samples = new ArrayList<>();
    for (int round = 1; round <= options.rounds(); round++) {
      measure(round, samples);
    }
    return samples;
  }

  private void addAlone(ServerUnderTest kind) throws IOException, InterruptedException {
    String label = kind.label();
    pairs.add(new Pair(label, start(CostSample.sender(label), kind, List.of()), null));
  }

  private void addPair(ServerUnderTest from, ServerUnderTest to)
      throws IOException, InterruptedException {
    String label = from.label() + CostFigures.ARROW + to.label();
    ClusterNode receiver = start(CostSample.receiver(label), to, List.of());
    PeerProxy proxy = new PeerProxy(receiver.port(), 0);
    proxies.add(proxy);
    List<URI> peers = List.of(ClusterNode.serviceUrl(proxy.port()));
    pairs.add(new Pair(label, start(CostSample.sender(label), from, peers), proxy));
  }

  private void addTwoPeers() throws IOException, InterruptedException {
    List<URI> peers = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      String name = CostSample.receiver(TWO_PEERS) + " " + i;
      peers.add(start(name, ServerUnderTest.SYSTOLE, List.of()).url());
    }
    ClusterNode sender = start(CostSample.sender(TWO_PEERS), ServerUnderTest.SYSTOLE, peers);
    pairs.add(new Pair(TWO_PEERS, sender, null));
  }

  private ClusterNode start(String name, ServerUnderTest kind, List<URI> peers)
      throws IOException, InterruptedException {
    String log = "cost-" + name.replaceAll("[^a-z0-9]+", "-");
    ClusterNode node = ClusterNode.start(settings, log, kind, RunningServer.freePort(), peers);
    servers.put(name, node);
    return node;
  }

  /** Loads all servers at once, first the Systole nodes as much as possible. */
  private void warmUp(int secs) throws IOException, InterruptedException {
    for (Pair pair : pairs) {
      if (pair.isSystole()) {
        peak(0, pair);
      }
    }
    List<LoadTestProcess> loads = new ArrayList<>();
    try {
      for (Pair pair : pairs) {
        loads.add(startLoad(pair, options.beatsPerSec(), secs, "warmup-" + loads.size()));
      }
      for (LoadTestProcess load : loads) {
        load.report();
      }
    } finally {
      loads.forEach(LoadTestProcess::close);
    }
  }

  private void measure(int round, List<CostSample> samples)
      throws IOException, InterruptedException {
    for (Pair pair : pairs) {
      boolean isForHeartbeats = pair.isSystole() && pair.proxy() == null;
      if (isForHeartbeats) {
        samples.add(peak(round, pair));
      }
      if (isForHeartbeats || isBetweenNodes(pair)) {
        samples.add(paced(round, pair, options.fastBeatsPerSec()));
      }
      if (!pair.label().equals(TWO_PEERS)) {
        samples.add(paced(round, pair, options.beatsPerSec()));
      }
    }
  }

  private boolean isBetweenNodes(Pair pair) {
    ClusterNode receiver = servers.get(CostSample.receiver(pair.label()));
    return pair.isSystole() && receiver != null && !receiver.kind().isStock();
  }

  private CostSample peak(int round, Pair pair) throws IOException, InterruptedException {
    int secs = Math.max(1, options.durationSecs() / 2);
    LoadRun load = new LoadRun(
        settings.root(),
        settings.directory(),
        options.instances(),
        PEAK_CONNECTIONS,
        PEAK_WARMUP_SECS,
        secs,
        List.of());
    ClusterNode sender = pair.sender();
    LoadRun.Sample sample =
        load.run(sender.url(), sender.server().pid(), PEAK_IN_FLIGHT, "cost-peak");
    double renewals = sample.renewalsPerSec() * secs;
    double cpuMs = sample.cpuUs() * renewals / US_PER_MS;
    Map<String, Double> bySender = Map.of(CostSample.sender(pair.label()), cpuMs);
    return new CostSample(round, pair.label(), 0, secs, renewals, 0, 0, 0, 0, 0, bySender, "");
  }

  private CostSample paced(int round, Pair pair, int beatsPerSec)
      throws IOException, InterruptedException {
    try (LoadTestProcess load = startLoad(pair, beatsPerSec, options.durationSecs(), "load")) {
      load.await(LoadTestProcess.MEASURING);
      long startNs = System.nanoTime();
      Map<String, Double> cpuMsBefore = cpuMs();
      double threadMsBefore = pair.sender().meter().threadCpuMs(PEER_THREAD);
      PeerProxy.Traffic trafficBefore = traffic(pair);
      TimeUnit.SECONDS.sleep(options.durationSecs());
      double secs = (System.nanoTime() - startNs) / NS_PER_SEC;
      PeerProxy.Traffic traffic = traffic(pair).since(trafficBefore);
      double threadMs = pair.sender().meter().threadCpuMs(PEER_THREAD) - threadMsBefore;
      Map<String, Double> cpuMs = cpuMs();
      cpuMs.replaceAll((server, ms) -> ms - cpuMsBefore.getOrDefault(server, 0.0));
      JsonNode report = load.report();
      double renewals = LoadTestProcess.read(report).renewalsPerSec() * secs;
      return new CostSample(
          round,
          pair.label(),
          beatsPerSec,
          secs,
          renewals,
          LoadTestProcess.notRenewed(report),
          traffic.renewals(),
          traffic.sentBytes(),
          traffic.receivedBytes(),
          threadMs,
          cpuMs,
          LoadTestProcess.invalidReason(report));
    }
  }

  private static PeerProxy.Traffic traffic(Pair pair) {
    PeerProxy proxy = pair.proxy();
    return proxy == null ? new PeerProxy.Traffic(0, 0, 0, 0) : proxy.traffic();
  }

  private Map<String, Double> cpuMs() throws IOException {
    Map<String, Double> cpuMs = new LinkedHashMap<>();
    for (Map.Entry<String, ClusterNode> server : servers.entrySet()) {
      cpuMs.put(server.getKey(), server.getValue().meter().cpuMs());
    }
    return cpuMs;
  }

  private LoadTestProcess startLoad(Pair pair, int beatsPerSec, int secs, String name)
      throws IOException {
    double intervalSecs = Math.round(MS_PER_SEC * options.instances() / beatsPerSec) / MS_PER_SEC;
    return LoadTestProcess.start(
        settings.root(),
        settings.directory().resolve("cost-" + name + ".json"),
        List.of(
            "run",
            "--target=" + pair.sender().url(),
            "--instances=" + options.instances(),
            "--interval=" + intervalSecs,
            "--warmup=" + options.warmupSecs(),
            "--duration=" + secs,
            "--no-compare"));
  }

  @Override
  public void close() throws IOException {
    servers.values().forEach(ClusterNode::close);
    for (PeerProxy proxy : proxies) {
      proxy.close();
    }
  }
}
