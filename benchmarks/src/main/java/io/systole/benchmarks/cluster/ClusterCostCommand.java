// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.cluster;

import io.systole.benchmarks.cluster.ClusterReport.Cluster;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/** Command that measures native clusters of different sizes, and a node alone. */
@Command(
    name = "cluster",
    description =
        "Measures native clusters: bytes and CPU time of a replicated renewal, memory, and"
            + " members that join, are killed and are suspended.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class ClusterCostCommand implements Callable<Integer> {
  /** If one is suspended, at least two others must detect it. */
  private static final int MEMBERS_MIN = 3;

  private static final int MEMBERS_MAX = 60;

  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Mixin
  private final ClusterSizes sizes = new ClusterSizes();

  @Option(names = "--json", paramLabel = "FILE", description = "File for all figures.")
  private @Nullable Path json;

  /**
   * Runs the command line. Exit codes: 0 measured; 1 failed, or a heartbeat received no 200; 2
   * usage error.
   */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new ClusterCostCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (int count : sizes.members()) {
      if (count < MEMBERS_MIN || count > MEMBERS_MAX) {
        throw new ParameterException(
            spec.commandLine(),
            "--members: expected " + MEMBERS_MIN + ".." + MEMBERS_MAX + ", got " + count);
      }
    }
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/cluster"));
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    List<String> jvmOptions =
        ServerUnderTest.jvmOptions(new LaunchOptions(List.of("-Xmx" + sizes.heap()), 0));
    ClusterReport report = new ClusterReport(jvmOptions, load, sizes.instances(), List.of());
    List<Integer> counts = new ArrayList<>(List.of(1));
    counts.addAll(sizes.members());
    for (int count : counts) {
      print("members: %d", count);
      try (ClusterRun run = new ClusterRun(root, directory, sizes, count)) {
        Cluster measured = run.run();
        report = report.with(measured);
      }
      // After each cluster, since a later one may fail.
      new ObjectMapper()
          .writerWithDefaultPrettyPrinter()
          .writeValue(json == null ? directory.resolve("cluster.json") : json, report);
    }
    print("%n%s", ClusterTables.markdown(report));
    return report.notRenewed() == 0 ? 0 : 1;
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
