// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import java.util.Map;
import java.util.SplittableRandom;

/**
 * A random history of a cluster: requests at all members, faults of members and of the network, and
 * now and then a quiet time in which the members must become equal. The same seed makes the same
 * history.
 */
final class ClusterHistory {
  /** Steps between two quiet times. */
  private static final int STEPS_PER_QUIET = 2_000;

  private static final int CHECK_INTERVAL_MS = 1_000;

  /** More than the longest lease takes to end with its grace, and to be evicted in several runs. */
  private static final int END_MS = 130_000;

  /** A round of digests. */
  private static final int DIGESTS_MS = (int) SimulatedMember.DIGEST_INTERVAL_MS + 5_000;

  private final SplittableRandom random;
  private final SimulatedTime time = new SimulatedTime();
  private final HistoryEvents events;
  private final SimulatedCluster cluster;
  private final ClusterInvariants invariants;
  private final ClusterRequests requests;

  /** Faults in a thousand steps. */
  private final int faults;

  private final int advanceMaxMs;
  private long checkDueMs;
  private int steps;

  ClusterHistory(long seed, Map<String, Long> occurrences, boolean isRecording) {
    this.random = new SplittableRandom(seed);
    this.events = new HistoryEvents(time, occurrences, isRecording);
    this.cluster = new SimulatedCluster(time, random, events);
    this.invariants = new ClusterInvariants(time, cluster, events);
    this.requests = new ClusterRequests(time, random, cluster, invariants, events);
    invariants.watch(requests.clients());
    this.faults = 1 + random.nextInt(12);
    this.advanceMaxMs = 50 + random.nextInt(250);
  }

  HistoryEvents events() {
    return events;
  }

  /** Makes a random step. */
  void step() {
    if (++steps % STEPS_PER_QUIET == 0) {
      settle();
    }
    int choice = random.nextInt(1_000);
    if (choice < faults) {
      cluster.disturb();
    } else if (choice < 500) {
      advance(1 + random.nextInt(advanceMaxMs));
    } else {
      requests.request();
    }
    invariants.observe();
  }

  private void advance(int passedMs) {
    time.advance(passedMs);
    requests.beat();
    if (time.nowMs() >= checkDueMs) {
      checkDueMs = time.nowMs() + CHECK_INTERVAL_MS;
      invariants.check();
    }
  }

  /** Ends all faults; the members become whole and equal within a bounded time. */
  private void settle() {
    cluster.settle();
    long startMs = time.nowMs();
    while (!cluster.isWhole()) {
      advance(250);
      invariants.observe();
      if (time.nowMs() - startMs > ClusterInvariants.WHOLE_MAX_MS) {
        throw new AssertionError("the members are not whole after " + (time.nowMs() - startMs)
            + " ms: " + invariants.describeMembers());
      }
    }
    startMs = time.nowMs();
    while (!invariants.isConverged()) {
      advance(100);
      invariants.observe();
      if (time.nowMs() - startMs > ClusterInvariants.CONVERGED_MAX_MS) {
        throw new AssertionError("the members differ after " + (time.nowMs() - startMs) + " ms: "
            + invariants.describeDifferences());
      }
    }
    long tookMs = time.nowMs() - startMs;
    events.add("settled in ms", tookMs);
    events.add("settled", () -> tookMs + " ms after the last view");
    invariants.verifyWinners();
  }

  /** Ends the history: after it the members have just the instances that are alive. */
  void end() {
    settle();
    for (int passedMs = 0; passedMs < END_MS; passedMs += 500) {
      advance(500);
      invariants.observe();
    }
    settle();
    invariants.verifyAlive();
    invariants.verifyRenewedEverywhere();
    verifyDigests();
    events.add("simulated ms", time.nowMs());
    events.add("simulated events", time.eventsRun());
    invariants.addCounters();
  }

  /** Verifies that the digests of a whole round show no difference. */
  private void verifyDigests() {
    long before = invariants.bucketsDiffering();
    for (int passedMs = 0; passedMs < DIGESTS_MS; passedMs += 500) {
      advance(500);
      invariants.observe();
    }
    if (invariants.bucketsDiffering() > before) {
      throw new AssertionError("digests differ though the members are equal");
    }
  }
}
