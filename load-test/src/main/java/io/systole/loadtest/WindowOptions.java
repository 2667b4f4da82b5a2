// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import picocli.CommandLine.Option;

/** What is measured, and what comes before. */
final class WindowOptions {
  private static final double MS_PER_SEC = 1e3;

  @Option(
      names = "--duration",
      defaultValue = "30",
      paramLabel = "S",
      description = "Seconds that are measured; ${DEFAULT-VALUE} unless given.")
  private double durationSecs;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      paramLabel = "S",
      description = "Seconds driven before that; ${DEFAULT-VALUE} unless given.")
  private double warmupSecs;

  long durationMs() {
    return Math.round(durationSecs * MS_PER_SEC);
  }

  long warmupMs() {
    return Math.round(warmupSecs * MS_PER_SEC);
  }
}
