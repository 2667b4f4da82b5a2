// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Watches other nodes until they show the same as the target. */
final class ConvergenceMonitor {
  /*
   * A node has converged when its hash code equals the target's, both read within one look, and
   * counts at least as many as are known to be registered: two nodes that both show nothing agree on
   * nothing.
   */
  private static final long LOOK_MS = 200;
  private static final double NS_PER_MS = 1e6;

  private record Node(URI url, RegistryReader registry) {}

  private final ScenarioContext context;
  private final List<Node> nodes = new ArrayList<>();

  ConvergenceMonitor(ScenarioContext context, List<URI> watched) {
    this.context = context;
    watched.forEach(url -> nodes.add(new Node(url, new RegistryReader(url))));
  }

  /**
   * Waits until all have converged.
   *
   * @param after what they have to catch up with, for people
   * @param msMax how long to wait
   */
  void await(String after, long msMax) throws InterruptedException {
    long startNs = System.nanoTime();
    long least = context.fleet().present();
    List<Node> behind = new ArrayList<>(nodes);
    while (!behind.isEmpty()) {
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      if (ms > msMax || context.drive().hasEnded()) {
        behind.forEach(node -> context.report("watch: " + address(node.url()) + " does not show "
            + after + " after " + MetricUnit.ofMs(ms)));
        // Longer than anyone waited: no bound on the time can hold.
        context.findings().putGreatest("converged", Double.POSITIVE_INFINITY);
        return;
      }
      for (Node node : converged(behind, least)) {
        double tookMs = (System.nanoTime() - startNs) / NS_PER_MS;
        context.findings().putGreatest("converged", tookMs);
        context.report("watch: " + address(node.url()) + " shows " + after + " after "
            + MetricUnit.ofMs(Math.round(tookMs)));
        behind.remove(node);
      }
      if (!behind.isEmpty()) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      }
    }
  }

  private List<Node> converged(List<Node> behind, long least) throws InterruptedException {
    List<Node> converged = new ArrayList<>();
    try {
      String wanted = context.registry().hashCodeOfAll();
      if (RegistryReader.total(wanted) >= least) {
        for (Node node : behind) {
          if (shows(node, wanted)) {
            converged.add(node);
          }
        }
      }
    } catch (IOException e) {
      // The target cannot be read at this moment; the next look will tell.
    }
    return converged;
  }

  private static boolean shows(Node node, String wanted) throws InterruptedException {
    try {
      return node.registry().hashCodeOfAll().equals(wanted);
    } catch (IOException e) {
      // Nor can a node that is down have converged.
      return false;
    }
  }

  private static String address(URI url) {
    String userInfo = url.getRawUserInfo();
    return userInfo == null ? url.toString() : url.toString().replace(userInfo + "@", "");
  }
}
