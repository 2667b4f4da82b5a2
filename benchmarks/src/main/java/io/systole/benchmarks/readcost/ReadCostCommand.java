// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.servers.LaunchOptions;
import io.systole.benchmarks.servers.MeasurementRunner;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.SpringEurekaBuild;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/**
 * Measures what reading the registry costs at several sizes: each candidate is started anew at each
 * size, filled over HTTP, and asked for everything after every change. Every answer is checked.
 */
@Command(
    name = "reads",
    description = "Fills each server, changes it and reads it; compares CPU time, time and memory.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class ReadCostCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "systole,stock-fresh",
      converter = ServerUnderTest.ByLabel.class,
      description =
          "Of systole, stock (its answers may be 30 s old), stock-fresh (the same, told to"
              + " show every change at once).")
  private List<ServerUnderTest> servers;

  @Option(names = "--instances", split = ",", defaultValue = "1000,10000,100000")
  private List<Integer> instances;

  @Option(
      names = "--apps",
      split = ",",
      defaultValue = "100,10000",
      description = "Applications; sizes that have fewer instances are left out.")
  private List<Integer> applications;

  @Option(
      names = "--others-instances-max",
      defaultValue = "100000",
      description = "Over this size only ours is measured.")
  private int othersInstancesMax;

  @Option(names = "--heap", defaultValue = "6g", description = "-Xmx of every server.")
  private String heap;

  @Option(names = "--rounds", defaultValue = "1")
  private int rounds;

  @Option(
      names = "--warmup",
      defaultValue = "40",
      description = "Seconds of registering, and again of fetching, before anything counts. The"
          + " stock server needs 40.")
  private int warmupSecs;

  @Option(
      names = "--registrations",
      defaultValue = "20000",
      description = "Measured at least; small fleets register again and again.")
  private int registrations;

  @Option(names = "--pairs", defaultValue = "30", description = "Changes with a fetch each.")
  private int pairs;

  @Option(
      names = "--block-cpu-ms",
      defaultValue = "500",
      description = "CPU time that a fifth of the pairs takes at least, by being more.")
  private double blockCpuMs;

  @Option(
      names = "--block-secs-max",
      defaultValue = "30",
      description = "After which a fifth of the pairs ends nevertheless.")
  private double blockSecsMax;

  @Option(
      names = "--delta-retention-ms",
      defaultValue = "10000",
      description =
          "How long deltas tell a change, 180,000 as servers come; waited for three times."
              + " stock shows a change up to 30 s late: give it more.")
  private long deltaRetentionMs;

  @Option(
      names = "--native-memory",
      description = "Track direct memory too; costs the servers some CPU time.")
  private boolean tracksNativeMemory;

  @Option(names = "--json", paramLabel = "FILE", description = "benchmarks/target/reads/reads.json")
  private Path json;

  /** Runs what the command line asks for. Exit codes: 0 measured, 1 failed, 2 bad usage. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new ReadCostCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/reads"));
    SpringEurekaBuild.ensure(root, servers);
    ReadCostReport report = new ReadCostReport(servers);
    for (int round = 1; round <= rounds; round++) {
      for (DataSet dataSet : populations()) {
        for (ServerUnderTest candidate : servers) {
          if (isMeasured(candidate, dataSet)) {
            report.add(dataSet, candidate, measure(directory, round, dataSet, candidate));
          }
        }
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println("\nMedian (least–greatest); " + conditions() + report.markdown());
    out.flush();
    Path file = json == null ? directory.resolve("reads.json") : json;
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("conditions", conditions());
    whole.put("entries", report.entries());
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file, whole);
    return 0;
  }

  private List<DataSet> populations() {
    List<DataSet> populations = new ArrayList<>();
    for (int size : instances) {
      for (int apps : applications) {
        if (apps <= size) {
          populations.add(new DataSet(size, apps));
        }
      }
    }
    return populations;
  }

  private boolean isMeasured(ServerUnderTest candidate, DataSet dataSet) {
    return candidate == ServerUnderTest.SYSTOLE || dataSet.instances() <= othersInstancesMax;
  }

  private ReadFigures measure(Path directory, int round, DataSet dataSet, ServerUnderTest candidate)
      throws IOException, InterruptedException {
    String name = "%s-%d-%d-%d"
        .formatted(candidate.label(), dataSet.instances(), dataSet.applications(), round);
    PrintWriter out = spec.commandLine().getOut();
    LaunchOptions terms = terms();
    RunSize runSize = new RunSize(warmupSecs, registrations, pairs, blockCpuMs, blockSecsMax);
    long startNs = System.nanoTime();
    try (RunningServer server = RunningServer.start(
        port -> candidate.command(root, port, terms), directory.resolve(name + ".log"))) {
      return new ReadCostRun(server, candidate, terms, dataSet, runSize, phase -> {
            double secs = (System.nanoTime() - startNs) / 1e9;
            out.printf(Locale.ROOT, "%-32s %6.1f s  %s%n", name, secs, phase);
            out.flush();
          })
          .measure();
    }
  }

  private LaunchOptions terms() {
    List<String> options = new ArrayList<>(List.of("-Xmx" + heap));
    if (tracksNativeMemory) {
      options.add("-XX:NativeMemoryTracking=summary");
    }
    return new LaunchOptions(options, deltaRetentionMs);
  }

  private String conditions() {
    return String.format(
        Locale.ROOT,
        "rounds: %d, warm-up: %d s, pairs: %d or %.0f ms CPU a block, blocks: %d, heap: %s, not"
            + " pre-touched, delta retention: %d ms, JDK: %s, cores: %d%n",
        rounds,
        warmupSecs,
        pairs,
        blockCpuMs,
        RunSize.BLOCKS,
        heap,
        deltaRetentionMs,
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
  }
}
