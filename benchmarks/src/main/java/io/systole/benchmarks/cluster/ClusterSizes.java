// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import java.util.List;
import picocli.CommandLine.Option;

/** Sizes, rates and durations of the measurements of native clusters. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
final class ClusterSizes {
  @Option(names = "--instances", defaultValue = "1000000", description = "Registered instances.")
  private int instances;

  @Option(
      names = "--members",
      split = ",",
      defaultValue = "3,5,9",
      description = "Members of each cluster, before one more joins; at least 3.")
  private List<Integer> members;

  @Option(
      names = "--interval",
      defaultValue = "30",
      description = "Heartbeat interval of an instance, seconds.")
  private int intervalSecs;

  @Option(
      names = "--idle",
      defaultValue = "60",
      description = "Seconds without load, for the CPU time that is subtracted.")
  private int idleSecs;

  @Option(
      names = "--warmup",
      defaultValue = "20",
      description = "Seconds of load before each measurement.")
  private int warmupSecs;

  @Option(names = "--duration", defaultValue = "60", description = "Seconds of each measurement.")
  private int durationSecs;

  @Option(names = "--heap", defaultValue = "1600m", description = "Maximum heap of each member.")
  private String heap;

  @Option(
      names = "--max-registry-size",
      defaultValue = "3GiB",
      description = "The option of each member, which is half its heap by default: too little for a"
          + " million instances.")
  private String registrySizeMax;

  @Option(
      names = "--connections",
      defaultValue = "4",
      description = "Connections of the load generator to each member.")
  private int connections;

  int instances() {
    return instances;
  }

  List<Integer> members() {
    return members;
  }

  double renewalsPerSec() {
    return (double) instances / intervalSecs;
  }

  int idleSecs() {
    return idleSecs;
  }

  int warmupSecs() {
    return warmupSecs;
  }

  int durationSecs() {
    return durationSecs;
  }

  String heap() {
    return heap;
  }

  String registrySizeMax() {
    return registrySizeMax;
  }

  int connections() {
    return connections;
  }
}
