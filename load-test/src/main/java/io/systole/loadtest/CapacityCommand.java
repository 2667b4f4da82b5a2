// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.CapacityText;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.runner.CapacityRunner;
import io.systole.loadtest.runner.CapacitySearch;
import io.systole.loadtest.runner.Rate;
import io.systole.loadtest.runner.Slo;
import io.systole.loadtest.runner.Workload;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code capacity} command: a search for the highest rate that meets an objective. */
@Command(
    name = "capacity",
    description =
        "Finds the highest heartbeat rate that meets an objective: doubles the rate until it"
            + " fails, bisects to the precision, and repeats the result for confirmation.",
    mixinStandardHelpOptions = true)
final class CapacityCommand implements Callable<Integer> {
  private static final double MS_PER_SEC = 1e3;
  private static final double PERCENT = 100;
  private static final double DEFAULT_INTERVAL_SECS = 30;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Mixin
  private final TargetOptions target = new TargetOptions();

  @Mixin
  private final FleetOptions fleet = new FleetOptions();

  @Mixin
  private final JsonOption json = new JsonOption();

  @Option(
      names = "--p99",
      defaultValue = "20ms",
      converter = TimeText.Milliseconds.class,
      paramLabel = "T",
      description =
          "Maximum p99 latency from the due time, e.g. 20ms or 0.5s. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double p99Ms;

  @Option(
      names = "--errors",
      defaultValue = "0",
      paramLabel = "E",
      description = "Maximum heartbeats per trial without status 200. Default: ${DEFAULT-VALUE}.")
  private long errorsMax;

  @Option(
      names = "--cores",
      paramLabel = "C",
      description = "Maximum CPU seconds per second of the target; requires --pid.")
  private @Nullable Double coresMax;

  @Option(
      names = "--from",
      paramLabel = "R",
      description = "First rate, heartbeats per second. Default: one per instance every 30 s.")
  private @Nullable Double from;

  @Option(
      names = "--to",
      paramLabel = "R",
      description = "Highest rate, heartbeats per second. Default: 20 per instance.")
  private @Nullable Double to;

  @Option(
      names = "--precision",
      defaultValue = "5",
      paramLabel = "P",
      description = "Maximum gap between the passing and the failing rate, percent, 0.1..50."
          + " Default: ${DEFAULT-VALUE}.")
  private double precisionPercent;

  @Option(
      names = "--confirm",
      defaultValue = "3",
      paramLabel = "N",
      description = "Repetitions that must confirm the result, 0..100. Default: ${DEFAULT-VALUE}.")
  private int confirmations;

  @Option(
      names = "--step",
      defaultValue = "10s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Measurement window of each rate. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double stepSecs;

  @Option(
      names = "--warmup",
      defaultValue = "3s",
      converter = TimeText.Seconds.class,
      paramLabel = "T",
      description = "Warm-up before each window. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Double warmupSecs;

  @Override
  public Integer call() throws Exception {
    OutputOptions.requireWritable(command, json.file());
    CommandRunner.printHint(command, target.target());
    CapacityRunner runner = CommandRunner.checked(command, this::runner);
    ShutdownHook hook = ShutdownHook.install(runner::endEarly);
    try {
      Capacity capacity = runner.run();
      command.commandLine().getOut().print(CapacityText.of(capacity));
      return CommandRunner.outcome(
          command,
          capacity.passed(),
          capacity.outcome(),
          () -> OutputOptions.write(
              json.file(), ReportJson.of(capacity), command.commandLine().getOut()));
    } finally {
      hook.remove();
    }
  }

  private CapacityRunner runner() {
    int instances = fleet.instances();
    double first = from == null ? instances / DEFAULT_INTERVAL_SECS : from;
    double last = to == null ? Rate.perSec(Rate.INTERVAL_MS_MIN, instances) : to;
    Rate.intervalMs(last, instances);
    if (coresMax != null && target.pid().isEmpty()) {
      throw new IllegalArgumentException("--cores requires --pid");
    }
    var slo = new Slo(
        p99Ms, errorsMax, coresMax == null ? OptionalDouble.empty() : OptionalDouble.of(coresMax));
    var search = new CapacitySearch(first, last, precisionPercent / PERCENT, confirmations);
    Workload workload = Workload.builder(Workload.Mode.RUN, target.target())
        .fleet(instances, fleet.applications(), Rate.intervalMs(first, instances))
        .load(fleet.connections(), fleet.inFlight(), fleet.loops())
        .window(Math.round(warmupSecs * MS_PER_SEC), Math.round(stepSecs * MS_PER_SEC))
        .limits(fleet.timeoutMs(), fleet.lagMsMax())
        .compared(fleet.isCompared())
        .pid(target.pid())
        .traffic(fleet.traffic(Workload.Mode.RUN))
        .keep(fleet.isKept())
        .build();
    return new CapacityRunner(workload, slo, search, CommandRunner.progress(command));
  }
}
