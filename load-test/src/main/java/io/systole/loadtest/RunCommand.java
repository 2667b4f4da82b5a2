// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Objective;
import io.systole.loadtest.runner.Workload;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code run} command: an open model at a fixed interval or rate. */
@Command(
    name = "run",
    description = "Sends heartbeats at a fixed interval, 30 s by default. Latency counts from the"
        + " due time of a heartbeat.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final TargetOptions target = new TargetOptions();

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Mixin
  private final RateOptions rate = new RateOptions();

  @Mixin
  private final ObjectiveOptions objective = new ObjectiveOptions();

  @Mixin
  private final PartOptions part = new PartOptions();

  @Override
  public Integer call() throws Exception {
    Objective checkedObjective = CommandRunner.checked(command, objective::objective);
    return CommandRunner.run(
        command,
        options.output(),
        checkedObjective::evaluate,
        () -> part.build(options.workload(
            Workload.Mode.RUN,
            target.target(),
            target.pid(),
            rate.intervalMs(options.fleet().instances()).orElse(Workload.DEFAULT_INTERVAL_MS))));
  }
}
