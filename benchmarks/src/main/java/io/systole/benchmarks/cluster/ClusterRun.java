// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.ClusterReport.Cluster;
import io.systole.benchmarks.cluster.ClusterReport.Failure;
import io.systole.benchmarks.cluster.ClusterReport.Join;
import io.systole.benchmarks.cluster.ClusterReport.Phase;
import io.systole.benchmarks.cluster.PacedRenewals.Interval;
import io.systole.benchmarks.readcost.BulkRegistrar;
import io.systole.benchmarks.readcost.DataSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The measurement of one native cluster, or of a node alone. */
final class ClusterRun implements AutoCloseable {
  /*
   *   register at all members | idle | renew at all | renew at the first | memory
   *   | another joins | it is killed | the last one is suspended and resumed
   *
   * From the join on, heartbeats go to all members but the one that is disturbed.
   */
  private static final String PREFIX = "/v2";
  private static final int REGISTRATIONS_IN_FLIGHT = 32;
  private static final int INSTANCES_PER_APPLICATION = 100;
  private static final long TIMEOUT_MS = 300_000;
  private static final long POLL_INTERVAL_MS = 20;
  private static final double NS_PER_SEC = TimeUnit.SECONDS.toNanos(1);

  /** A state that is polled for. */
  private interface Condition {
    boolean isMet() throws IOException;
  }

  private final MemberServer.Settings settings;
  private final ClusterSizes sizes;
  private final int count;
  private final DataSet dataSet;
  private final HeartbeatBytes heartbeats;
  private final List<MemberServer> members = new ArrayList<>();

  /** @param count 1 for a node without a cluster */
  ClusterRun(Path root, Path directory, ClusterSizes sizes, int count) {
    // One address more, for the member that joins later.
    this.settings = new MemberServer.Settings(
        root,
        directory,
        sizes.heap(),
        sizes.registrySizeMax(),
        "127.77." + count,
        count == 1 ? 1 : count + 1);
    this.sizes = sizes;
    this.count = count;
    int applications = Math.max(1, sizes.instances() / INSTANCES_PER_APPLICATION);
    this.dataSet = new DataSet(sizes.instances(), applications);
    this.heartbeats = new HeartbeatBytes(dataSet, PREFIX);
  }

