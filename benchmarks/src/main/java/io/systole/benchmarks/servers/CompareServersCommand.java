// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import io.systole.benchmarks.ForkFlags;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Command that measures servers side by side. A round starts each server, loads it at each number
 * of requests in flight and stops it; rounds alternate the servers to cancel drift of the machine.
 */
@Command(
    name = "live",
    description = "Loads each server and compares the CPU time per renewal.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class CompareServersCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "systole,baseline",
      converter = ServerUnderTest.ByAnyLabel.class,
      description = "Among systole, systole-basic, systole-tls-jdk, systole-tls-openssl,"
          + " systole-tls-openssl-basic, baseline, baseline-batched, constant, stock,"
          + " stock-fresh; default ${DEFAULT-VALUE}.")
  private List<ServerUnderTest> servers;

  @Option(names = "--rounds", defaultValue = "5", description = "Default ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--in-flight",
      split = ",",
      defaultValue = "1,16,64",
      description = "Requests in flight on each connection; default ${DEFAULT-VALUE}.")
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

  @Option(
      names = "--heap",
      defaultValue = "1g",
      description = "Heap of each server, pre-touched at its start; default ${DEFAULT-VALUE}.")
  private String heap;

  @Option(names = "--json", paramLabel = "FILE", description = "File for all samples.")
  private Path json;

  /** Runs the command line. Exit codes: 0 measured, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new CompareServersCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ServerUnderTest.build(root, servers);
    // Page faults of a growing heap would be charged to whichever server allocates.
    LaunchOptions options =
        new LaunchOptions(List.of("-Xms" + heap, "-Xmx" + heap, ForkFlags.PRE_TOUCH), 0);
    List<Sample> samples;
    if (servers.stream().anyMatch(ServerUnderTest::isSecured)) {
      try (SecurityFiles security = SecurityFiles.create(root)) {
        samples = measure(options.withSecurity(security), security.clientJvmOptions());
      }
    } else {
      samples = measure(options, List.of());
    }
    Run run = new Run(ServerUnderTest.jvmOptions(options), samples);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%nServer CPU per renewal: median (least–greatest); rounds: %d, instances: %d,"
            + " connections: %d, warm-up: %d s, JDK: %s, cores: %d, server flags: %s.%n%n%s",
        rounds,
        instances,
        connections,
        warmupSecs,
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        String.join(" ", run.jvmOptions()),
        table(samples).markdown());
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json, run);
    }
    return 0;
  }

  /**
   * One measurement of one server.
   *
   * @param server its label
   * @param cpuUs CPU time of the server, microseconds per answered renewal
   */
  record Sample(int round, String server, int inFlight, double cpuUs, double renewalsPerSec) {}

  /**
   * The content of the {@code --json} file.
   *
   * @param jvmOptions of all servers
   */
  record Run(List<String> jvmOptions, List<Sample> samples) {}

  /** Returns the table of the content of a {@code --json} file. */
  public static String markdown(JsonNode run) {
    return table(new ObjectMapper().treeToValue(run, Run.class).samples()).markdown();
  }

  private static ServersTable table(List<Sample> samples) {
    ServerUnderTest.ByAnyLabel byLabel = new ServerUnderTest.ByAnyLabel();
    ServersTable table = new ServersTable(samples.stream()
        .map(sample -> byLabel.convert(sample.server()))
        .distinct()
        .toList());
    samples.forEach(
        sample -> table.add(sample.inFlight(), byLabel.convert(sample.server()), sample.cpuUs()));
    return table;
  }

  /** Measures all rounds; {@code loadJvmOptions} are those of the load test. */
  private List<Sample> measure(LaunchOptions options, List<String> loadJvmOptions)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/live"));
    LoadRun load = new LoadRun(
        root, directory, instances, connections, warmupSecs, durationSecs, loadJvmOptions);
    List<Sample> samples = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      for (ServerUnderTest server : servers) {
        samples.addAll(measure(server, options, round, load));
      }
    }
    return samples;
  }

  private List<Sample> measure(
      ServerUnderTest server, LaunchOptions options, int round, LoadRun load)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    Path log = load.directory().resolve(server.label() + "-" + round + ".log");
    try (RunningServer running =
        RunningServer.start(port -> server.command(root, port, options), log)) {
      SecurityFiles security = options.security();
      if (security != null && server.isSystole()) {
        SecurityCheck.require(server, running, security);
      }
      for (int requests : inFlight) {
        String name = server.label() + "-" + round + "-" + requests;
        LoadRun.Sample sample = load.run(server.url(running.port()), running.pid(), requests, name);
        samples.add(
            new Sample(round, server.label(), requests, sample.cpuUs(), sample.renewalsPerSec()));
        print(samples.get(samples.size() - 1));
      }
    }
    return samples;
  }

  private void print(Sample sample) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "round %d  %-25s in flight %-3d %8.2f µs CPU  %,10.0f renewals/s%n",
        sample.round(),
        sample.server(),
        sample.inFlight(),
        sample.cpuUs(),
        sample.renewalsPerSec());
    out.flush();
  }
}
