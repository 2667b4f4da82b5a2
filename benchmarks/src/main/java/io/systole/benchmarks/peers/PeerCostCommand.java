// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import io.systole.benchmarks.peers.PeersReport.ScaleResult;
import io.systole.benchmarks.peers.PeersReport.SlowResult;
import io.systole.benchmarks.servers.MeasurementRunner;
import io.systole.benchmarks.servers.ServerUnderTest;
import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.ObjectMapper;

/** Command that measures clusters of servers that replicate to each other. */
@Command(
    name = "peers",
    description = "Measures clusters: a slow peer, the cost of a replicated renewal, restarts.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class PeerCostCommand implements Callable<Integer> {
  /** The exit code if all else is well, but the load generator fell behind. */
  private static final int LATE_GENERATOR = 3;

  /** A measurement that can be run by itself. */
  enum Measurement {
    /** A peer that takes a second for each batch, and then never responds. */
    SLOW,
    /** CPU time and bytes of a replicated renewal. */
    COST,
    /** Restarts of empty nodes under a large fleet. */
    SCALE;

    /** Converts a name in lower case. */
    static final class ByName implements ITypeConverter<Measurement> {
      @Override
      public Measurement convert(String name) {
        for (Measurement measurement : values()) {
          if (measurement.name().toLowerCase(Locale.ROOT).equals(name)) {
            return measurement;
          }
        }
        throw new TypeConversionException("no measurement " + name);
      }
    }
  }

  /** Limit of the load test. */
  private static final int BEATS_PER_SEC_MAX = 20;

  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--only",
      split = ",",
      defaultValue = "slow,cost,scale",
      converter = Measurement.ByName.class,
      description = "Measurements to run.")
  private List<Measurement> only;

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "systole,stock-fresh",
      converter = ServerUnderTest.ByLabel.class,
      description = "systole, and optionally stock or stock-fresh; scale measures systole only.")
  private List<ServerUnderTest> servers;

  @Mixin
  private final PeersOptions options = new PeersOptions();

  @Option(names = "--json", paramLabel = "FILE", description = "File for all figures.")
  private @Nullable Path json;

  /**
   * Runs the command line. Exit codes: 0 measured; 1 failed, the load generator fell behind, or a
   * heartbeat at a Systole node received no 200; 2 usage error.
   */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new PeerCostCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireOptions();
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/peers"));
    ServerUnderTest.build(root, servers);
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    List<String> jvmOptions =
        ServerUnderTest.jvmOptions(new LaunchOptions(List.of("-Xmx" + PeersReport.HEAP), 0));
    PeersReport report = PeersReport.empty(jvmOptions, load);
    for (Measurement measurement : only) {
      PeersReport measured = measure(PeersReport.empty(jvmOptions, load), measurement, directory);
      print("%n%s", PeersTables.markdown(measured));
      report = report.with(measured);
      // After each measurement, since a later one may fail.
      new ObjectMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValue(json == null ? directory.resolve("peers.json") : json, report);
    }
    if (report.notRenewedBySystole() > 0) {
      print("heartbeats without a 200: %,d", report.notRenewedBySystole());
      return 1;
    }
    return report.invalidReasons().isEmpty() ? 0 : LATE_GENERATOR;
  }

  private PeersReport measure(PeersReport empty, Measurement measurement, Path directory)
      throws IOException, InterruptedException {
    switch (measurement) {
      case SLOW -> {
        List<SlowResult> results = new ArrayList<>();
        for (ServerUnderTest server : servers) {
          print("slow: %s", server.label());
          results.add(new SlowPeerRun(root, directory, options, server).run());
        }
        return empty.withSlow(results);
      }
      case COST -> {
        print("cost: rounds=%d", options.rounds());
        try (ReplicationCostRun run = new ReplicationCostRun(root, directory, options)) {
          return empty.withCost(run.run(stock()));
        }
      }
      case SCALE -> {
        print("scale: instances=%d", options.scaleInstances());
        ScaleResult result = new RestartRun(root, directory, options).run();
        return empty.withScale(List.of(result));
      }
    }
    throw new AssertionError(measurement);
  }

  private void requireOptions() {
    for (ServerUnderTest server : servers) {
      if (!server.isStock() && server != ServerUnderTest.SYSTOLE) {
        throw new ParameterException(
            spec.commandLine(), "--servers: " + server.label() + " does not replicate");
      }
    }
    if (options.fastBeatsPerSec() > options.instances() * BEATS_PER_SEC_MAX) {
      throw new ParameterException(
          spec.commandLine(),
          "--fast-beats-per-sec must be at most " + BEATS_PER_SEC_MAX + " per instance");
    }
  }

  private @Nullable ServerUnderTest stock() {
    return servers.stream().filter(ServerUnderTest::isStock).findFirst().orElse(null);
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
