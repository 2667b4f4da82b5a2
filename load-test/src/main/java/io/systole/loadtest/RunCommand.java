// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.drive.Workload;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Heartbeats at their rhythm. */
@Command(
    name = "run",
    description = "Beats at the fleet's own rhythm; latency counts from when a beat was due.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Option(
      names = "--interval",
      defaultValue = "30",
      paramLabel = "S",
      description = "Seconds between heartbeats of an instance; ${DEFAULT-VALUE} unless given.")
  private double intervalSecs;

  @Override
  public Integer call() throws Exception {
    return Driving.of(command, options, Workload.Mode.RUN, intervalSecs);
  }
}
