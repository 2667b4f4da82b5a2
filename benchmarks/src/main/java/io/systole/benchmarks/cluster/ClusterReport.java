// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.PacedRenewals.Part;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all clusters; also the schema of the {@code --json} file.
 *
 * @param jvmOptions of all members
 * @param loadAverage of the machine before the measurements
 * @param clusters the first one is a lone node
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
   * @param registerSecs from the first registration until all members had all instances
   * @param idle without load
   * @param spread with heartbeats at all members
   * @param single with all heartbeats at the first member
   * @param residentBytes of each member with all instances
   * @param liveBytes of objects, of each member
   * @param join null of a lone node, like the following ones
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
      @Nullable Departure kill,
      @Nullable Departure freeze) {

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
      double secs, @Nullable Part beats, List<Double> cpuMs, List<Map<String, Double>> counters) {}

  /**
   * The join of a further member.
   *
   * @param acceptingSecs from its start until it accepts connections
   * @param readySecs until it is complete and in the view of all members
   * @param calm heartbeats at the others before
   * @param during and until it was ready
   */
  record Join(double acceptingSecs, double readySecs, Part calm, Part during) {}

  /**
   * A member that no longer responds, and heartbeats at the others.
   *
   * @param noticedSecs until it was in no view of the others
   * @param mergedSecs from its resumption until it was in all views again; null if it was killed
   */
  record Departure(double noticedSecs, @Nullable Double mergedSecs, Part beats) {}

  long notRenewed() {
    return clusters.stream().mapToLong(Cluster::notRenewed).sum();
  }
}
