// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.net.URI;
import java.util.OptionalLong;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options shared by {@code run}, {@code peak} and the rounds of {@code compare}. */
final class LoadOptions {
  private static final double MS_PER_SEC = 1e3;

  @Mixin
  private final FleetOptions fleet = new FleetOptions();

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

  @Mixin
  private final OutputOptions output = new OutputOptions();

  FleetOptions fleet() {
    return fleet;
  }

  OutputOptions output() {
    return output;
  }

  /** Returns a builder of the workload of the options. */
  Workload.Builder workload(Workload.Mode mode, URI target, OptionalLong pid, int intervalMs) {
    return Workload.builder(mode, target)
        .fleet(fleet.instances(), fleet.applications(), intervalMs)
        .load(fleet.connections(), fleet.inFlight(), fleet.loops())
        .window(Math.round(warmupSecs * MS_PER_SEC), Math.round(durationSecs * MS_PER_SEC))
        .limits(fleet.timeoutMs(), fleet.lagMsMax())
        .compared(fleet.isCompared())
        .pid(pid)
        .traffic(fleet.traffic(mode))
        .keep(fleet.isKept());
  }
}
