// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigCommandsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void check_validConfiguration_is0() {
    assertThat(run(Map.of(), "config", "check", "--port", "1")).isZero();

    assertThat(out.toString(UTF_8)).isEqualTo("ok: the configuration is valid\n");
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void check_springFile_reportsWhatHasNoCounterpart(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a.yml"), "eureka.dashboard.enabled: true\n");

    assertThat(run(Map.of(), "config", "check", "--config", file.toString())).isZero();

    assertThat(err.toString(UTF_8))
        .isEqualToNormalizingNewlines("systole: " + file
            + ":1: eureka.dashboard.enabled has no counterpart: there is no dashboard\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "print"})
  void checkAndPrint_invalidConfiguration_are2WithEachError(String command) {
    int status =
        run(Map.of("SYSTOLE_LOOPS", "x"), "config", command, "--port", "-1", "--prot=secret", "y");

    assertThat(status).isEqualTo(2);
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8)).isEqualToNormalizingNewlines("""
        systole: --port=-1 is not within 0..65535
        systole: --prot is not a known option; did you mean --port?
        systole: y is not a known option; see --help
        systole: SYSTOLE_LOOPS=x is not within 0..1024
        """);
  }

  @Test
  void print_values_haveTheirSources() {
    assertThat(run(Map.of("SYSTOLE_LOOPS", "2"), "config", "print", "--port", "1"))
        .isZero();

    assertThat(out.toString(UTF_8).lines())
        .contains(
            "listen:",
            "  port: 1                                # --port",
            "  loops: 2                               # SYSTOLE_LOOPS");
  }

  @Test
  void docs_printsTheTable() {
    assertThat(run(Map.of(), "config", "docs")).isZero();

    assertThat(out.toString(UTF_8)).isEqualTo(ConfigParser.optionsAsMarkdown());
  }

  @ParameterizedTest
  @CsvSource({
    "--help, 0",
    "check --help, 0",
    "print --help, 0",
    "docs --help, 0",
    "other, 2",
    "'', 2"
  })
  void run_otherArguments_printUsageOrRefuse(String arguments, int status) {
    assertThat(run(Map.of(), ("config " + arguments).strip().split(" "))).isEqualTo(status);

    assertThat(status == 0 ? out.toString(UTF_8) : err.toString(UTF_8)).isNotEmpty();
  }

  private int run(Map<String, String> environment, String... arguments) {
    return Main.run(
        arguments,
        environment,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
  }
}
