// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.html.CapacityPage;
import io.systole.loadtest.report.html.HtmlPage;
import io.systole.loadtest.report.html.ReportFile;
import io.systole.loadtest.report.html.Series;
import io.systole.loadtest.runner.LoadTestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pages of runs that are over. */
@Command(
    name = "report",
    description = "Makes one page with plots of what runs have written with --json.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "JSON of runs or comparisons, 1..8 sides, the others compared with the first; or of one"
              + " capacity.")
  private List<Path> files = List.of();

  @Option(
      names = "--out",
      defaultValue = "report.html",
      paramLabel = "FILE.html",
      description = "Where the page goes; ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @Override
  public Integer call() throws LoadTestException {
    try {
      Capacity capacity = ReportFile.readCapacity(files.get(0));
      return capacity == null ? reportSides() : reportSearch(capacity);
    } catch (IOException e) {
      throw new LoadTestException(String.valueOf(e.getMessage()));
    }
  }

  private int reportSearch(Capacity capacity) throws LoadTestException {
    if (files.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "the search of a capacity has a page of its own: give one file");
    }
    write(CapacityPage.of(capacity));
    return capacity.passed() ? 0 : failed(capacity.outcome());
  }

  private int reportSides() throws IOException, LoadTestException {
    List<Series> sides = sides();
    if (sides.size() > Series.ALL_SERIES_MAX) {
      throw new ParameterException(
          command.commandLine(),
          sides.size() + " runs; a page tells at most " + Series.ALL_SERIES_MAX + " apart");
    }
    write(HtmlPage.of(sides));
    for (Series side : sides) {
      for (Report report : side.rounds()) {
        if (!report.passed()) {
          return failed(side.name() + ": " + report.outcome());
        }
      }
    }
    return 0;
  }

  private void write(String page) throws LoadTestException {
    OutputOptions.write(out, page, command.commandLine().getOut());
    command.commandLine().getOut().flush();
  }

  private int failed(String why) {
    command.commandLine().getErr().println("FAILED: " + why);
    return LoadTest.FAILED;
  }

  /** Sides of the same name, as of the same target, are told apart by their files. */
  private List<Series> sides() throws IOException {
    List<Series> sides = new ArrayList<>();
    List<Series> named = new ArrayList<>();
    for (Path file : files) {
      for (Series side : ReportFile.read(file)) {
        sides.add(side);
        named.add(new Series(side.name() + " (" + file + ")", side.rounds()));
      }
    }
    return sides.stream().map(Series::name).distinct().count() == sides.size() ? sides : named;
  }
}
