// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import picocli.CommandLine.Option;

/** What is measured, and what comes before. */
final class DurationOptions {
  private static final double MS_PER_SEC = 1e3;

  @Option(
      names = "--duration",
      defaultValue = "30s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Time that is measured, e.g. 30s, 500ms, 1m; seconds"
          + " without a unit; ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private Double durationSecs;

  @Option(
      names = "--warmup",
      defaultValue = "5s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Time driven before that; ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private Double warmupSecs;

  long durationMs() {
    return Math.round(durationSecs * MS_PER_SEC);
  }

  long warmupMs() {
    return Math.round(warmupSecs * MS_PER_SEC);
  }
}
