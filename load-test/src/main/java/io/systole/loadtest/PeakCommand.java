// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
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
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final TargetOptions target = new TargetOptions();

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Override
  public Integer call() throws Exception {
    // The interval decides only how long the leases last.
    return CommandRunner.of(
        command,
        options.output(),
        UnaryOperator.identity(),
        () -> options.workload(
            Workload.Mode.PEAK, target.target(), target.pid(), RunCommand.USUAL_INTERVAL_MS));
  }
}
