// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.drive.Workload;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Heartbeats as fast as they are answered. */
@Command(
    name = "peak",
    description = "Keeps every connection full of heartbeats, for the highest throughput.",
    mixinStandardHelpOptions = true)
final class PeakCommand implements Callable<Integer> {
  /** While the fleet registers, those already in are kept alive at the usual rhythm. */
  private static final double REGISTERING_INTERVAL_SECS = 30;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Override
  public Integer call() throws Exception {
    return Driving.of(command, options, Workload.Mode.PEAK, REGISTERING_INTERVAL_SECS);
  }
}
