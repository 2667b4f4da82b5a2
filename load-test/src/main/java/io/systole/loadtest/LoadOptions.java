// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.net.URI;
import java.util.OptionalLong;
import picocli.CommandLine.Mixin;

/** The options shared by {@code run}, {@code peak} and the rounds of {@code compare}. */
final class LoadOptions {
  @Mixin
  private final FleetOptions fleet = new FleetOptions();

  @Mixin
  private final DurationOptions window = new DurationOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  FleetOptions fleet() {
    return fleet;
  }

  OutputOptions output() {
    return output;
  }

  /**
   * Returns the workload of the options.
   *
   * @throws IllegalArgumentException naming the option that is out of range
   */
  Workload workload(Workload.Mode mode, URI target, OptionalLong pid, int intervalMs) {
    return new Workload(
        mode,
        target,
        fleet.instances(),
        fleet.applications(),
        intervalMs,
        fleet.connections(),
        fleet.inFlight(),
        fleet.loops(),
        window.warmupMs(),
        window.durationMs(),
        fleet.timeoutMs(),
        fleet.lagMsMax(),
        fleet.isCompared(),
        pid,
        fleet.traffic(mode),
        fleet.isKept());
  }
}
