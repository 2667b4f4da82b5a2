// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.scenario.ScenarioAction.PartitionMembers;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Separates members of a native cluster for a time, and measures when they notice. */
final class PartitionControl implements AutoCloseable {
  /*
   * There is one partition at a time: run holds the lock of this object until all members list each
   * other again. Its end task runs after the threads of the actions have ended.
   */
  private static final long POLL_MS = 100;
  private static final double NS_PER_MS = 1e6;

  private final ScenarioContext context;
  private final List<Integer> ports;
  private final MemberViews views;
  private final MemberProxies proxies;

  /**
   * Listens for connections of the members to each other.
   *
   * @param services service URLs of all members
   * @param ports of the proxies, in the order of the members
   */
  PartitionControl(ScenarioContext context, List<URI> services, List<Integer> ports)
      throws LoadTestException {
    this.context = context;
    this.ports = ports;
    this.views = new MemberViews(services);
    try {
      this.proxies = MemberProxies.open(ports, MemberProxies.TUNNELS_MAX);
    } catch (IOException taken) {
      throw new LoadTestException("--member-proxies: " + taken.getMessage());
    }
  }

  /**
   * Waits until all members have found each other through the proxies, for the settle time at most.
   */
  void awaitCluster() throws LoadTestException, InterruptedException {
    List<@Nullable Set<Integer>> last =
        await("cluster", MemberViews::areWhole, context.scenario().settleMs());
    if (!MemberViews.areWhole(last)) {
      throw new LoadTestException(
          "the members do not form one cluster, " + MemberViews.text(last) + advice());
    }
    if (proxies.tunnelCount() == 0) {
      throw new LoadTestException("the members connect without the proxies" + advice());
    }
    proxies.identify(views.addresses());
  }

  private String advice() {
    return "; start member N with -DsocksProxyHost=127.0.0.1 -DsocksProxyPort=P"
        + " -DsocksNonProxyHosts= as options of its JVM; P is the Nth of " + ports;
  }

  /** Separates members, waits, and connects them again. */
  void run(PartitionMembers action, ConvergenceMonitor convergence) throws InterruptedException {
    long healNs = separate(action);
    convergence.awaitAfter("the end of the partition", healNs);
  }

  /** Separates members until their views have merged again; returns when they were connected. */
  private synchronized long separate(PartitionMembers action) throws InterruptedException {
    AtomicBoolean isMerged = new AtomicBoolean();
    long startNs = System.nanoTime();
    proxies.separate(action.nodes());
    context.recordEvent("partition: separated member " + MemberViews.text(action.nodes())
        + " from the others for " + MetricUnit.ofMs(action.forMs()));
    try {
      List<@Nullable Set<Integer>> last =
          await("partition", seen -> MemberViews.areSeparate(seen, action.nodes()), action.forMs());
      boolean isSeparate = MemberViews.areSeparate(last, action.nodes());
      double tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
      context.metrics().putGreatest("partitioned", isSeparate ? tookMs : Double.POSITIVE_INFINITY);
      long leftNs = startNs + TimeUnit.MILLISECONDS.toNanos(action.forMs()) - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(Math.max(0, leftNs));
    } finally {
      proxies.separate(Set.of());
    }
    long healNs = System.nanoTime();
    context.recordEvent("partition: connected member " + MemberViews.text(action.nodes()));
    context.onEnd(() -> {
      if (!isMerged.get()) {
        awaitMerge(healNs, context.scenario().settleMs());
      }
    });
    isMerged.set(awaitMerge(healNs, Long.MAX_VALUE));
    return healNs;
  }

  /** Waits until all members list each other; returns false if interrupted. */
  private boolean awaitMerge(long healNs, long msMax) {
    try {
      boolean isWhole = MemberViews.areWhole(await("merge", MemberViews::areWhole, msMax));
      double tookMs = (System.nanoTime() - healNs) / NS_PER_MS;
      context.metrics().putGreatest("merged", isWhole ? tookMs : Double.POSITIVE_INFINITY);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Waits for views, and reports those that differ from the ones before; returns the last. */
  private List<@Nullable Set<Integer>> await(
      String name, Predicate<List<@Nullable Set<Integer>>> isExpected, long msMax)
      throws InterruptedException {
    long startNs = System.nanoTime();
    List<@Nullable Set<Integer>> before = List.of();
    while (true) {
      List<@Nullable Set<Integer>> current = views.read();
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      if (!current.equals(before)) {
        context.recordEvent(
            name + ": after " + MetricUnit.ofMs(ms) + ", member " + MemberViews.text(current));
      }
      if (isExpected.test(current) || ms >= msMax || context.session().hasEnded()) {
        return current;
      }
      before = current;
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
  }

  @Override
  public void close() {
    proxies.close();
  }
}
