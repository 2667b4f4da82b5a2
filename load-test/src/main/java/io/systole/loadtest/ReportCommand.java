// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.TextLines;
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

/** The {@code report} command: an HTML page from the JSON of finished runs. */
@Command(
    name = "report",
    description = "Creates an HTML page with plots from JSON reports.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "JSON reports of runs or comparisons, 1..8 series, compared with the first; or of one"
              + " capacity search.")
  private List<Path> files = List.of();

  @Option(
      names = "--out",
      defaultValue = "report.html",
      paramLabel = "FILE.html",
      description = "File of the page. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @Override
  public Integer call() throws LoadTestException {
    try {
      Capacity capacity = ReportFile.readCapacity(files.get(0));
      return capacity == null ? reportRuns() : reportSearch(capacity);
    } catch (IOException e) {
      throw new LoadTestException(String.valueOf(e.getMessage()));
    }
  }

  private int reportSearch(Capacity capacity) throws LoadTestException {
    if (files.size() > 1) {
      throw new ParameterException(
          command.commandLine(), "a capacity report cannot share a page: give one file");
    }
    write(CapacityPage.of(capacity));
    return capacity.passed() ? 0 : failed(capacity.outcome());
  }

  private int reportRuns() throws IOException, LoadTestException {
    List<Series> allSeries = series();
    if (allSeries.size() > Series.ALL_SERIES_MAX) {
      throw new ParameterException(
          command.commandLine(),
          allSeries.size() + " runs; a page shows at most " + Series.ALL_SERIES_MAX);
    }
    write(HtmlPage.of(allSeries));
    for (Series series : allSeries) {
      for (Report report : series.rounds()) {
        if (!report.passed()) {
          return failed(series.name() + ": " + report.outcome());
        }
      }
    }
    return 0;
  }

  private void write(String page) throws LoadTestException {
    OutputOptions.write(out, page, command.commandLine().getOut());
    command.commandLine().getOut().flush();
  }

  private int failed(String reason) {
    command.commandLine().getErr().println("FAILED: " + TextLines.escaped(reason));
    return CommandRunner.FAILED;
  }

  /** Returns the series of all files; adds the file to their names if a name occurs twice. */
  private List<Series> series() throws IOException {
    List<Series> allSeries = new ArrayList<>();
    List<Series> named = new ArrayList<>();
    for (Path file : files) {
      for (Series series : ReportFile.read(file)) {
        allSeries.add(series);
        named.add(new Series(series.name() + " (" + file + ")", series.rounds()));
      }
    }
    return allSeries.stream().map(Series::name).distinct().count() == allSeries.size()
        ? allSeries
        : named;
  }
}
