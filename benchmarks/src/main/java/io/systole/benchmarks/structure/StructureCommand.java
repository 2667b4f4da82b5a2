// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.structure;

import io.systole.benchmarks.servers.MeasurementRunner;
import io.systole.benchmarks.structure.SourceTree.SourceFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Command that prints counts of the source code as a table with a column per checkout. */
@Command(
    name = "structure",
    description = "Counts files, cycles and names in the sources of one or more checkouts.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class StructureCommand implements Callable<Integer> {
  private static final int SHORT_LINES = 30;

  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--heartbeat",
      description = "Also count the files that one warm heartbeat enters in a running server.")
  private boolean hasHeartbeat;

  @Option(names = "--list", description = "List the files and names behind the counts.")
  private boolean isListed;

  @Parameters(paramLabel = "CHECKOUT", description = "Checkouts to count; by default this one.")
  private List<Path> checkouts = List.of();

  private final Map<String, List<Object>> rows = new LinkedHashMap<>();
  private final List<String> listing = new ArrayList<>();

  /** Runs the command line. Exit codes: 0 counted, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new StructureCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Path> counted = checkouts.isEmpty() ? List.of(root) : checkouts;
    for (Path checkout : counted) {
      listing.add("# " + checkout);
      count(SourceTree.parse(checkout));
      if (hasHeartbeat) {
        Path directory = Files.createDirectories(root.resolve("benchmarks/target/structure"));
        Set<String> entered = HeartbeatTrace.enteredFiles(checkout, directory);
        row("files entered by a warm heartbeat", entered.size());
        entered.forEach(file -> listing.add("heartbeat: " + file));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    StringBuilder heading = new StringBuilder("| |");
    counted.forEach(checkout -> heading.append(' ').append(checkout).append(" |"));
    out.println(heading);
    out.println("|---|" + "---|".repeat(counted.size()));
    rows.forEach((name, values) -> {
      StringBuilder line = new StringBuilder("| ").append(name).append(" |");
      values.forEach(value -> line.append(' ').append(value).append(" |"));
      out.println(line);
    });
    if (isListed) {
      out.println();
      listing.forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private void count(SourceTree sources) {
    List<SourceFile> main = sources.mainByLines();
    List<SourceFile> shortFiles =
        main.stream().filter(file -> file.lines() < SHORT_LINES).toList();
    List<Set<Path>> cycles = sources.cycles();
    Map<String, List<Path>> sharedNames = sources.sharedNames();
    List<String> publicTypes = sources.publicTypes("client");
    row("main files", main.size());
    row("lines of a main file, median", main.get((main.size() - 1) / 2).lines());
    row(
        "lines of a main file, 90th percentile",
        main.get((main.size() * 9 - 1) / 10).lines());
    row("main files under " + SHORT_LINES + " lines", shortFiles.size());
    row("cycles between main files of a package", cycles.size());
    row("files in these cycles", cycles.stream().mapToInt(Set::size).sum());
    row("simple names of two or more top-level types", sharedNames.size());
    row("public top-level types of the client", publicTypes.size());
    shortFiles.forEach(file -> listing.add("short: " + file.lines() + " " + file.path()));
    cycles.forEach(cycle -> listing.add("cycle: " + cycle));
    sharedNames.forEach((name, paths) -> listing.add("name: " + name + " " + paths));
    publicTypes.forEach(type -> listing.add("public: " + type));
  }

  private void row(String name, Object value) {
    rows.computeIfAbsent(name, any -> new ArrayList<>()).add(value);
  }
}
