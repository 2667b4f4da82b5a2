// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Rate;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The heartbeat rate, given per instance or for the whole fleet. */
final class RateOptions {
  private static final double MS_PER_SEC = 1e3;

  /** The two mutually exclusive options. */
  private static final class Choice {
    @Option(
        names = "--interval",
        converter = TimeText.Seconds.class,
        paramLabel = "T",
        description = "Heartbeat interval of an instance, e.g. 30s, 500ms, 1m; a bare number is"
            + " seconds.")
    private @Nullable Double intervalSecs;

    @Option(
        names = "--rate",
        paramLabel = "R",
        description = "Heartbeats per second of the whole fleet, up to 20 per instance.")
    private @Nullable Double perSec;
  }

  @ArgGroup(exclusive = true)
  private @Nullable Choice choice;

  /**
   * Returns the interval of an instance, ms; empty if neither option is given.
   *
   * @throws IllegalArgumentException if the instances cannot produce the rate
   */
  OptionalInt intervalMs(int instances) {
    if (choice == null) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        choice.perSec != null
            ? Rate.intervalMs(choice.perSec, instances)
            : choice.intervalSecs == null ? 0 : intervalMs(choice.intervalSecs));
  }

  private static int intervalMs(double secs) {
    double ms = secs * MS_PER_SEC;
    if (ms > Rate.INTERVAL_MS_MAX) {
      throw new IllegalArgumentException(
          "--interval is out of range: " + secs + " s is more than a day");
    }
    return (int) Math.round(ms);
  }
}
