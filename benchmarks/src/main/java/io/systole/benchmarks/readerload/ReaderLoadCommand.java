// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import io.systole.benchmarks.servers.FigureRange;
import io.systole.benchmarks.servers.LoadTestProcess;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Command that measures heartbeats at a fixed rate without readers, with readers of deltas, and
 * with slow readers of the full registry, on one server in alternating runs.
 */
@Command(
    name = "readers",
    description = "Heartbeats at a fixed rate, alone and with concurrent readers.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields before the call
public final class ReaderLoadCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(names = "--root", required = true, hidden = true, description = "The checkout.")
  private Path root;

  @Option(
      names = "--candidate",
      defaultValue = "systole",
      converter = ServerUnderTest.ByLabel.class,
      description = "systole, stock or stock-fresh.")
  private ServerUnderTest candidate;

  @Option(names = "--rounds", defaultValue = "5")
  private int rounds;

  @Option(names = "--heap", defaultValue = "6g", description = "-Xmx of the server.")
  private String heap;

  @Option(
      names = "--delta-retention-ms",
      defaultValue = "10000",
      description = "Retention of changes in deltas; each measurement waits as long first.")
  private long deltaRetentionMs;

  @Mixin
  private final ReaderLoadOptions options = new ReaderLoadOptions();

  private final Map<String, Object> report = new LinkedHashMap<>();

  /** Runs the command line. Exit codes: 0 measured, 1 failed, 2 usage error. */
  public static void main(String[] arguments) {
    System.exit(MeasurementRunner.run(new ReaderLoadCommand(), arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(root.resolve("benchmarks/target/readers"));
    ServerUnderTest.build(root, List.of(candidate));
    LaunchOptions launchOptions = new LaunchOptions(List.of("-Xmx" + heap), deltaRetentionMs);
    report.put("conditions", conditions());
    print("%s", conditions());
    try (RunningServer server = RunningServer.start(
        port -> candidate.command(root, port, launchOptions), directory.resolve("server.log"))) {
      ReaderLoadRun run =
          new ReaderLoadRun(root, directory, server, candidate, launchOptions, options);
      if (options.readers() > 0) {
        besideReaders(run);
      }
      if (options.slowReaders() > 0) {
        besideSlowReaders(run);
      }
    }
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(directory.resolve("readers.json"), report);
    return 0;
  }

  private void besideReaders(ReaderLoadRun run) throws IOException, InterruptedException {
    List<LoadTestProcess.Result> alone = new ArrayList<>();
    List<ReaderLoadRun.WithReaders> beside = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      alone.add(run.alone());
      print("round %d  alone           %s", round, describe(alone.get(round - 1)));
      beside.add(run.besideReaders());
      ReaderLoadRun.WithReaders with = beside.get(round - 1);
      print("round %d  beside readers  %s", round, describe(with.beats()));
      print("         readers: %s, changes: %d", describe(with.readers()), with.changes());
      ratios.add(with.beats().p99Ms() / alone.get(round - 1).p99Ms());
    }
    print("p99 beside %d readers ÷ alone: %s", options.readers(), FigureRange.of(ratios));
    report.put("alone", alone);
    report.put("besideReaders", beside);
    report.put("p99Ratios", ratios);
  }

  private void besideSlowReaders(ReaderLoadRun run) throws IOException, InterruptedException {
    LoadTestProcess.Result alone = run.alone();
    print("         alone           %s", describe(alone));
    ReaderLoadRun.SlowResult slow = run.besideSlowReaders();
    print("         beside slow     %s", describe(slow.beats()));
    print(
        "         slow readers of %.1f MB: %s; live heap, MB: %s",
        slow.responseMb(), describe(slow.readers()), slow.heapMb());
    ReaderLoadRun.ResourceSample last = slow.samples().get(0);
    for (ReaderLoadRun.ResourceSample sample : slow.samples()) {
      boolean hasChanged = sample.connections() != last.connections();
      if (hasChanged || sample.residentMb() > last.residentMb() * 1.1) {
        print(
            "         after %5.1f s  %,d connections open, %,.0f MB resident",
            sample.secs(), sample.connections(), sample.residentMb());
        last = sample;
      }
    }
    print(
        "p99 beside %d slow readers ÷ alone: %.2f",
        options.slowReaders(), slow.beats().p99Ms() / alone.p99Ms());
    report.put("aloneBeforeSlow", alone);
    report.put("besideSlowReaders", slow);
  }

  private static String describe(LoadTestProcess.Result result) {
    return String.format(
        Locale.ROOT,
        "%,.0f renewals/s, ms from due: p50 %.2f, p99 %.2f, p99.9 %.2f, max %.1f (from sent: p99"
            + " %.2f), %.2f µs CPU each, not renewed: %d",
        result.renewalsPerSec(),
        result.p50Ms(),
        result.p99Ms(),
        result.p999Ms(),
        result.maxMs(),
        result.sentP99Ms(),
        result.cpuUs(),
        result.notRenewed());
  }

  private static String describe(JsonNode readers) {
    return readers.toString().replace("\"", "").replace(",", ", ");
  }

  private void print(String format, Object... arguments) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  private String conditions() {
    return String.format(
        Locale.ROOT,
        "%s, instances: %d, beats/s: %d, readers: %d, a change every %d ms, slow readers: %d of %d"
            + " bytes/s, heap: %s, not pre-touched, delta retention: %d ms, JDK: %s, cores: %d",
        candidate.label(),
        options.instances(),
        options.beatsPerSec(),
        options.readers(),
        options.changeEveryMs(),
        options.slowReaders(),
        options.slowBytesPerSec(),
        heap,
        deltaRetentionMs,
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
  }
}
