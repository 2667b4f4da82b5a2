// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The conditions of a measurement, stored with its raw results.
 *
 * @param command that repeats it
 * @param arguments of the program that measured
 * @param commit short hash; ends with {@code -dirty} when sources differed from it
 * @param jdk version of the runtime
 * @param cpu model name, or the architecture if unknown
 * @param cores available to the JVM
 * @param startedAt UTC, ISO 8601
 */
record MachineConditions(
    String command,
    List<String> arguments,
    String commit,
    String jdk,
    String cpu,
    int cores,
    String startedAt) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final long GIT_SECONDS_MAX = 30;

  /** Returns the conditions of this machine and of the checkout at {@code root}. */
  static MachineConditions now(Path root, FigureSet set, List<String> arguments)
      throws IOException, InterruptedException {
    String changed = git(
        root,
        "status",
        "--porcelain",
        "--",
        ".",
        ":!benchmarks/results",
        ":!benchmarks/RESULTS.md");
    return new MachineConditions(
        "benchmarks/bin/benchmarks figures --only " + set.label(),
        arguments,
        git(root, "rev-parse", "--short=7", "HEAD") + (changed.isEmpty() ? "" : "-dirty"),
        System.getProperty("java.vendor.version", Runtime.version().toString()),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static String cpuModel() throws IOException {
    if (!Files.isReadable(CPU_INFO)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(CPU_INFO).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  private static String git(Path root, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("git", "-C", root.toString());
    builder.command().addAll(List.of(arguments));
    Process git = builder.redirectErrorStream(true).start();
    String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!git.waitFor(GIT_SECONDS_MAX, TimeUnit.SECONDS) || git.exitValue() != 0) {
      throw new IOException("git " + String.join(" ", arguments) + " failed: " + output);
    }
    return output;
  }
}
