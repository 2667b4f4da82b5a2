// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.ComparisonText;
import io.systole.loadtest.report.Regression;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.html.ReportFile;
import io.systole.loadtest.report.html.Series;
import io.systole.loadtest.runner.ComparisonRunner;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.ReportBuilder;
import io.systole.loadtest.runner.Workload;
import io.systole.loadtest.runner.Workload.Mode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code compare} command: two targets in alternating rounds, or one against a baseline. */
@Command(
    name = "compare",
    description =
        "Compares two registries in alternating rounds, at peak throughput or at the given"
            + " --rate or --interval.",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "A",
      converter = ServiceUrl.class,
      description = "Service URL of the first registry.")
  @SuppressWarnings("NullAway.Init")
  private URI a;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "B",
      converter = ServiceUrl.class,
      description = "Service URL of the second registry; omitted with --baseline.")
  private @Nullable URI b;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "JSON report of an earlier run of the same load, compared with A instead of B.")
  private @Nullable Path baseline;

  @Option(
      names = "--max-regression",
      defaultValue = "5%",
      converter = ShareConverter.class,
      paramLabel = "SHARE",
      description = "Maximum share by which renewals/s, p99 or CPU per renewal may be worse than"
          + " the baseline; exit code 1 if exceeded. Default: 5%%.")
  @SuppressWarnings("NullAway.Init")
  private Double regressionMax;

  @Option(names = "--pid-a", paramLabel = "P", description = "Process id of the first target.")
  private @Nullable Long pidA;

  @Option(names = "--pid-b", paramLabel = "P", description = "Process id of the second target.")
  private @Nullable Long pidB;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      paramLabel = "N",
      description = "Rounds per target. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Mixin
  private final RateOptions rate = new RateOptions();

  @Override
  public Integer call() throws Exception {
    if ((b == null) == (baseline == null)) {
      throw new ParameterException(
          command.commandLine(), "compare requires A and B, or A and --baseline");
    }
    options.output().requireWritable(command);
    List<Report> baselineRounds = baseline == null ? List.of() : baseline(baseline);
    ComparisonRunner runner = CommandRunner.checked(command, () -> runner(baselineRounds));
    ShutdownHook hook = ShutdownHook.install(runner::endEarly);
    try {
      return baseline == null ? compareTwo(runner) : compareWith(baselineRounds, runner);
    } finally {
      hook.remove();
    }
  }

  private ComparisonRunner runner(List<Report> baselineRounds) {
    Workload first = workload(a, pidA);
    if (!baselineRounds.isEmpty()) {
      Regression.requireSameLoad(
          baselineRounds.get(0).conditions(), ReportBuilder.conditions(first, Instant.now()));
    }
    Workload second = b == null ? first : workload(b, pidB);
    CommandRunner.printHint(command, a);
    CommandRunner.printHint(command, second.target());
    return new ComparisonRunner(first, second, rounds, CommandRunner.progress(command));
  }

  private static List<Report> baseline(Path file) throws LoadTestException {
    try {
      List<Series> series = ReportFile.read(file);
      if (series.size() != 1) {
        throw new LoadTestException(file + " contains two targets; a baseline has one");
      }
      return series.get(0).rounds();
    } catch (IOException e) {
      throw new LoadTestException(String.valueOf(e.getMessage()));
    }
  }

  private int compareTwo(ComparisonRunner runner) throws LoadTestException, InterruptedException {
    ComparisonReport comparison = options.output().labelled(runner.run());
    command.commandLine().getOut().print(ComparisonText.of(comparison));
    return outcome(runner, comparison, "every heartbeat of every round received status 200", "");
  }

  private int compareWith(List<Report> baselineRounds, ComparisonRunner runner)
      throws LoadTestException, InterruptedException {
    ComparisonReport comparison = options.output().labelled(runner.runFirst());
    Regression regression = new Regression(baselineRounds, comparison.a());
    command.commandLine().getOut().print(regression.text());
    return outcome(
        runner,
        comparison,
        "no figure regressed beyond the limit",
        regression.exceeding(regressionMax));
  }

  private int outcome(
      ComparisonRunner runner, ComparisonReport comparison, String passed, String regressions)
      throws LoadTestException {
    boolean isComplete = !runner.hasEnded();
    boolean hasPassed = isComplete && comparison.passed() && regressions.isEmpty();
    String fault = comparison.passed() ? regressions : comparison.faults();
    return CommandRunner.outcome(
        command,
        hasPassed,
        hasPassed ? passed : isComplete ? fault : "ended early",
        () -> options.output().write(comparison, command.commandLine().getOut()));
  }

  private Workload workload(URI target, @Nullable Long pid) {
    OptionalInt intervalMs = rate.intervalMs(options.fleet().instances());
    return options
        .workload(
            intervalMs.isPresent() ? Mode.RUN : Mode.PEAK,
            target,
            pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
            intervalMs.orElse(Workload.DEFAULT_INTERVAL_MS))
        .build();
  }
}
