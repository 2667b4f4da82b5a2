// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.systole.benchmarks.matrix.GeneratorResult.Latency;
import io.systole.benchmarks.matrix.HeartbeatGenerator.Target;
import io.systole.benchmarks.servers.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiled generator against the compiled responder. */
final class HeartbeatGeneratorTest {
  private static final Path SOURCES = Path.of("src/main/c");

  @TempDir
  private static Path directory;

  private static CPrograms programs;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    if (!isInstalled("gcc")) {
      String reason = "NOT tried: the load generator in C, as gcc is not installed";
      System.out.println("!!! " + reason);
      if (Boolean.parseBoolean(System.getenv("CI"))) {
        throw new AssertionError(reason);
      }
      abort(reason);
    }
    programs = CPrograms.compile(SOURCES, directory);
  }

  @Test
  void run_saturated_countsEveryResponseAndTheServersCpuTime() throws Exception {
    GeneratorResult result = run(List.of(), 10, List.of("saturated", "8", "16", "1"));

    assertThat(result.ok()).isGreaterThan(8 * 16);
    assertThat(result.bad()).isZero();
    assertThat(result.cpuUsPerResponse()).isBetween(0.001, 1_000.0);
    assertThat(result.latency()).isNull();
  }

  @Test
  void run_paced_sendsEachHeartbeatOnceAndMeasuresItsLatency() throws Exception {
    GeneratorResult result = run(List.of(), 10, List.of("paced", "8", "500", "1"));

    assertThat(result.ok()).isEqualTo(500);
    assertThat(result.bad()).isZero();
    assertThat(result.unsent()).isZero();
    Latency latency = Objects.requireNonNull(result.latency());
    assertThat(latency.p50Us()).isPositive().isEqualTo(latency.windowP50Us());
    assertThat(latency.maxUs()).isGreaterThanOrEqualTo(latency.p999Us());
  }

  @Test
  void run_responsesAre404_countsThemAsBad() throws Exception {
    GeneratorResult result = run(List.of("404"), 10, List.of("paced", "2", "100", "1"));

    assertThat(result.ok()).isZero();
    assertThat(result.bad()).as("one more on each connection").isEqualTo(102);
  }

  @Test
  void generator_responsesAre404_endsWithOne() throws Exception {
    try (RunningServer responder = startResponder(List.of("404"))) {
      Process generator = new ProcessBuilder(
              programs.generator().toString(),
              Integer.toString(responder.port()),
              "10",
              "paced",
              "1",
              "10",
              "1")
          .redirectErrorStream(true)
          .start();

      assertThat(generator.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(generator.exitValue()).isEqualTo(1);
    }
  }

  @Test
  void register_otherResponseThan204_countsIt() throws Exception {
    try (RunningServer responder = startResponder(List.of("204"))) {
      assertThat(generator().register(target(responder, 1_000)).ok()).isEqualTo(1_000);
    }
    try (RunningServer responder = startResponder(List.of("200"))) {
      assertThat(generator().register(target(responder, 1_000)).bad()).isEqualTo(1_000);
    }
  }

  @Test
  void run_wrongArguments_throwsWithTheStatus() throws Exception {
    assertThatThrownBy(() -> run(List.of(), 10, List.of("paced", "2", "0", "1")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("status 2");
    assertThat(directory.resolve("generator.log"))
        .content()
        .contains("RATE: expected 1..5000000, got 0");
  }

  @Test
  void compile_sourceIsMissing_throwsWithTheErrorOfTheCompiler() {
    assertThatThrownBy(() -> CPrograms.compile(directory.resolve("none"), directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("generator.c");
  }

  private static GeneratorResult run(
      List<String> responderArguments, int instances, List<String> mode)
      throws IOException, InterruptedException {
    try (RunningServer responder = startResponder(responderArguments)) {
      return generator().run(target(responder, instances), mode);
    }
  }

  private static HeartbeatGenerator generator() {
    return new HeartbeatGenerator(programs.generator(), directory.resolve("generator.log"));
  }

  private static Target target(RunningServer responder, int instances) {
    return new Target(responder.port(), responder.pid(), instances, List.of());
  }

  private static RunningServer startResponder(List<String> arguments)
      throws IOException, InterruptedException {
    return RunningServer.start(
        port -> {
          List<String> command = new ArrayList<>();
          command.add(programs.responder().toString());
          command.add(Integer.toString(port));
          command.addAll(arguments);
          return command;
        },
        directory.resolve("responder.log"));
  }

  private static boolean isInstalled(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
