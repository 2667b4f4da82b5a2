// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.live;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures servers side by side. A round starts each contender in turn, drives it at every depth of
 * pipelining and stops it again; rounds follow one another, so a machine that grows slower grows so
 * for all.
 */
@Command(
    name = "live",
    description = "Starts each server in turn, drives it, and compares the CPU time of a renewal.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class SideBySide implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--contenders",
      split = ",",
      defaultValue = "systole,ordinary",
      converter = Contender.ByLabel.class,
      description =
          "Of systole, ordinary, ordinary-batched, bare, stock; default ${DEFAULT-VALUE}.")
  private List<Contender> contenders;

  @Option(names = "--rounds", defaultValue = "5", description = "Default ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--in-flight",
      split = ",",
      defaultValue = "1,16,64",
      description = "Requests kept in flight on a connection; default ${DEFAULT-VALUE}.")
  private List<Integer> inFlight;

  @Option(names = "--instances", defaultValue = "10000", description = "Default ${DEFAULT-VALUE}.")
  private int instances;

  @Option(names = "--connections", defaultValue = "64", description = "Default ${DEFAULT-VALUE}.")
  private int connections;

  @Option(
      names = "--warmup",
      defaultValue = "5",
      description = "Seconds; default ${DEFAULT-VALUE}.")
  private int warmupSecs;

  @Option(
      names = "--duration",
      defaultValue = "10",
      description = "Seconds measured; default ${DEFAULT-VALUE}.")
  private int durationSecs;

  /** Runs what the command line asks for. Exit codes: 0 measured, 1 failed, 2 bad usage. */
  public static void main(String[] arguments) {
    System.exit(Commands.run(new SideBySide(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/live"));
    StockBuild.ensure(root, contenders);
    LoadRun load = new LoadRun(root, directory, instances, connections, warmupSecs, durationSecs);
    Table table = new Table(contenders);
    for (int round = 1; round <= rounds; round++) {
      for (Contender contender : contenders) {
        measure(contender, round, load, table, out);
      }
    }
    out.printf(
        "%nServer CPU per renewal: median (least–greatest); rounds: %d, instances: %d,"
            + " connections: %d, JDK: %s, cores: %d.%n%n%s",
        rounds,
        instances,
        connections,
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        table.markdown());
    out.flush();
    return 0;
  }

  private void measure(Contender contender, int round, LoadRun load, Table table, PrintWriter out)
      throws IOException, InterruptedException {
    Path log = load.directory().resolve(contender.label() + "-" + round + ".log");
    try (RunningServer server = RunningServer.start(port -> contender.command(root, port), log)) {
      for (int depth : inFlight) {
        String name = contender.label() + "-" + round + "-" + depth;
        LoadRun.Sample sample = load.drive(server, contender.prefix(), depth, name);
        table.add(depth, contender, sample.cpuUs());
        out.printf(
            Locale.ROOT,
            "round %d  %-16s in flight %-3d %8.2f µs CPU  %,10.0f renewals/s%n",
            round,
            contender.label(),
            depth,
            sample.cpuUs(),
            sample.renewalsPerSec());
        out.flush();
      }
    }
  }
}
