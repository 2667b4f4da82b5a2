// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import picocli.CommandLine.Option;

/** The durations of the warm-up and the measurement window. */
final class DurationOptions {
  private static final double MS_PER_SEC = 1e3;

  @Option(
      names = "--duration",
      defaultValue = "30s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Length of the measurement window, e.g. 30s, 500ms, 1m; a bare number is"
          + " seconds. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double durationSecs;

  @Option(
      names = "--warmup",
      defaultValue = "5s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Warm-up before the window. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double warmupSecs;

  long durationMs() {
    return Math.round(durationSecs * MS_PER_SEC);
  }

  long warmupMs() {
    return Math.round(warmupSecs * MS_PER_SEC);
  }
}
