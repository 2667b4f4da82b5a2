// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.BeatTimeline.Beats;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all measurements; also the schema of the {@code --json} file.
 *
 * @param jvmOptions of all servers
 * @param loadAverage of the machine before the measurements
 * @param slow empty if not measured, like the others
 */
record PeersReport(
    List<String> jvmOptions,
    double loadAverage,
    List<SlowResult> slow,
    List<CostSample> cost,
    List<ScaleResult> scale) {

  /** Heap of the servers, except those of the large fleet. */
  static final String HEAP = "512m";

  /** Returns a report without figures. */
  static PeersReport empty(List<String> jvmOptions, double loadAverage) {
    return new PeersReport(jvmOptions, loadAverage, List.of(), List.of(), List.of());
  }

  PeersReport withSlow(List<SlowResult> results) {
    return new PeersReport(jvmOptions, loadAverage, results, cost, scale);
  }

  PeersReport withCost(List<CostSample> samples) {
    return new PeersReport(jvmOptions, loadAverage, slow, samples, scale);
  }

  PeersReport withScale(List<ScaleResult> results) {
    return new PeersReport(jvmOptions, loadAverage, slow, cost, results);
  }

  /** Returns a report with the figures of both. */
  PeersReport with(PeersReport other) {
    return new PeersReport(
        jvmOptions,
        loadAverage,
        concat(slow, other.slow),
        concat(cost, other.cost),
        concat(scale, other.scale));
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /**
   * The figures of one cluster of a loaded server A, a healthy peer B and a slow peer C.
   *
   * @param servers label of the kind of its servers
   * @param convergedSecs from the healing of C to equal registries; null if that took too long
   * @param convergeSecsMax the limit
   * @param differing instances that differed after that time
   * @param notRenewed heartbeats of the whole run without a 200
   * @param invalidReason by which the figures are not those of the servers; empty if they are
   */
  record SlowResult(
      String servers,
      List<SlowPhase> phases,
      @Nullable Double convergedSecs,
      int convergeSecsMax,
      int differing,
      long notRenewed,
      String invalidReason) {}

  /**
   * One phase of a cluster with a slow peer.
   *
   * @param name state of C
   * @param cpuUs CPU time of A per renewal
   * @param heapMb live heap of A at the end, like the next ones
   * @param queuedItems items that peers of A have not accepted
   * @param evictions since the start, of A, B and C
   * @param instances of A, B and C
   * @param differing instances that are not the same at all
   */
  record SlowPhase(
      String name,
      Beats beats,
      double cpuUs,
      double heapMb,
      long queuedItems,
      List<Long> evictions,
      List<Integer> instances,
      int differing) {}

  /**
   * One measurement of a loaded server and its peer.
   *
   * @param label kinds of the servers
   * @param beatsPerSec 0 for as many as possible
   * @param notRenewed heartbeats without a 200
   * @param replicated items that reached the peer; 0 if not counted, like the bytes
   * @param peerThreadMs CPU time of the sender's thread for peers; 0 for stock servers
   * @param cpuMs CPU time by server, also of those that had nothing to do
   * @param invalidReason by which the figures are not those of the servers; empty if they are
   */
  record CostSample(
      int round,
      String label,
      int beatsPerSec,
      double secs,
      double renewals,
      long notRenewed,
      long replicated,
      long sentBytes,
      long receivedBytes,
      double peerThreadMs,
      Map<String, Double> cpuMs,
      String invalidReason) {
    /** Returns the name of the loaded server of the servers {@code label}. */
    static String sender(String label) {
      return label + " sender";
    }

    /** Returns the name of its peer. */
    static String receiver(String label) {
      return label + " receiver";
    }
  }

  /**
   * Restarts in a cluster of a loaded node A and the nodes B and C.
   *
   * @param steady before the restarts
   * @param steadySecs for the CPU figures
   * @param cpuSecs CPU time of A, B and C in that time
   * @param notRenewed heartbeats of the whole run without a 200
   * @param invalidReason by which the figures are not those of the servers; empty if they are
   */
  record ScaleResult(
      int instances,
      Beats steady,
      double steadySecs,
      List<Double> cpuSecs,
      List<Restart> restarts,
      long notRenewed,
      String invalidReason) {}

  /**
   * The restart of one node without data.
   *
   * @param acceptingSecs from its start until it accepts connections, as the next ones
   * @param completeSecs until it has as many instances as A
   * @param verifiedSecs until the comparison of all registries that began then has ended
   * @param differing instances that differed
   * @param cpuSecs CPU time of A and of the node until it was complete
   */
  record Restart(
      String node,
      double acceptingSecs,
      double completeSecs,
      double verifiedSecs,
      int differing,
      List<Double> cpuSecs) {}

  /** Returns the distinct reasons by which figures are not those of the servers. */
  List<String> invalidReasons() {
    return Stream.of(
            slow.stream().map(SlowResult::invalidReason),
            cost.stream().map(CostSample::invalidReason),
            scale.stream().map(ScaleResult::invalidReason))
        .flatMap(reasons -> reasons)
        .filter(reason -> !reason.isEmpty())
        .distinct()
        .toList();
  }

  /** Returns the heartbeats at Systole nodes that received no 200. */
  long notRenewedBySystole() {
    return slow.stream()
            .filter(result -> result.servers().equals("systole"))
            .mapToLong(SlowResult::notRenewed)
            .sum()
        + cost.stream()
            .filter(sample -> sample.label().startsWith("systole"))
            .mapToLong(CostSample::notRenewed)
            .sum()
        + scale.stream().mapToLong(ScaleResult::notRenewed).sum();
  }
}
