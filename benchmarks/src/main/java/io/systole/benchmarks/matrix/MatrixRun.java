// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import io.systole.benchmarks.matrix.HeartbeatGenerator.Target;
import io.systole.benchmarks.matrix.MatrixReport.Sample;
import io.systole.benchmarks.servers.RunningServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All servers of a run. They are started once; {@link #close} ends them. */
final class MatrixRun implements AutoCloseable {
  /** Requests in batches and singly: a server may handle them by different code, to be compiled. */
  private static final List<MatrixCell> WARMUP = List.of(
      new MatrixCell(MatrixCell.Mode.SATURATED, 64, 16),
      new MatrixCell(MatrixCell.Mode.SATURATED, 64, 1));

  private record Started(MatrixServer server, int leases, RunningServer process, Target target) {}

  private final Path root;
  private final Path directory;
  private final MatrixOptions options;
  private final CPrograms programs;
  private final HeartbeatGenerator generator;
  private final PrintWriter out;
  private final List<Started> started = new ArrayList<>();

  /**
   * Creates a run without servers.
   *
   * @param root the checkout
   * @param directory of logs
   * @param out for progress
   */
  MatrixRun(Path root, Path directory, MatrixOptions options, CPrograms programs, PrintWriter out) {
    this.root = root;
    this.directory = directory;
    this.options = options;
    this.programs = programs;
    this.generator =
        new HeartbeatGenerator(programs.generator(), directory.resolve("generator.log"));
    this.out = out;
  }

  /** Starts a server, registers its instances and warms it up. */
  void start(MatrixServer server) throws IOException, InterruptedException {
    Path log = directory.resolve(server.label() + ".log");
    RunningServer process =
        RunningServer.start(port -> server.command(root, programs, port, options.loops()), log);
    Target target = new Target(
        process.port(), process.pid(), options.instances(server), server.generatorOptions());
    int leases = server.requiresRegistration() ? target.instances() : 0;
    started.add(new Started(server, leases, process, target));
    if (leases > 0) {
      GeneratorResult registered = generator.register(target);
      print("%s: %,d registered in %.1f s", server.label(), registered.ok(), registered.seconds());
      if (registered.ok() != leases) {
        throw new IOException(
            server.label() + " accepted " + registered.ok() + " of " + leases + " instances");
      }
    }
    for (MatrixCell cell : WARMUP) {
      generator.run(target, cell.generatorArguments(server.warmupSecs(options.warmupSecs())));
    }
    print("%s: warm", server.label());
  }

  /** Measures each load in each round, the servers in turn. */
  List<Sample> measure() throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    for (int round = 1; round <= options.rounds(); round++) {
      for (MatrixCell cell : options.cells()) {
        for (Started server : started) {
          if (server.server().supports(cell)) {
            samples.add(measure(round, cell, server));
          }
        }
      }
    }
    return samples;
  }

  private Sample measure(int round, MatrixCell cell, Started server)
      throws IOException, InterruptedException {
    GeneratorResult result =
        generator.run(server.target(), cell.generatorArguments(options.seconds()));
    print(
        "round %d  %-20s %-14s %8.3f µs CPU  %,11.0f heartbeats/s  %d bad",
        round,
        cell.label(),
        server.server().label(),
        result.cpuUsPerResponse(),
        result.responsesPerSec(),
        result.bad());
    return new Sample(round, cell, server.server().label(), server.leases(), result);
  }

  private void print(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }

  @Override
  public void close() {
    started.forEach(server -> server.process().close());
  }
}
