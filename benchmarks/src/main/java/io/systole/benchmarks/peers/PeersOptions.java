// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import picocli.CommandLine.Option;

/** Sizes, rates and durations of the measurements of clusters. */
final class PeersOptions {
  @Option(
      names = "--instances",
      defaultValue = "10000",
      description = "Instances of slow and cost.")
  private int instances;

  @Option(
      names = "--beats-per-sec",
      defaultValue = "2000",
      description = "Heartbeats per second of all instances.")
  private int beatsPerSec;

  @Option(
      names = "--fast-beats-per-sec",
      defaultValue = "20000",
      description = "The higher rate of cost, for Systole nodes only.")
  private int fastBeatsPerSec;

  @Option(
      names = "--stock-warmup",
      defaultValue = "40",
      description = "Seconds of load before the first measurement of a stock server.")
  private int stockWarmupSecs;

  @Option(
      names = "--phase",
      defaultValue = "65",
      description = "Seconds with the slow and with the silent peer of slow; half of it without.")
  private int phaseSecs;

  @Option(
      names = "--lease",
      defaultValue = "30",
      description = "Lease duration of slow, seconds; a renewed lease lasts two.")
  private int leaseSecs;

  @Option(
      names = "--converge",
      defaultValue = "60",
      description = "Maximum seconds until the registries must be equal.")
  private int convergeSecs;

  @Option(names = "--rounds", defaultValue = "3", description = "Rounds of cost.")
  private int rounds;

  @Option(
      names = "--warmup",
      defaultValue = "4",
      description = "Seconds of load before each measurement of cost.")
  private int warmupSecs;

  @Option(
      names = "--duration",
      defaultValue = "12",
      description = "Seconds of each measurement of cost.")
  private int durationSecs;

  @Option(names = "--scale-instances", defaultValue = "100000", description = "Instances of scale.")
  private int scaleInstances;

  @Option(
      names = "--scale-interval",
      defaultValue = "30",
      description = "Heartbeat interval of each of them, seconds.")
  private int scaleIntervalSecs;

  int instances() {
    return instances;
  }

  int beatsPerSec() {
    return beatsPerSec;
  }

  int fastBeatsPerSec() {
    return fastBeatsPerSec;
  }

  int stockWarmupSecs() {
    return stockWarmupSecs;
  }

  int phaseSecs() {
    return phaseSecs;
  }

  int leaseSecs() {
    return leaseSecs;
  }

  int convergeSecs() {
    return convergeSecs;
  }

  int rounds() {
    return rounds;
  }

  int warmupSecs() {
    return warmupSecs;
  }

  int durationSecs() {
    return durationSecs;
  }

  int scaleInstances() {
    return scaleInstances;
  }

  int scaleIntervalSecs() {
    return scaleIntervalSecs;
  }
}
