// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Other people's programs, as they are installed. */
final class Programs {
  private Programs() {}

  /**
   * Where a program is. Without it the test is left out, and says so; but a build server, which
   * says {@code CI=true}, is set up wrongly then, and the test fails.
   */
  static Path find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(
            () -> refuse("NOT tried against the node: there is no " + name + " on the PATH"));
  }

  private static Path refuse(String reason) {
    System.out.println("!!! " + reason);
    return Boolean.parseBoolean(System.getenv("CI")) ? fail(reason) : abort(reason);
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
