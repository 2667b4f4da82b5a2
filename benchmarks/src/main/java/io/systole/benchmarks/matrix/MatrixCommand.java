// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import io.systole.benchmarks.servers.MeasurementRunner;
import io.systole.benchmarks.servers.ServerUnderTest;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectMapper;

/**
 * Command that measures heartbeats over sockets: all servers run from the first round to the last,
 * and are loaded in turn, so that drift of the machine affects all of them.
 */
@Command(
    name = "matrix",
    description = "Measures the CPU time and latency of heartbeats by connections, requests in"
        + " flight and pace, of whole servers side by side. Needs gcc.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class MatrixCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Mixin
  private final MatrixOptions options = new MatrixOptions();

  @Option(names = "--json", paramLabel = "FILE", description = "File for all samples.")
  private @Nullable Path json;

  /**
   * Runs the command line. Exit codes: 0 measured; 1 failed, or a heartbeat received no 200; 2
   * usage error.
   */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new MatrixCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/matrix"));
    CPrograms programs = CPrograms.compile(root.resolve("benchmarks/src/main/c"), directory);
    MatrixReport report = measure(directory, programs, out);
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json, report);
    }
    out.println();
    out.print(MatrixTables.markdown(report));
    out.flush();
    return report.bad() == 0 ? 0 : 1;
  }

  private MatrixReport measure(Path directory, CPrograms programs, PrintWriter out)
      throws IOException, InterruptedException {
    List<MatrixServer> servers = new ArrayList<>(options.servers());
    List<String> leftOut = new ArrayList<>();
    if (servers.contains(MatrixServer.REDIS) && !isOnPath("redis-server")) {
      servers.remove(MatrixServer.REDIS);
      leftOut.add(MatrixServer.REDIS.label());
      out.println("redis is left out: there is no redis-server on the PATH");
    }
    if (servers.contains(MatrixServer.STOCK)) {
      ServerUnderTest.build(root, List.of(ServerUnderTest.STOCK));
    }
    try (MatrixRun run = new MatrixRun(root, directory, options, programs, out)) {
      for (MatrixServer server : servers) {
        run.start(server);
      }
      return new MatrixReport(
          MatrixServer.commonJvmOptions(),
          options.loops(),
          options.seconds(),
          leftOut,
          run.measure());
    }
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
