// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Objective;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The service level that decides the exit code of a run. */
final class ObjectiveOptions {
  @Option(
      names = "--p99",
      converter = TimeText.Milliseconds.class,
      paramLabel = "T",
      description = "Latency from due at p99 at most, e.g. 20ms; exit code 1 beyond it.")
  private @Nullable Double p99Ms;

  @Option(
      names = "--errors",
      converter = ShareConverter.class,
      paramLabel = "SHARE",
      description = "Share of the beats due that may be answered otherwise than 200 or not at all,"
          + " e.g. 0.1%%; exit code 1 beyond it, 0 unless given.")
  private @Nullable Double errorShare;

  /** @throws IllegalArgumentException naming the option that is out of range */
  Objective objective() {
    return new Objective(optional(p99Ms), optional(errorShare));
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
