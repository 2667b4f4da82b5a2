// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Rate;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** How often an instance beats: said of the instance or of the whole fleet. */
final class RateOptions {
  private static final double MS_PER_SEC = 1e3;

  /** At most one of both. */
  private static final class Rhythm {
    @Option(
        names = "--interval",
        converter = TimeText.Seconds.class,
        paramLabel = "T",
        description = "Time between heartbeats of an instance, e.g. 30s, 500ms, 1m; seconds"
            + " without a unit.")
    private @Nullable Double intervalSecs;

    @Option(
        names = "--rate",
        paramLabel = "R",
        description = "Heartbeats per second of the whole fleet, up to 20 per instance.")
    private @Nullable Double perSec;
  }

  @ArgGroup(exclusive = true)
  private @Nullable Rhythm rhythm;

  /**
   * Returns the interval of an instance, ms; empty when neither option was given.
   *
   * @throws IllegalArgumentException when so few instances cannot beat at that rate
   */
  OptionalInt intervalMs(int instances) {
    if (rhythm == null) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        rhythm.perSec != null
            ? Rate.intervalMs(rhythm.perSec, instances)
            : rhythm.intervalSecs == null ? 0 : (int) Math.round(rhythm.intervalSecs * MS_PER_SEC));
  }
}
