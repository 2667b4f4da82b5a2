// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.consistency.ConsistencyCheck;
import io.systole.loadtest.consistency.ConsistencyReport;
import io.systole.loadtest.consistency.ConsistencyText;
import io.systole.loadtest.consistency.InstanceDifference;
import io.systole.loadtest.read.RegistryRequest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Waits until other nodes have the same registry as the target. */
final class ConvergenceMonitor {
  /*
   * A node has converged when its hash code equals the target's, counts at least the instances
   * known to be registered (two empty nodes do not count as converged), and a comparison of the
   * full registries, which is much larger, finds no difference.
   *
   * All state is final, but a check is used by one thread at a time: each wait has its own nodes.
   */
  private static final long POLL_MS = 200;
  private static final double NS_PER_MS = 1e6;

  /** Differences that become events, for each node. */
  private static final int DIFFERENCES_MAX = 5;

  private record Node(URI url, RegistryReader registry, ConsistencyCheck check) {}

  private final ScenarioContext context;
  private final List<URI> watched;

  ConvergenceMonitor(ScenarioContext context, List<URI> watched) {
    this.context = context;
    this.watched = List.copyOf(watched);
  }

  /** Returns all watched nodes. */
  private List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    for (URI url : watched) {
      ConsistencyCheck check = new ConsistencyCheck(List.of(context.target(), url));
      nodes.add(new Node(url, new RegistryReader(url), check));
    }
    return nodes;
  }

  /**
   * Waits until all nodes have converged.
   *
   * @param after the change that they have to catch up with, as text
   * @param msMax maximum wait
   */
  void await(String after, long msMax) throws InterruptedException {
    long startNs = System.nanoTime();
    List<Node> pending = nodes();
    awaitAll(pending, msMax, node -> {
      double tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
      context.metrics().putGreatest("converged", tookMs);
      context.recordEvent("watch: " + address(node.url()) + " has " + after + " after "
          + MetricUnit.ofMs(Math.round(tookMs)));
    });
    if (!pending.isEmpty()) {
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      pending.forEach(node -> context.recordEvent("watch: " + address(node.url())
          + " does not have " + after + " after " + MetricUnit.ofMs(ms)));
      // The wait timed out, so no limit on the time can hold.
      context.metrics().putGreatest("converged", Double.POSITIVE_INFINITY);
    }
    if (!watched.isEmpty()) {
      reportDifferences(pending);
    }
  }

  /**
   * Waits until all nodes have converged after the start or thaw of one; if the window ends before,
   * the wait goes on for the settle time.
   *
   * @param change such as "the start of node 2"
   * @param startNs when it began
   */
  void awaitAfter(String change, long startNs) throws InterruptedException {
    if (watched.isEmpty()) {
      return;
    }
    List<Node> pending = nodes();
    AtomicBoolean isReported = new AtomicBoolean();
    // Runs after this thread has ended.
    context.onEnd(() -> {
      try {
        awaitAll(pending, context.scenario().settleMs(), node -> {});
        if (!isReported.get()) {
          reportReconverged(change, startNs, pending);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    awaitAll(pending, Long.MAX_VALUE, node -> {});
    isReported.set(true);
    reportReconverged(change, startNs, pending);
  }

  private void reportReconverged(String change, long startNs, List<Node> pending)
      throws InterruptedException {
    boolean hasConverged = pending.isEmpty();
    double tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
    context.metrics().putGreatest("reconverged", hasConverged ? tookMs : Double.POSITIVE_INFINITY);
    context.recordEvent("restart: all registries are " + (hasConverged ? "equal " : "not equal ")
        + MetricUnit.ofMs(Math.round(tookMs)) + " after " + change);
    reportDifferences(pending);
  }

  /** A handler of a node that has converged. */
  private interface ConvergedNode {
    void accept(Node node);
  }

  /** Removes nodes from {@code pending} as they converge, until none is left or time is over. */
  private void awaitAll(List<Node> pending, long msMax, ConvergedNode onConverged)
      throws InterruptedException {
    long startNs = System.nanoTime();
    long instancesMin = context.fleet().registeredCount();
    while (!pending.isEmpty()) {
      long pollNs = System.nanoTime();
      for (Node node : converged(pending, instancesMin)) {
        pending.remove(node);
        onConverged.accept(node);
      }
      long nowNs = System.nanoTime();
      boolean isOver = TimeUnit.NANOSECONDS.toMillis(nowNs - startNs) >= msMax;
      if (isOver || context.session().hasEnded()) {
        return;
      }
      if (!pending.isEmpty()) {
        // Comparisons of large registries take at most half of the time.
        long pauseNs = Math.max(TimeUnit.MILLISECONDS.toNanos(POLL_MS), nowNs - pollNs);
        TimeUnit.NANOSECONDS.sleep(pauseNs);
      }
    }
  }

  private List<Node> converged(List<Node> pending, long instancesMin) throws InterruptedException {
    List<Node> converged = new ArrayList<>();
    try {
      String targetHash = context.registry().registryHash();
      if (RegistryReader.total(targetHash) >= instancesMin) {
        for (Node node : pending) {
          if (matches(node, targetHash)) {
            converged.add(node);
          }
        }
      }
    } catch (IOException e) {
      // The target is not readable at the moment; retried at the next poll.
    }
    return converged;
  }

  private static boolean matches(Node node, String targetHash) throws InterruptedException {
    try {
      return node.registry().registryHash().equals(targetHash)
          && node.check().run(0).isConsistent();
    } catch (IOException e) {
      // A node that is down has not converged.
      return false;
    }
  }

  /** Counts and describes the differences of nodes that have not converged. */
  private void reportDifferences(List<Node> pending) throws InterruptedException {
    long differing = 0;
    try {
      for (Node node : pending) {
        ConsistencyReport report = node.check().run(DIFFERENCES_MAX);
        differing += report.differing();
        for (InstanceDifference difference : report.differences()) {
          context.recordEvent("watch: target A, " + address(node.url()) + " B: "
              + ConsistencyText.line(difference));
        }
      }
      context.metrics().put("differences", differing);
    } catch (IOException e) {
      context.recordEvent("watch: " + e.getMessage());
    }
  }

  private static String address(URI url) {
    return RegistryRequest.withoutCredentials(url);
  }
}
