// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import io.systole.benchmarks.servers.MeasurementRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/**
 * Command that runs the published measurements one after the other, stores their raw results and
 * regenerates the tables. A measurement that fails or exceeds its time limit keeps its earlier
 * results.
 */
@Command(
    name = "figures",
    description = "Runs the published measurements and regenerates their tables.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class FiguresCommand implements Callable<Integer> {
  private static final long KILL_SECONDS = 10;

  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--only",
      split = ",",
      converter = FigureSet.ByLabel.class,
      description = "Sets to measure; by default all: heads, renew, renew-threads, heartbeat-path,"
          + " pipeline, client, registration, expiry, eviction, journal, json, xml,"
          + " response-cache, events, mirror, live, matrix, tls, peers, cluster.")
  private List<FigureSet> only = List.of(FigureSet.values());

  @Option(
      names = "--short",
      description = "One quick run of each into benchmarks/target/figures; nothing is published.")
  private boolean isShort;

  /** Runs the command line. Exit codes: 0 published, 1 not all, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new FiguresCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path scratch = Files.createDirectories(root.resolve("benchmarks/target/figures"));
    Path results = isShort ? scratch : Files.createDirectories(root.resolve("benchmarks/results"));
    boolean isComplete = true;
    for (FigureSet set : only) {
      out.printf("%s: %d minutes at most%n", set.label(), set.minutesMax());
      out.flush();
      isComplete &= measure(set, new ResultTable(set, results), scratch, out);
    }
    if (!isShort) {
      TablesCommand.write(root);
    }
    return isComplete ? 0 : 1;
  }

  /** Runs one set and returns whether all of its scores may be published. */
  private boolean measure(FigureSet set, ResultTable table, Path scratch, PrintWriter out)
      throws IOException, InterruptedException {
    List<String> arguments = set.arguments(isShort);
    MachineConditions conditions = MachineConditions.now(root, set, arguments);
    Path raw = scratch.resolve(set.label() + ".raw.json");
    Path log = scratch.resolve(set.label() + ".log");
    Files.deleteIfExists(raw);
    if (!run(command(set, arguments, raw), log, set.minutesMax()) || !Files.exists(raw)) {
      out.printf("%s: failed or took too long; see %s%n", set.label(), log);
      return false;
    }
    Files.move(raw, table.rawFile(), StandardCopyOption.REPLACE_EXISTING);
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(table.conditionsFile(), conditions);
    out.println(table.markdown());
    List<JmhScore> noisy = isShort ? List.of() : table.noisy();
    noisy.forEach(score -> out.printf(
        "%s: %s %s is too uncertain: %.3g ± %.3g%n",
        set.label(), score.method(), score.setting(), score.score(), score.error()));
    out.flush();
    return noisy.isEmpty();
  }

  private List<String> command(FigureSet set, List<String> arguments, Path raw) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The flags of the launcher, which forks of JMH inherit.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(set.program());
    if (set.isJmh()) {
      command.addAll(arguments);
      command.addAll(List.of("-rf", "json", "-rff", raw.toString()));
    } else {
      command.addAll(List.of("--root", root.toString(), "--json", raw.toString()));
      command.addAll(arguments);
    }
    return command;
  }

  private static boolean run(List<String> command, Path log, int minutesMax)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
    if (process.waitFor(minutesMax, TimeUnit.MINUTES)) {
      return process.exitValue() == 0;
    }
    List<ProcessHandle> forks = process.descendants().toList();
    process.destroy();
    forks.forEach(ProcessHandle::destroy);
    if (!process.waitFor(KILL_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    forks.forEach(ProcessHandle::destroyForcibly);
    return false;
  }
}
