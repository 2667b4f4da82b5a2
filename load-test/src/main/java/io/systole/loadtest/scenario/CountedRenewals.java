// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.target.TargetMetrics;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A comparison of the renewals that all nodes count with the responses, from its creation on. */
final class CountedRenewals {
  /*
   * A count that falls is that of a restarted process and counts from zero. What a process counted
   * between the last poll and its end is lost, so the share may be slightly less than 1.
   *
   * All state is guarded by this object.
   */
  private static final long POLL_MS = 200;

  /** The count of one node. */
  static final class Node {
    final TargetMetrics metrics;
    private @Nullable Long last;
    private long sum;

    Node(URI url) {
      metrics = new TargetMetrics(url);
    }

    void add(OptionalLong count) {
      if (count.isPresent()) {
        long now = count.getAsLong();
        if (last != null) {
          sum += now >= last ? now - last : now;
        }
        last = now;
      }
    }

    /** Returns the renewals counted since the first count. */
    long sum() {
      return sum;
    }

    boolean isKnown() {
      return last != null;
    }
  }

  private final ScenarioContext context;
  private final List<Node> nodes = new ArrayList<>();
  private final long renewedBefore;

  /** Begins to count; heartbeats pause briefly. */
  CountedRenewals(ScenarioContext context, List<URI> urls) throws InterruptedException {
    this.context = context;
    urls.forEach(url -> nodes.add(new Node(url)));
    context.session().pauseHeartbeats();
    readAll();
    renewedBefore = renewed();
    context.session().startHeartbeats();
    context.poll(POLL_MS, this::poll);
  }

  private long renewed() {
    return context.session().recorders().snapshot().renewed();
  }

  private synchronized void poll() {
    nodes.forEach(node -> node.add(node.metrics.poll().renewals()));
  }

  private synchronized void readAll() throws InterruptedException {
    for (Node node : nodes) {
      node.add(node.metrics.read().renewals());
    }
  }

  /** Ends the count after the window; heartbeats pause from now on. */
  synchronized void finish() throws InterruptedException {
    context.session().pauseHeartbeats();
    readAll();
    long renewed = renewed() - renewedBefore;
    if (renewed > 0 && nodes.stream().allMatch(Node::isKnown)) {
      long counted = nodes.stream().mapToLong(Node::sum).sum();
      context.metrics().put(ScenarioMetric.RENEWALS_COUNTED, counted / (double) renewed);
      context.recordEvent(
          "renewals: the nodes counted " + counted + ", " + renewed + " responses had status 200");
    }
  }
}
