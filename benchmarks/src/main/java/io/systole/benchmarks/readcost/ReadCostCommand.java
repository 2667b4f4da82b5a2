// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import io.systole.benchmarks.readcost.ReadCostReport.ReadFigures;
import io.systole.benchmarks.servers.MeasurementRunner;
import io.systole.benchmarks.servers.RunningServer;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
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
 * Command that measures the cost of reading the registry at several sizes. Each server is started
 * for each size, filled over HTTP and read after every change. Every response is checked.
 */
@Command(
    name = "reads",
    description = "Fills, changes and reads each server; compares CPU time, latency and memory.",
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
          "Among systole, stock (responses up to 30 s old) and stock-fresh (the same without"
              + " its read-only response cache).")
  private List<ServerUnderTest> servers;

  @Option(names = "--instances", split = ",", defaultValue = "1000,10000,100000")
  private List<Integer> instances;

  @Option(
      names = "--apps",
      split = ",",
      defaultValue = "100,10000",
      description = "Applications; sizes with fewer instances are skipped.")
  private List<Integer> applications;

  @Option(
      names = "--others-instances-max",
      defaultValue = "100000",
      description = "Above this size only systole is measured.")
  private int othersInstancesMax;

  @Option(names = "--heap", defaultValue = "6g", description = "-Xmx of every server.")
  private String heap;

  @Option(names = "--rounds", defaultValue = "1")
  private int rounds;

  @Option(
      names = "--warmup",
      defaultValue = "40",
      description = "Seconds of warm-up by registrations, and again by fetches. The stock server"
          + " needs 40.")
  private int warmupSecs;

  @Option(
      names = "--registrations",
      defaultValue = "20000",
      description = "Minimum number measured; small fleets register repeatedly.")
  private int registrations;

  @Option(
      names = "--pairs",
      defaultValue = "30",
      description = "Minimum number of changes, each with a fetch.")
  private int pairs;

  @Option(
      names = "--block-cpu-ms",
      defaultValue = "500",
      description = "Minimum CPU time of a block of pairs; a block continues until then.")
  private double blockCpuMs;

  @Option(
      names = "--block-secs-max",
      defaultValue = "30",
      description = "Maximum duration of a block of pairs.")
  private double blockSecsMax;

  @Option(
      names = "--delta-retention-ms",
      defaultValue = "10000",
      description =
          "Retention of changes in deltas; 180,000 is the servers' default. Waited for three"
              + " times. Use at least 60,000 with stock, which includes changes up to 30 s late.")
  private long deltaRetentionMs;

  @Option(
      names = "--native-memory",
      description = "Track direct memory too; costs the servers some CPU time.")
  private boolean tracksNativeMemory;

  @Option(names = "--json", paramLabel = "FILE", description = "benchmarks/target/reads/reads.json")
  private Path json;

  /** Runs the command line. Exit codes: 0 measured, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new ReadCostCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/reads"));
    ServerUnderTest.build(root, servers);
    ReadCostReport report = new ReadCostReport(servers);
    for (int round = 1; round <= rounds; round++) {
      for (DataSet dataSet : dataSets()) {
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
    Map<String, Object> output = new LinkedHashMap<>();
    output.put("conditions", conditions());
    output.put("entries", report.entries());
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file, output);
    return 0;
  }

  private List<DataSet> dataSets() {
    List<DataSet> dataSets = new ArrayList<>();
    for (int size : instances) {
      for (int apps : applications) {
        if (apps <= size) {
          dataSets.add(new DataSet(size, apps));
        }
      }
    }
    return dataSets;
  }

  private boolean isMeasured(ServerUnderTest candidate, DataSet dataSet) {
    return candidate == ServerUnderTest.SYSTOLE || dataSet.instances() <= othersInstancesMax;
  }

  private ReadFigures measure(Path directory, int round, DataSet dataSet, ServerUnderTest candidate)
      throws IOException, InterruptedException {
    String name = "%s-%d-%d-%d"
        .formatted(candidate.label(), dataSet.instances(), dataSet.applications(), round);
    PrintWriter out = spec.commandLine().getOut();
    LaunchOptions launchOptions = launchOptions();
    RunSize runSize = new RunSize(warmupSecs, registrations, pairs, blockCpuMs, blockSecsMax);
    long startNs = System.nanoTime();
    try (RunningServer server = RunningServer.start(
        port -> candidate.command(root, port, launchOptions), directory.resolve(name + ".log"))) {
      return new ReadCostRun(server, candidate, launchOptions, dataSet, runSize, phase -> {
            double secs = (System.nanoTime() - startNs) / 1e9;
            out.printf(Locale.ROOT, "%-32s %6.1f s  %s%n", name, secs, phase);
            out.flush();
          })
          .measure();
    }
  }

  private LaunchOptions launchOptions() {
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
