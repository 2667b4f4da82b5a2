// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.ComparisonText;
import io.systole.loadtest.report.Regression;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.html.ReportFile;
import io.systole.loadtest.report.html.Series;
import io.systole.loadtest.runner.ComparisonDriver;
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

/** Two targets, in turn. */
@Command(
    name = "compare",
    description =
        "Drives two registries in turn, round by round, and says how they relate: at their"
            + " peak, or at --rate or --interval.",
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
      description = "Service URL of the second; none with --baseline.")
  private @Nullable URI b;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "JSON of a run of the same load, with which A is compared instead of B.")
  private @Nullable Path baseline;

  @Option(
      names = "--max-regression",
      defaultValue = "5%",
      converter = ShareConverter.class,
      paramLabel = "SHARE",
      description = "Share by which renewals/s, p99 or CPU per renewal may be worse than the"
          + " baseline's; exit code 1 beyond it; 5%% unless given.")
  @SuppressWarnings("NullAway.Init")
  private Double regressionMax;

  @Option(names = "--pid-a", paramLabel = "P", description = "Process id of the first.")
  private @Nullable Long pidA;

  @Option(names = "--pid-b", paramLabel = "P", description = "Process id of the second.")
  private @Nullable Long pidB;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      paramLabel = "N",
      description = "Rounds of each; ${DEFAULT-VALUE} unless given.")
  private int rounds;

  @Mixin
  private final LoadOptions options = new LoadOptions();

  @Mixin
  private final RateOptions rhythm = new RateOptions();

  @Override
  public Integer call() throws Exception {
    if ((b == null) == (baseline == null)) {
      throw new ParameterException(
          command.commandLine(), "compare needs A and B, or A and --baseline");
    }
    List<Report> before = baseline == null ? List.of() : baseline(baseline);
    ComparisonDriver driver = CommandRunner.checked(command, () -> driver(before));
    ShutdownHook interrupt = ShutdownHook.to(driver::endEarly);
    try {
      return baseline == null ? compareTwo(driver) : compareWith(before, driver);
    } finally {
      interrupt.end();
    }
  }

  private ComparisonDriver driver(List<Report> before) {
    Workload first = workload(a, pidA);
    if (!before.isEmpty()) {
      Regression.requireSameLoad(
          before.get(0).conditions(), ReportBuilder.conditions(first, Instant.now()));
    }
    Workload second = b == null ? first : workload(b, pidB);
    CommandRunner.printHint(command, a);
    CommandRunner.printHint(command, second.target());
    return new ComparisonDriver(first, second, rounds, CommandRunner.progress(command));
  }

  private static List<Report> baseline(Path file) throws LoadTestException {
    try {
      List<Series> sides = ReportFile.read(file);
      if (sides.size() != 1) {
        throw new LoadTestException(file + " holds two targets; a baseline is of one");
      }
      return sides.get(0).rounds();
    } catch (IOException e) {
      throw new LoadTestException(String.valueOf(e.getMessage()));
    }
  }

  private int compareTwo(ComparisonDriver driver) throws LoadTestException, InterruptedException {
    ComparisonReport driven = options.output().labelled(driver.drive());
    command.commandLine().getOut().print(ComparisonText.of(driven));
    options.output().write(driven, command.commandLine().getOut());
    return outcome(driver, driven, "every beat of every round was answered 200", "");
  }

  private int compareWith(List<Report> before, ComparisonDriver driver)
      throws LoadTestException, InterruptedException {
    ComparisonReport driven = options.output().labelled(driver.driveFirst());
    Regression regression = new Regression(before, driven.a());
    command.commandLine().getOut().print(regression.text());
    options.output().write(driven, command.commandLine().getOut());
    return outcome(
        driver, driven, "no figure is worse beyond the bound", regression.beyond(regressionMax));
  }

  private int outcome(
      ComparisonDriver driver, ComparisonReport driven, String passed, String regressions) {
    if (driver.hasEnded()) {
      return CommandRunner.outcome(command, false, "ended early");
    }
    boolean hasPassed = driven.passed() && regressions.isEmpty();
    return CommandRunner.outcome(
        command, hasPassed, hasPassed ? passed : driven.passed() ? regressions : driven.faults());
  }

  private Workload workload(URI target, @Nullable Long pid) {
    OptionalInt intervalMs = rhythm.intervalMs(options.fleet().instances());
    return options.workload(
        intervalMs.isPresent() ? Mode.RUN : Mode.PEAK,
        target,
        pid == null ? OptionalLong.empty() : OptionalLong.of(pid),
        intervalMs.orElse(RunCommand.USUAL_INTERVAL_MS));
  }
}
