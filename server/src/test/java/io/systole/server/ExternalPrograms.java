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

/** Third-party programs installed on the system. */
public final class ExternalPrograms {
  private ExternalPrograms() {}

  /**
   * Returns the path of a program. If it is missing, the test is aborted, or fails on a build
   * server ({@code CI=true}).
   */
  public static Path find(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () -> refusal("NOT tried against the node: there is no " + name + " on the PATH"));
  }

  /** Aborts the test for a reason that is printed, or fails it on a build server. */
  public static AssertionError refusal(String reason) {
    System.out.println("!!! " + reason);
    return Boolean.parseBoolean(System.getenv("CI")) ? fail(reason) : abort(reason);
  }

  /** Runs a program, requires exit code 0, and returns its output. */
  static byte[] run(Path folder, Path program, Object... arguments)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    Arrays.stream(arguments).map(Object::toString).forEach(builder.command()::add);
    Process process =
        builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("%s ended", program).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readAllBytes(output);
  }
}
