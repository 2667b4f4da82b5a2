// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.SlowPhase;
import io.systole.benchmarks.peers.PeersReport.SlowResult;
import io.systole.benchmarks.servers.LoadTestProcess;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The measurement of a cluster with a peer that is slow and then silent. */
final class SlowPeerRun {
  /*
   *   fleet --> A --> B            all three replicate to each other; what C receives passes
   *             |     |            through the proxy, what it sends does not
   *             +--> proxy --> C
   *
   *   register | warm up | healthy | C slow | C silent | C healthy again until all are equal
   *
   * One run of the load test covers all phases. Figures that stop a server are read between them.
   */
  private static final long DELAY_MS = 1_000;
  private static final int EVICTION_INTERVAL_MS = 5_000;
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final int WARMUP_SECS = 5;

  /** Also the time in which the comparison starts, and in which registrations reach all. */
  private static final int PAUSE_SECS = 3;

  /** Long enough for a p99 of several seconds, even if the registries are equal at once. */
  private static final int HEALED_SECS_MIN = 10;

  /** For figures between the phases. */
  private static final int SPARE_SECS = 120;

  private static final int MS_PER_SEC = 1_000;
  private static final double US_PER_MS = 1e3;
  private static final double BYTES_PER_MB = 1e6;
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  /** The figures of a phase without those of the load test. */
  private record ServerFigures(
      String name,
      Instant from,
      Instant to,
      double cpuMs,
      double heapMb,
      long queuedItems,
      List<Long> evictions,
      ClusterRegistries.Compared registries) {}

  private final ClusterNode.Settings settings;
  private final PeersOptions options;
  private final ServerUnderTest kind;
  private final List<ClusterNode> nodes = new ArrayList<>();
  private final List<ServerFigures> phases = new ArrayList<>();

  /** @param kind of all three servers */
  SlowPeerRun(Path root, Path directory, PeersOptions options, ServerUnderTest kind) {
    this.settings =
        new ClusterNode.Settings(root, directory, PeersReport.HEAP, EVICTION_INTERVAL_MS);
    this.options = options;
    this.kind = kind;
  }

  SlowResult run() throws IOException, InterruptedException {
    int[] ports = {RunningServer.freePort(), RunningServer.freePort(), RunningServer.freePort()};
    URI a = ClusterNode.serviceUrl(ports[0]);
    URI b = ClusterNode.serviceUrl(ports[1]);
    try (PeerProxy proxy = new PeerProxy(ports[2], DELAY_MS)) {
      URI proxied = ClusterNode.serviceUrl(proxy.port());
      nodes.add(start("a", ports[0], List.of(b, proxied)));
      nodes.add(start("b", ports[1], List.of(a, proxied)));
      nodes.add(start("c", ports[2], List.of(a, b)));
      for (ClusterNode node : nodes) {
        node.awaitPeersUp();
      }
      return measure(proxy);
    } finally {
      nodes.forEach(ClusterNode::close);
    }
  }

  private ClusterNode start(String name, int port, List<URI> peers)
      throws IOException, InterruptedException {
    return ClusterNode.start(settings, "slow-" + kind.label() + "-" + name, kind, port, peers);
  }

  private SlowResult measure(PeerProxy proxy) throws IOException, InterruptedException {
    FleetChanges changes = new FleetChanges(target().port(), applications());
    try (LoadTestProcess load = startLoad()) {
      load.await(LoadTestProcess.MEASURING);
      phase("C healthy", Math.max(1, options.phaseSecs() / 2));
      changes.prepare(0);
      TimeUnit.SECONDS.sleep(PAUSE_SECS);
      proxy.setMode(PeerProxy.Mode.SLOW);
      changes.apply(0);
      phase("C takes 1 s per batch", options.phaseSecs());
      // So that C has the instances that are cancelled while it is silent.
      proxy.setMode(PeerProxy.Mode.PASS);
      changes.prepare(1);
      TimeUnit.SECONDS.sleep(PAUSE_SECS);
      proxy.setMode(PeerProxy.Mode.SILENT);
      changes.apply(1);
      phase("C never responds", options.phaseSecs());
      return healed(proxy, load);
    }
  }

