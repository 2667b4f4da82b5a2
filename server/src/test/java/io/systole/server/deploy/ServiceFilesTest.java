// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.ExternalPrograms;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ConfigParser.OptionDescription;
import io.systole.server.config.ServerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit, the Dockerfile and the settings that the archive has. */
class ServiceFilesTest {
  private static final Path UNIT = Path.of("deploy/systemd/systole.service");
  private static final Path DOCKERFILE = Path.of("deploy/container/Dockerfile");
  private static final Path DIST = Path.of("src/dist");
  private static final String LAUNCHER = "/opt/systole/bin/systole";
  private static final long SECOND_MS = 1_000;

  private static final String CONFIG_HEAD = """
      # Configuration of the node, read by bin/systole: all options with their defaults. To change one,
      # remove "# " before it and before its group. systole config check validates this file, and on
      # SIGHUP the node reads it again. Variables, as in systole.env, and flags take precedence.
      """;
  private static final long RUN_SECONDS = 30;

  /** Of 100, by systemd-analyze; above 50 it is "medium", above 90 "unsafe". */
  private static final int EXPOSURE_MAX = 20;

  private static String valueIn(String unit, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + "=(.*)$").matcher(unit);
    assertThat(line.find()).as(name).isTrue();
    return line.group(1);
  }

  private static String analyze(String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(ExternalPrograms.find("systemd-analyze").toString());
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  /** With a program that exists here in place of the launcher. */
  @Test
  void unit_verifiedBySystemd_hasNoFault(@TempDir Path folder) throws Exception {
    String unit = Files.readString(UNIT).replace(LAUNCHER, "/bin/sh");
    Path file = Files.writeString(folder.resolve("systole.service"), unit);

    assertThat(analyze("verify", file.toString())).isEmpty();
  }

  @Test
  void unit_exposure_isSmall() throws Exception {
    String output =
        analyze("security", "--offline=yes", "--threshold=" + EXPOSURE_MAX, UNIT.toString());

    assertThat(output).contains("Overall exposure level");
  }

  @Test
  void unit_stopTimeout_leavesTheNodeTimeToStop() throws IOException {
    String unit = Files.readString(UNIT);
    ServerConfig defaults = ConfigParser.defaults();

    assertThat(Long.parseLong(valueIn(unit, "TimeoutStopSec")) * SECOND_MS)
        .isGreaterThan(defaults.lameDuckMs() + defaults.drainTimeoutMs());
    assertThat(Integer.parseInt(valueIn(unit, "LimitNOFILE")))
        .isGreaterThan(defaults.net().connectionsMax());
    assertThat(valueIn(unit, "Type")).isEqualTo("notify");
    assertThat(valueIn(unit, "ExecStart")).isEqualTo(LAUNCHER);
    assertThat(DIST.resolve("bin/systole")).isExecutable();
  }

  /**
   * Regression: {@code systemctl stop} during a restore, which the JVM ends with 143, left the unit
   * failed.
   */
  @Test
  void unit_exitStatuses_areThoseOfANodeThatIsStoppedOrMisconfigured() throws IOException {
    String unit = Files.readString(UNIT);

    assertThat(valueIn(unit, "SuccessExitStatus")).isEqualTo("143");
    assertThat(valueIn(unit, "RestartPreventExitStatus")).isEqualTo("2");
  }

  @Test
  void dockerfile_programs_areInTheArchive() throws IOException {
    String text = Files.readString(DOCKERFILE);

    List<String> programs = Pattern.compile("/opt/systole/(bin/[a-z-]+)")
        .matcher(text)
        .results()
        .map(program -> program.group(1))
        .distinct()
        .toList();

    assertThat(programs)
        .hasSize(3)
        .allSatisfy(name -> assertThat(DIST.resolve(name)).isExecutable());
  }

  @Test
  void dockerfile_user_isUnprivilegedAndSetAfterAllRuns() throws IOException {
    String joined = Files.readString(DOCKERFILE).replaceAll("\\\\\\n", " ");

    List<String> instructions = joined
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(line -> line.split("\\s", 2)[0])
        .toList();

    assertThat(instructions)
        .isSubsetOf(
            "ARG",
            "FROM",
            "ADD",
            "RUN",
            "USER",
            "WORKDIR",
            "ENV",
            "VOLUME",
            "EXPOSE",
            "STOPSIGNAL",
            "HEALTHCHECK",
            "ENTRYPOINT")
        .containsOnlyOnce("FROM", "USER", "HEALTHCHECK", "ENTRYPOINT");
    assertThat(joined).contains("\nUSER 10001:10001\n");
    assertThat(instructions.lastIndexOf("RUN")).isLessThan(instructions.indexOf("USER"));
  }

  /** If this fails, replace the shipped file with the one that the test has written to target. */
  @Test
  void configFile_asShipped_hasEachOptionWithItsDefault() throws IOException {
    String expected = configFile();
    Path generated = Files.writeString(Path.of("target/systole.yml"), expected);

    assertThat(DIST.resolve("conf/systole.yml")).hasSameTextualContentAs(generated);
  }

  /** Returns the default configuration with a comment for each option, commented out. */
  private static String configFile() {
    Map<String, OptionDescription> options = ConfigParser.options().stream()
        .collect(Collectors.toMap(option -> option.flag().substring(2), option -> option));
    StringBuilder file = new StringBuilder(CONFIG_HEAD);
    for (String line : ConfigParser.load(Map.of(), Map.of()).toYaml().split("\n", -1)) {
      String setting = line.replaceFirst(" +# default$", "");
      OptionDescription option = options.get(setting.split(":", 2)[0].strip());
      if (option != null) {
        String range = option.range().isEmpty() ? "" : "; " + option.range();
        file.append("#   # ").append(option.description()).append(range).append('\n');
      } else if (!setting.isEmpty()) {
        file.append('\n');
      }
      file.append(setting.isEmpty() ? "" : "# " + setting + "\n");
    }
    return file.toString();
  }

  /** The settings that are commented out must be ones that the node accepts. */
  @Test
  void settingsFile_examples_areValid() throws IOException {
    Map<String, String> examples = Pattern.compile("(?m)^# (SYSTOLE_[A-Z_]+)=(.*)$")
        .matcher(Files.readString(DIST.resolve("conf/systole.env")))
        .results()
        .collect(Collectors.toMap(ServiceFilesTest::nameOf, line -> line.group(2)));

    ServerConfig config = ConfigParser.read(Map.of(), examples);

    assertThat(examples).hasSizeGreaterThan(5);
    assertThat(config.peers().urls()).hasSize(2);
  }

  private static String nameOf(MatchResult line) {
    return line.group(1);
  }
}
