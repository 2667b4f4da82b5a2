// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Objective;
import io.systole.loadtest.runner.Workload;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Heartbeats at their rhythm. */
@Command(
    name = "run",
    description = "Beats at the fleet's own rhythm, every 30 s unless told otherwise; latency"
        + " counts from when a beat was due.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  static final int USUAL_INTERVAL_MS = 30_000;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final TargetOptions target = new TargetOptions();

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Mixin
  private final RateOptions rhythm = new RateOptions();

  @Mixin
  private final ObjectiveOptions objective = new ObjectiveOptions();

  @Mixin
  private final PartOptions part = new PartOptions();

  @Override
  public Integer call() throws Exception {
    Objective wanted = CommandRunner.checked(command, objective::objective);
    return CommandRunner.of(
        command,
        options.output(),
        wanted::judge,
        () -> part.of(options.workload(
            Workload.Mode.RUN,
            target.target(),
            target.pid(),
            rhythm.intervalMs(options.fleet().instances()).orElse(USUAL_INTERVAL_MS))));
  }
}
