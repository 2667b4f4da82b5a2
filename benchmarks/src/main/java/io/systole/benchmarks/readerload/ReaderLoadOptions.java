// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import picocli.CommandLine.Option;

/** How many of everything, and for how long. */
final class ReaderLoadOptions {
  @Option(names = "--instances", defaultValue = "100000", description = "That beat.")
  private int instances;

  @Option(names = "--beats-per-sec", defaultValue = "50000")
  private int beatsPerSec;

  @Option(names = "--connections", defaultValue = "64", description = "Of the load test.")
  private int connections;

  @Option(names = "--in-flight", defaultValue = "64", description = "On each of them.")
  private int inFlight;

  @Option(names = "--duration", defaultValue = "20", description = "Seconds measured each time.")
  private int durationSecs;

  @Option(
      names = "--settle",
      defaultValue = "5",
      description = "Seconds of warm-up beyond what deltas need to forget the registrations.")
  private int settleSecs;

  @Option(
      names = "--readers",
      defaultValue = "2000",
      description = "Connections that fetch the delta once a second each; 0 leaves them out.")
  private int readers;

  @Option(names = "--change-every-ms", defaultValue = "100", description = "Of 100 instances.")
  private int changeEveryMs;

  @Option(
      names = "--slow-readers",
      defaultValue = "1000",
      description = "Connections that ask for everything, uncompressed; 0 leaves them out.")
  private int slowReaders;

  @Option(names = "--slow-bytes", defaultValue = "1000", description = "They read a second each.")
  private int slowBytesPerSec;

  @Option(
      names = "--slow-duration",
      defaultValue = "90",
      description = "Seconds measured beside them; longer than the server's patience.")
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
