// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import io.systole.loadtest.report.Merger;
import io.systole.loadtest.report.Objective;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.html.ReportFile;
import io.systole.loadtest.report.html.Series;
import io.systole.loadtest.runner.LoadTestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The {@code merge} command: one report of the parts that several generators ran. */
@Command(
    name = "merge",
    description = "Merges the JSON reports of one load shared by several generators, which ran"
        + " with the same --start-at and --duration and different --first.",
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec command;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "JSON reports of the parts.")
  private List<Path> files = List.of();

  @Mixin
  private final ObjectiveOptions objective = new ObjectiveOptions();

  @Mixin
  private final OutputOptions output = new OutputOptions();

  @Override
  public Integer call() throws LoadTestException {
    Objective checkedObjective = CommandRunner.checked(command, objective::objective);
    Report merged = merged();
    // The objective of the whole applies in addition to the outcomes of the parts.
    return CommandRunner.report(
        command, output, merged.passed() ? checkedObjective.evaluate(merged) : merged);
  }

  private Report merged() throws LoadTestException {
    List<Report> parts = new ArrayList<>();
    try {
      for (Path file : files) {
        for (Series series : ReportFile.read(file)) {
          series.rounds().forEach(report -> parts.add(report.named(file.toString())));
        }
      }
      return Merger.merge(parts);
    } catch (IOException | IllegalArgumentException e) {
      throw new LoadTestException(String.valueOf(e.getMessage()));
    }
  }
}
