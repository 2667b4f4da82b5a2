// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import picocli.CommandLine.Option;

/** Sizes, rates and durations of a run with readers. */
final class ReaderLoadOptions {
  @Option(
      names = "--instances",
      defaultValue = "100000",
      description = "Instances that send heartbeats.")
  private int instances;

  @Option(
      names = "--beats-per-sec",
      defaultValue = "50000",
      description = "Heartbeats per second of all instances.")
  private int beatsPerSec;

  @Option(
      names = "--connections",
      defaultValue = "64",
      description = "Connections of the load test.")
  private int connections;

  @Option(names = "--in-flight", defaultValue = "64", description = "Requests in flight on each.")
  private int inFlight;

  @Option(names = "--duration", defaultValue = "20", description = "Seconds of each measurement.")
  private int durationSecs;

  @Option(
      names = "--settle",
      defaultValue = "5",
      description = "Seconds of warm-up after the registrations have left the delta.")
  private int settleSecs;

  @Option(
      names = "--readers",
      defaultValue = "2000",
      description = "Connections that fetch the delta once a second each; 0 for none.")
  private int readers;

  @Option(
      names = "--change-every-ms",
      defaultValue = "100",
      description = "Interval of changes to 100 instances.")
  private int changeEveryMs;

  @Option(
      names = "--slow-readers",
      defaultValue = "1000",
      description = "Connections that request the full registry, uncompressed; 0 for none.")
  private int slowReaders;

  @Option(
      names = "--slow-bytes",
      defaultValue = "1000",
      description = "Bytes that each of them reads per second.")
  private int slowBytesPerSec;

  @Option(
      names = "--slow-duration",
      defaultValue = "90",
      description = "Seconds measured beside them; more than the server's write timeout.")
  private int slowSecs;

  int instances() {
    return instances;
  }

  int beatsPerSec() {
    return beatsPerSec;
  }

  int connections() {
    return connections;
  }

  int inFlight() {
    return inFlight;
  }

  int durationSecs() {
    return durationSecs;
  }

  int settleSecs() {
    return settleSecs;
  }

  int readers() {
    return readers;
  }

  int changeEveryMs() {
    return changeEveryMs;
  }

  int slowReaders() {
    return slowReaders;
  }

  int slowBytesPerSec() {
    return slowBytesPerSec;
  }

  int slowSecs() {
    return slowSecs;
  }
}
