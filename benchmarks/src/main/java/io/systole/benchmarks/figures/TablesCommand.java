// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import io.systole.benchmarks.servers.MeasurementRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Command that regenerates the tables of {@code benchmarks/RESULTS.md} from the raw results. */
@Command(
    name = "tables",
    description = "Regenerates the tables of benchmarks/RESULTS.md from benchmarks/results.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class TablesCommand implements Callable<Integer> {
  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  /** Runs the command line. Exit codes: 0 written, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new TablesCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException {
    write(root);
    return 0;
  }

  static void write(Path root) throws IOException {
    Path page = root.resolve("benchmarks/RESULTS.md");
    ResultsPage filler = new ResultsPage(root.resolve("benchmarks/results"));
    Files.writeString(page, filler.filled(Files.readString(page)));
  }
}
