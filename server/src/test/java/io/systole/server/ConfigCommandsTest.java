// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.tls.TestAuthority;
import io.systole.server.tls.TestAuthority.Issued;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

  /** Regression: such configurations were valid for the check, and the node refused to start. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "--tls-certificate DIR/none --tls-key KEY",
        "--tls-certificate CRT --tls-key OTHER",
        "--tls-certificate KEY --tls-key CRT",
        "--tls-certificate CRT --tls-key KEY --tls-client-auth optional --tls-client-ca DIR",
        "--management-port 0 --management-tls-certificate CRT --management-tls-key OTHER",
        "--credentials-file DIR/none",
        "--credentials-file EMPTY",
        "--peer-ca DIR/none",
        "--cluster a --cluster-members 127.0.0.1:7800 --cluster-secret-file DIR/none",
        "--cluster a --cluster-members 127.0.0.1:7800 --cluster-xml EMPTY",
        "--cluster a --cluster-members 127.0.0.1:7800 --cluster-ca CRT --cluster-certificate CRT"
            + " --cluster-key OTHER",
        "--data-dir KEY"
      })
  void check_fileThatTheStartRefuses_is2WithTheSameMessage(String options, @TempDir Path folder)
      throws IOException {
    String[] words = words(options, folder);

    int status = run(Map.of(), concat(List.of("config", "check"), words));
    String refusal = err.toString(UTF_8);
    err.reset();

    assertThat(status).isEqualTo(2);
    assertThat(run(Map.of(), concat(List.of("--port", "0"), words))).isEqualTo(Main.CANNOT_SERVE);
    assertThat(refusal).isNotEmpty().isEqualTo(err.toString(UTF_8));
  }

  @Test
  void check_severalUnusableFiles_areAllReported(@TempDir Path folder) throws IOException {
    String[] words = words(
        "config check --tls-certificate CRT --tls-key OTHER --credentials-file EMPTY"
            + " --peers-file DIR/none --data-dir KEY",
        folder);

    assertThat(run(Map.of(), words)).isEqualTo(2);

    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(err.toString(UTF_8).lines()).hasSize(4);
    assertThat(err.toString(UTF_8))
        .contains("peers file unusable file=" + folder.resolve("none") + ": ");
  }

  @Test
  void check_usableFiles_is0AndLeavesTheDataDirectoryAlone(@TempDir Path folder)
      throws IOException {
    String[] words =
        words("config check --tls-certificate CRT --tls-key KEY --data-dir DIR/data/node", folder);

    assertThat(run(Map.of(), words)).isZero();

    assertThat(folder.resolve("data")).doesNotExist();
  }

  private static String[] concat(List<String> first, String[] second) {
    return Stream.concat(first.stream(), Arrays.stream(second)).toArray(String[]::new);
  }

  private static String[] words(String options, Path folder) throws IOException {
    TestAuthority authority = new TestAuthority(folder, "authority");
    Issued identity = authority.issue("node");
    return options
        .replace("OTHER", authority.issue("other").key().toString())
        .replace("EMPTY", Files.writeString(folder.resolve("empty"), "").toString())
        .replace("CRT", identity.certificate().toString())
        .replace("KEY", identity.key().toString())
        .replace("DIR", folder.toString())
        .split(" ");
  }

  private int run(Map<String, String> environment, String... arguments) {
    return Main.run(
        arguments,
        environment,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
  }
}
