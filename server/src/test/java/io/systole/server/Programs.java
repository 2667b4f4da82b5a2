// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Other people's programs, as they are installed. */
final class Programs {
  private Programs() {}

  /**
   * Where a program is. One that isn't installed fails the test where everything must be tested,
   * which {@code CI=true} says; elsewhere the test is left out, and says so.
   */
  static Path find(String name) {
    Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
    if (found.isEmpty()) {
      String reason = "left out: there is no " + name + " on the path";
      assertThat(System.getenv("CI")).as(reason).isNotEqualTo("true");
      System.out.println(reason);
      abort(reason);
    }
    return found.orElseThrow();
  }

  /** Runs a program to its end, which must be a good one; gives what it said. */
  static byte[] run(Path folder, Path program, Object... arguments)
      throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    Path complaints = folder.resolve("complaints");
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    Arrays.stream(arguments).map(Object::toString).forEach(builder.command()::add);
    Process process =
        builder.redirectOutput(said.toFile()).redirectError(complaints.toFile()).start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("%s ended", program).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(complaints)).isZero();
    return Files.readAllBytes(said);
  }
}
