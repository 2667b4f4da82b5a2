// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.runner.Workload;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code peak} command: a closed loop at full throughput. */
@Command(
    name = "peak",
    description = "Measures the highest throughput: every connection always has its maximum of"
        + " heartbeats in flight.",
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
    // The interval only determines the lease duration.
    return CommandRunner.run(
        command,
        options.output(),
        UnaryOperator.identity(),
        () -> options
            .workload(
                Workload.Mode.PEAK, target.target(), target.pid(), Workload.DEFAULT_INTERVAL_MS)
            .build());
  }
}
