// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.Restart;
import io.systole.benchmarks.peers.PeersReport.ScaleResult;
import io.systole.benchmarks.servers.LoadTestProcess;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** The measurement of restarts of empty nodes in a cluster with a large fleet. */
final class RestartRun {
  /*
   *   fleet --> A; A, B and C replicate to each other
   *
   *   register | equal | steady: one interval | B stops, starts, equal | C stops, starts, equal
   */
  private static final int WARMUP_SECS = 5;
  private static final int CONNECTIONS = 64;

  /** Time before the first comparison and for all others, beside the restarts themselves. */
  private static final int SPARE_SECS = 300;

  private static final long POLL_INTERVAL_MS = 50;
  private static final double MS_PER_SEC = 1e3;
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  private final ClusterNode.Settings settings;
  private final PeersOptions options;
  private final List<ClusterNode> nodes = new ArrayList<>();

  RestartRun(Path root, Path directory, PeersOptions options) {
    this.settings = new ClusterNode.Settings(root, directory, "2g", 0);
    this.options = options;
  }

  ScaleResult run() throws IOException, InterruptedException {
    int[] ports = {RunningServer.freePort(), RunningServer.freePort(), RunningServer.freePort()};
    try {
      for (int i = 0; i < ports.length; i++) {
        List<URI> peers = new ArrayList<>();
        for (int j = 0; j < ports.length; j++) {
          if (j != i) {
            peers.add(ClusterNode.serviceUrl(ports[j]));
          }
        }
        nodes.add(ClusterNode.start(
            settings, "scale-" + "abc".charAt(i), ServerUnderTest.SYSTOLE, ports[i], peers));
      }
      for (ClusterNode node : nodes) {
        node.awaitPeersUp();
      }
      return measure();
    } finally {
      nodes.forEach(ClusterNode::close);
    }
  }

  private ScaleResult measure() throws IOException, InterruptedException {
    try (LoadTestProcess load = startLoad()) {
      load.await(LoadTestProcess.MEASURING);
      awaitComplete(nodes.get(1));
      awaitComplete(nodes.get(2));
      Instant from = Instant.now();
      List<Double> before = cpuSecs(nodes);
      TimeUnit.SECONDS.sleep(options.scaleIntervalSecs());
      List<Double> steadyCpuSecs = since(before, cpuSecs(nodes));
      Instant to = Instant.now();
      List<Restart> restarts = List.of(restart("B", 1), restart("C", 2));
      load.endEarly();
      JsonNode report = load.report();
      return new ScaleResult(
          options.scaleInstances(),
          BeatTimeline.of(report).between(from, to),
          Duration.between(from, to).toNanos() / NS_PER_SEC,
          steadyCpuSecs,
          restarts,
          LoadTestProcess.notRenewed(report),
          LoadTestProcess.invalidReason(report));
    }
  }

  private Restart restart(String name, int index) throws IOException, InterruptedException {
    ClusterNode node = nodes.get(index);
    node.stop();
    ClusterNode loaded = nodes.get(0);
    double loadedCpuMs = loaded.meter().cpuMs();
    long startNs = System.nanoTime();
    node.startAgain();
    final double acceptingSecs = secsSince(startNs);
    awaitComplete(node);
    final double completeSecs = secsSince(startNs);
    List<Double> cpuSecs = List.of(
        (loaded.meter().cpuMs() - loadedCpuMs) / MS_PER_SEC, node.meter().cpuMs() / MS_PER_SEC);
    try (ClusterRegistries comparison =
        ClusterRegistries.start(settings, nodes, options.convergeSecs())) {
      int differing = comparison.end().differing();
      return new Restart(name, acceptingSecs, completeSecs, secsSince(startNs), differing, cpuSecs);
    }
  }

  private static double secsSince(long startNs) {
    return (System.nanoTime() - startNs) / NS_PER_SEC;
  }

  /** Waits until a node has as many leases as the fleet has instances. */
  private void awaitComplete(ClusterNode node) throws IOException, InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.convergeSecs());
    double leases = MetricsPage.read(node.port()).sum("systole_registry_leases");
    while (leases < options.scaleInstances()) {
      if (System.nanoTime() - endNs > 0) {
        throw new IOException("%s has %.0f of %d instances after %d s"
            .formatted(node.url(), leases, options.scaleInstances(), options.convergeSecs()));
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
      leases = MetricsPage.read(node.port()).sum("systole_registry_leases");
    }
  }

  private static List<Double> cpuSecs(List<ClusterNode> of) throws IOException {
    List<Double> secs = new ArrayList<>();
    for (ClusterNode node : of) {
      secs.add(node.meter().cpuMs() / MS_PER_SEC);
    }
    return secs;
  }

  private static List<Double> since(List<Double> before, List<Double> after) {
    List<Double> spent = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      spent.add(after.get(i) - before.get(i));
    }
    return spent;
  }

  private LoadTestProcess startLoad() throws IOException {
    int secs = 4 * options.convergeSecs() + options.scaleIntervalSecs() + SPARE_SECS;
    return LoadTestProcess.start(
        settings.root(),
        settings.directory().resolve("scale.json"),
        List.of(
            "run",
            "--target=" + nodes.get(0).url(),
            "--instances=" + options.scaleInstances(),
            "--interval=" + options.scaleIntervalSecs(),
            "--connections=" + CONNECTIONS,
            "--warmup=" + WARMUP_SECS,
            "--duration=" + secs,
            "--no-compare",
            "--keep"));
  }
}