  /** Lets C respond again and waits until the registries are equal. */
  private SlowResult healed(PeerProxy proxy, LoadTestProcess load)
      throws IOException, InterruptedException {
    Double convergedSecs;
    ClusterRegistries.Compared last;
    Instant from;
    double cpuMs;
    try (ClusterRegistries comparison =
        ClusterRegistries.start(settings, nodes, PAUSE_SECS + options.convergeSecs())) {
      TimeUnit.SECONDS.sleep(PAUSE_SECS);
      from = Instant.now();
      cpuMs = target().meter().cpuMs();
      long healedNs = System.nanoTime();
      proxy.setMode(PeerProxy.Mode.PASS);
      last = comparison.end();
      double secs = (System.nanoTime() - healedNs) / NS_PER_SEC;
      convergedSecs = last.differing() == 0 ? secs : null;
      double secsMin = Math.min(HEALED_SECS_MIN, options.phaseSecs());
      TimeUnit.MILLISECONDS.sleep(Math.round((secsMin - secs) * MS_PER_SEC));
    }
    end("C healthy again", from, cpuMs);
    load.endEarly();
    return result(load.report(), convergedSecs, last.differing());
  }

  private void phase(String name, int secs) throws IOException, InterruptedException {
    Instant from = Instant.now();
    double cpuMs = target().meter().cpuMs();
    TimeUnit.SECONDS.sleep(secs);
    end(name, from, cpuMs);
  }

  private void end(String name, Instant from, double cpuMsBefore)
      throws IOException, InterruptedException {
    double cpuMs = target().meter().cpuMs() - cpuMsBefore;
    Instant to = Instant.now();
    List<Long> evictions = new ArrayList<>();
    for (ClusterNode node : nodes) {
      evictions.add(node.evictions());
    }
    phases.add(new ServerFigures(
        name,
        from,
        to,
        cpuMs,
        target().meter().liveBytes() / BYTES_PER_MB,
        target().queuedItems(),
        evictions,
        ClusterRegistries.compare(settings, nodes)));
  }

  private SlowResult result(JsonNode report, @Nullable Double convergedSecs, int differing)
      throws IOException {
    BeatTimeline timeline = BeatTimeline.of(report);
    List<SlowPhase> figures = new ArrayList<>();
    for (ServerFigures phase : phases) {
      BeatTimeline.Beats beats = timeline.between(phase.from(), phase.to());
      double secs = Duration.between(phase.from(), phase.to()).toNanos() / NS_PER_SEC;
      double renewals = beats.renewed() * secs / beats.secs();
      figures.add(new SlowPhase(
          phase.name(),
          beats,
          US_PER_MS * phase.cpuMs() / renewals,
          phase.heapMb(),
          phase.queuedItems(),
          phase.evictions(),
          phase.registries().instances(),
          phase.registries().differing()));
    }
    return new SlowResult(
        kind.label(),
        figures,
        convergedSecs,
        options.convergeSecs(),
        differing,
        LoadTestProcess.notRenewed(report),
        LoadTestProcess.invalidReason(report));
  }

  private ClusterNode target() {
    return nodes.get(0);
  }

  private int applications() {
    return 1 + (options.instances() - 1) / INSTANCES_PER_APPLICATION;
  }

  /** Starts a scenario, since only scenarios determine the duration of leases. */
  private LoadTestProcess startLoad() throws IOException {
    int intervalMs = (int) ((long) MS_PER_SEC * options.instances() / options.beatsPerSec());
    int secs = 5 * options.phaseSecs() / 2 + options.convergeSecs() + SPARE_SECS;
    String scenario = """
        name: peers
        about: Heartbeats at a server with a slow peer.
        fleet: {instances: %d, applications: %d, interval: %dms, lease: %ds}
        warmup: %ds
        duration: %ds
        settle: 0s
        """.formatted(
            options.instances(),
            applications(),
            intervalMs,
            options.leaseSecs(),
            kind.isStock() ? options.stockWarmupSecs() : WARMUP_SECS,
            secs);
    Path file = settings.directory().resolve("slow.yaml");
    Files.writeString(file, scenario);
    return LoadTestProcess.start(
        settings.root(),
        settings.directory().resolve("slow-" + kind.label() + ".json"),
        List.of(
            "scenario",
            file.toString(),
            "--target=" + target().url(),
            "--pid=" + target().server().pid()));
  }
}
