// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Objective;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The service level objective of a run; it decides the exit code. */
final class ObjectiveOptions {
  @Option(
      names = "--p99",
      converter = TimeText.Milliseconds.class,
      paramLabel = "T",
      description = "Maximum p99 latency from the due time, e.g. 20ms; exit code 1 if exceeded.")
  private @Nullable Double p99Ms;

  @Option(
      names = "--errors",
      converter = ShareConverter.class,
      paramLabel = "SHARE",
      description = "Maximum share of due heartbeats without status 200, e.g. 0.1%%; exit code 1"
          + " if exceeded. Default: 0.")
  private @Nullable Double errorShare;

  /** @throws IllegalArgumentException naming the option that is out of range */
  Objective objective() {
    return new Objective(optional(p99Ms), optional(errorShare));
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
