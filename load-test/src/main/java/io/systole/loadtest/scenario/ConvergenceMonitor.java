// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Waits until other nodes have the same registry as the target. */
final class ConvergenceMonitor {
  /*
   * A node has converged when its hash code equals the target's, both read within one poll, and
   * counts at least the instances known to be registered: two empty nodes do not count as
   * converged.
   */
  private static final long POLL_MS = 200;
  private static final double NS_PER_MS = 1e6;

  private record Node(URI url, RegistryReader registry) {}

  private final ScenarioContext context;
  private final List<Node> nodes = new ArrayList<>();

  ConvergenceMonitor(ScenarioContext context, List<URI> watched) {
    this.context = context;
    watched.forEach(url -> nodes.add(new Node(url, new RegistryReader(url))));
  }

  /**
   * Waits until all nodes have converged.
   *
   * @param after the change that they have to catch up with, as text
   * @param msMax maximum wait
   */
  void await(String after, long msMax) throws InterruptedException {
    long startNs = System.nanoTime();
    long instancesMin = context.fleet().registeredCount();
    List<Node> pending = new ArrayList<>(nodes);
    while (!pending.isEmpty()) {
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      if (ms > msMax || context.session().hasEnded()) {
        pending.forEach(node -> context.recordEvent("watch: " + address(node.url())
            + " does not have " + after + " after " + MetricUnit.ofMs(ms)));
        // The wait timed out, so no limit on the time can hold.
        context.metrics().putGreatest("converged", Double.POSITIVE_INFINITY);
        return;
      }
      for (Node node : converged(pending, instancesMin)) {
        double tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
        context.metrics().putGreatest("converged", tookMs);
        context.recordEvent("watch: " + address(node.url()) + " has " + after + " after "
            + MetricUnit.ofMs(Math.round(tookMs)));
        pending.remove(node);
      }
      if (!pending.isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
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
      return node.registry().registryHash().equals(targetHash);
    } catch (IOException e) {
      // A node that is down has not converged.
      return false;
    }
  }

  private static String address(URI url) {
    String userInfo = url.getRawUserInfo();
    return userInfo == null ? url.toString() : url.toString().replace(userInfo + "@", "");
  }
}
