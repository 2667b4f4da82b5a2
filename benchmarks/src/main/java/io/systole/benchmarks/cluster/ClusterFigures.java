// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.ClusterReport.Cluster;
import io.systole.benchmarks.cluster.ClusterReport.Phase;
import io.systole.benchmarks.cluster.PacedRenewals.Interval;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The cost of replicated renewals, derived from the phases of a cluster. CPU time is that beyond
 * the same cluster without load.
 */
record ClusterFigures(Cluster cluster) {
  private static final double US_PER_MS = 1e3;
  private static final String BEAT_BYTES = "systole_cluster_sent_bytes_total{kind=\"beats\"}";
  private static final String SENT = "systole_cluster_renewals_sent_total";
  private static final String RECEIVED = "systole_cluster_renewals_received_total";

  private double busyMs(Phase phase, int member) {
    Phase idle = cluster.idle();
    return phase.cpuMs().get(member) - idle.cpuMs().get(member) * phase.secs() / idle.secs();
  }

  private static long renewed(Phase phase) {
    Interval beats = phase.beats();
    return beats == null ? 0 : beats.renewed();
  }

  /** Returns the CPU time of a member per renewal of the phase, µs. */
  double memberUs(Phase phase, int member) {
    return US_PER_MS * busyMs(phase, member) / renewed(phase);
  }

  /** Returns the CPU time of all members per renewal of the phase, µs. */
  double allMembersUs(Phase phase) {
    return IntStream.range(0, cluster.members())
        .mapToDouble(member -> memberUs(phase, member))
        .sum();
  }

  /** Returns the greatest CPU time per renewal of the members that only receive, µs. */
  double receiverUs(Phase single) {
    return IntStream.range(1, cluster.members())
        .mapToDouble(member -> memberUs(single, member))
        .max()
        .orElse(Double.NaN);
  }

  /** Returns the bytes of the messages with renewals, for each receiver, per renewal. */
  double bytesPerRenewal(Phase phase) {
    return sum(phase, BEAT_BYTES) / sum(phase, SENT);
  }

  /** Returns the share of the sent renewals that renewed a lease at a receiver. */
  double receivedShare(Phase phase) {
    return sum(phase, RECEIVED) / (sum(phase, SENT) * (cluster.members() - 1));
  }

  private static double sum(Phase phase, String name) {
    ToDoubleFunction<Map<String, Double>> value = counters -> counters.getOrDefault(name, 0.0);
    return phase.counters().stream().mapToDouble(value).sum();
  }
}
