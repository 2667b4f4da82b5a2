// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.PacedRenewals.Interval;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all clusters; also the schema of the {@code --json} file.
 *
 * @param jvmOptions the options of all members
 * @param loadAverage that of the machine before the measurements
 * @param clusters the first one is a node alone
 */
record ClusterReport(
    List<String> jvmOptions, double loadAverage, int instances, List<Cluster> clusters) {

  /** Returns a report with another cluster. */
  ClusterReport with(Cluster cluster) {
    List<Cluster> all = Stream.concat(clusters.stream(), Stream.of(cluster)).toList();
    return new ClusterReport(jvmOptions, loadAverage, instances, all);
  }

  /**
   * The figures of a number of members.
   *
   * @param registerSecs time from the first registration until all members had all instances
   * @param idle the phase without load
   * @param spread the phase with heartbeats at all members
   * @param single the phase with all heartbeats at the first member; null for a node alone
   * @param residentBytes the resident set of each member with all instances
   * @param liveBytes the live objects on the heap of each member
   * @param join null for a node alone, like the following ones
   */
  record Cluster(
      int members,
      double registerSecs,
      Phase idle,
      Phase spread,
      @Nullable Phase single,
      List<Long> residentBytes,
      List<Long> liveBytes,
      @Nullable Join join,
      @Nullable Failure kill,
      @Nullable Failure freeze) {

    /** Returns the heartbeats without a 200. */
    long notRenewed() {
      return Stream.of(
              spread.beats(),
              single == null ? null : single.beats(),
              join == null ? null : join.calm(),
              join == null ? null : join.during(),
              kill == null ? null : kill.beats(),
              freeze == null ? null : freeze.beats())
          .mapToLong(beats -> beats == null ? 0 : beats.notRenewed())
          .sum();
    }
  }

  /**
   * A phase of steady load.
   *
   * @param beats null without load
   * @param cpuMs CPU time of each member
   * @param counters increments of the cluster's metrics, of each member
   */
  record Phase(
      double secs,
      @Nullable Interval beats,
      List<Double> cpuMs,
      List<Map<String, Double>> counters) {}

  /**
   * The join of a further member.
   *
   * @param acceptingSecs time from its start until it accepts connections
   * @param readySecs time from its start until it is complete and in the view of all members
   * @param calm heartbeats at the other members before its start
   * @param during heartbeats at the other members from its start until it is ready
   */
  record Join(double acceptingSecs, double readySecs, Interval calm, Interval during) {}

  /**
   * The failure of a member, and heartbeats at the others.
   *
   * @param noticedSecs time until it was in no view of the others
   * @param mergedSecs time from its resumption until it was in all views; null if it was killed
   */
  record Failure(double noticedSecs, @Nullable Double mergedSecs, Interval beats) {}

  long notRenewed() {
    return clusters.stream().mapToLong(Cluster::notRenewed).sum();
  }
}
