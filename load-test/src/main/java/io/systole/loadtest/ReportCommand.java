// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.report.html.Page;
import io.systole.loadtest.report.html.Side;
import io.systole.loadtest.report.html.SideFile;
import java.io.IOException;
import java.nio.file.Files;
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
          "JSON of runs or comparisons, 1..8 sides; the others are compared with the first.")
  private List<Path> files = List.of();

  @Option(
      names = "--out",
      defaultValue = "report.html",
      paramLabel = "FILE.html",
      description = "Where the page goes; ${DEFAULT-VALUE} unless given.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @Override
  public Integer call() {
    try {
      List<Side> sides = sides();
      if (sides.size() > Side.SIDES_MAX) {
        throw new ParameterException(
            command.commandLine(),
            sides.size() + " runs; a page tells at most " + Side.SIDES_MAX + " apart");
      }
      Files.write(out, Page.of(sides).getBytes(UTF_8));
      return 0;
    } catch (IOException e) {
      command.commandLine().getErr().println("FAILED: " + e.getMessage());
      return LoadTest.FAILED;
    }
  }

  /** Sides of the same name, as of the same target, are told apart by their files. */
  private List<Side> sides() throws IOException {
    List<Side> sides = new ArrayList<>();
    List<Side> named = new ArrayList<>();
    for (Path file : files) {
      for (Side side : SideFile.read(file)) {
        sides.add(side);
        named.add(new Side(side.name() + " (" + file + ")", side.rounds()));
      }
    }
    return sides.stream().map(Side::name).distinct().count() == sides.size() ? sides : named;
  }
}
