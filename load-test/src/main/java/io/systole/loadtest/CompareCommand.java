// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.drive.LoadFailed;
import io.systole.loadtest.drive.ReportMaker;
import io.systole.loadtest.drive.RoundsDriver;
import io.systole.loadtest.drive.Workload;
import io.systole.loadtest.drive.Workload.Mode;
import io.systole.loadtest.report.Regression;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Rounds;
import io.systole.loadtest.report.RoundsText;
import io.systole.loadtest.report.html.Side;
import io.systole.loadtest.report.html.SideFile;
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
      converter = Share.class,
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
  private final RhythmOptions rhythm = new RhythmOptions();

  @Override
  public Integer call() throws Exception {
    if ((b == null) == (baseline == null)) {
      throw new ParameterException(
          command.commandLine(), "compare needs A and B, or A and --baseline");
    }
    List<Report> before = baseline == null ? List.of() : baseline(baseline);
    RoundsDriver driver = Driving.checked(command, () -> driver(before));
    Interrupt interrupt = Interrupt.to(driver::endEarly);
    try {
      return baseline == null ? compareTwo(driver) : compareWith(before, driver);
    } finally {
      interrupt.end();
    }
  }

  private RoundsDriver driver(List<Report> before) {
    Workload first = workload(a, pidA);
    if (!before.isEmpty()) {
      Regression.requireSameLoad(
          before.get(0).conditions(), ReportMaker.conditions(first, Instant.now()));
    }
    Workload second = b == null ? first : workload(b, pidB);
    Driving.printHint(command, a);
    Driving.printHint(command, second.target());
    return new RoundsDriver(first, second, rounds, Driving.progress(command));
  }

  private static List<Report> baseline(Path file) throws LoadFailed {
    try {
      List<Side> sides = SideFile.read(file);
      if (sides.size() != 1) {
        throw new LoadFailed(file + " holds two targets; a baseline is of one");
      }
      return sides.get(0).rounds();
    } catch (IOException e) {
      throw new LoadFailed(String.valueOf(e.getMessage()));
    }
  }

  private int compareTwo(RoundsDriver driver) throws LoadFailed, InterruptedException {
    Rounds driven = options.output().labelled(driver.drive());
    command.commandLine().getOut().print(RoundsText.of(driven));
    options.output().write(driven, command.commandLine().getOut());
    return verdict(driver, driven, "every beat of every round was answered 200", "");
  }

  private int compareWith(List<Report> before, RoundsDriver driver)
      throws LoadFailed, InterruptedException {
    Rounds driven = options.output().labelled(driver.driveFirst());
    Regression regression = new Regression(before, driven.a());
    command.commandLine().getOut().print(regression.text());
    options.output().write(driven, command.commandLine().getOut());
    return verdict(
        driver, driven, "no figure is worse beyond the bound", regression.beyond(regressionMax));
  }

  private int verdict(RoundsDriver driver, Rounds driven, String passed, String regressions) {
    if (driver.hasEnded()) {
      return Driving.verdict(command, false, "ended early");
    }
    boolean hasPassed = driven.passed() && regressions.isEmpty();
    return Driving.verdict(
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