  Cluster run() throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      members.add(MemberServer.start(settings, i));
    }
    awaitView(members);
    final double registerSecs = register();
    final Phase idle = phase(List.of(), 0, sizes.idleSecs());
    final Phase spread = phase(members, sizes.warmupSecs(), sizes.durationSecs());
    final Phase single =
        count == 1 ? null : phase(members.subList(0, 1), sizes.warmupSecs(), sizes.durationSecs());
    List<Long> residentBytes = new ArrayList<>();
    List<Long> liveBytes = new ArrayList<>();
    for (MemberServer member : members) {
      residentBytes.add(member.meter().residentBytes());
      liveBytes.add(member.meter().liveBytes());
    }
    final Join join = count == 1 ? null : join();
    final Failure kill = count == 1 ? null : kill();
    final Failure freeze = count == 1 ? null : freeze();
    return new Cluster(
        count, registerSecs, idle, spread, single, residentBytes, liveBytes, join, kill, freeze);
  }

  private double register() throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      List<Future<?>> shares = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        BulkRegistrar registrar =
            new BulkRegistrar(members.get(i).port(), PREFIX, 1, REGISTRATIONS_IN_FLIGHT);
        int from = (int) ((long) sizes.instances() * i / count);
        int to = (int) ((long) sizes.instances() * (i + 1) / count);
        shares.add(threads.submit(() -> {
          registrar.register(dataSet, from, to, 0);
          return null;
        }));
      }
      for (Future<?> share : shares) {
        share.get();
      }
    } catch (ExecutionException e) {
      throw new IOException("registration failed: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
    awaitLeases(members);
    return secsSince(startNs);
  }

  private Phase phase(List<MemberServer> targets, int warmupSecs, int secs)
      throws IOException, InterruptedException {
    try (PacedRenewals load = targets.isEmpty() ? null : renewAt(targets)) {
      TimeUnit.SECONDS.sleep(warmupSecs);
      List<Map<String, Double>> countersBefore = counters();
      List<Double> cpuMsBefore = cpuMs();
      long startNs = System.nanoTime();
      if (load != null) {
        load.nextInterval();
      }
      TimeUnit.SECONDS.sleep(secs);
      Interval beats = load == null ? null : load.nextInterval();
      double measuredSecs = secsSince(startNs);
      List<Double> cpuMs = cpuMs();
      List<Map<String, Double>> counters = counters();
      for (int i = 0; i < count; i++) {
        cpuMs.set(i, cpuMs.get(i) - cpuMsBefore.get(i));
        Map<String, Double> before = countersBefore.get(i);
        counters.get(i).replaceAll((name, value) -> value - before.getOrDefault(name, 0.0));
      }
      return new Phase(measuredSecs, beats, cpuMs, counters);
    }
  }

  private PacedRenewals renewAt(List<MemberServer> targets) throws IOException {
    List<Integer> ports = targets.stream().map(MemberServer::port).toList();
    return new PacedRenewals(heartbeats, sizes.renewalsPerSec(), ports, sizes.connections());
  }

  private Join join() throws IOException, InterruptedException {
    try (PacedRenewals load = renewAt(List.copyOf(members))) {
      TimeUnit.SECONDS.sleep(sizes.warmupSecs());
      load.nextInterval();
      TimeUnit.SECONDS.sleep(sizes.durationSecs());
      Interval calm = load.nextInterval();
      long startNs = System.nanoTime();
      MemberServer joined = MemberServer.start(settings, count);
      members.add(joined);
      final double acceptingSecs = secsSince(startNs);
      awaitView(members);
      final double readySecs = secsSince(startNs);
      Interval during = load.nextInterval();
      awaitLeases(List.of(joined));
      return new Join(acceptingSecs, readySecs, calm, during);
    }
  }

  private Failure kill() throws IOException, InterruptedException {
    MemberServer killed = members.get(count);
    List<MemberServer> others = members.subList(0, count);
    try (PacedRenewals load = renewAt(others)) {
      TimeUnit.SECONDS.sleep(sizes.warmupSecs());
      load.nextInterval();
      long startNs = System.nanoTime();
      killed.kill();
      awaitView(others);
      double noticedSecs = secsSince(startNs);
      TimeUnit.SECONDS.sleep(sizes.durationSecs());
      return new Failure(noticedSecs, null, load.nextInterval());
    }
  }

  private Failure freeze() throws IOException, InterruptedException {
    MemberServer frozen = members.get(count - 1);
    List<MemberServer> others = members.subList(0, count - 1);
    List<MemberServer> all = members.subList(0, count);
    try (PacedRenewals load = renewAt(others)) {
      TimeUnit.SECONDS.sleep(sizes.warmupSecs());
      load.nextInterval();
      long startNs = System.nanoTime();
      frozen.freeze();
      double noticedSecs;
      try {
        awaitView(others);
        noticedSecs = secsSince(startNs);
      } finally {
        frozen.resume();
      }
      long resumedNs = System.nanoTime();
      awaitView(all);
      double mergedSecs = secsSince(resumedNs);
      Interval beats = load.nextInterval();
      awaitLeases(all);
      return new Failure(noticedSecs, mergedSecs, beats);
    }
  }

  /** Waits until each of the members is complete, and their views contain just them. */
  private void awaitView(List<MemberServer> expected) throws IOException, InterruptedException {
    if (count > 1) {
      for (MemberServer member : expected) {
        await(() -> member.completeMembers() == expected.size(), "a view of " + expected.size());
      }
    }
  }

  private void awaitLeases(List<MemberServer> of) throws IOException, InterruptedException {
    for (MemberServer member : of) {
      await(() -> member.leases() == sizes.instances(), "all instances");
    }
  }

  private static void await(Condition condition, String what)
      throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    while (!condition.isMet()) {
      if (secsSince(startNs) * TimeUnit.SECONDS.toMillis(1) > TIMEOUT_MS) {
        throw new IOException("not reached after " + TIMEOUT_MS + " ms: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
    }
  }

  private List<Double> cpuMs() throws IOException {
    List<Double> cpuMs = new ArrayList<>();
    for (MemberServer member : members.subList(0, count)) {
      cpuMs.add(member.meter().cpuMs());
    }
    return cpuMs;
  }

  private List<Map<String, Double>> counters() throws IOException {
    List<Map<String, Double>> counters = new ArrayList<>();
    for (MemberServer member : members.subList(0, count)) {
      counters.add(count == 1 ? new HashMap<>() : member.clusterCounters());
    }
    return counters;
  }

  private static double secsSince(long startNs) {
    return (System.nanoTime() - startNs) / NS_PER_SEC;
  }

  @Override
  public void close() {
    members.forEach(MemberServer::close);
  }
}
