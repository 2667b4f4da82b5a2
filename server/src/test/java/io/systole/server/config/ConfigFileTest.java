// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.net.RegularFile;
import io.systole.server.eviction.ProtectionRule;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  private final Path file;

  ConfigFileTest(@TempDir Path folder) {
    file = folder.resolve("systole.yml");
  }

  @Test
  void read_groups_setTheirOptions() throws IOException {
    ServerConfig config = read("""
        # comment
        listen:
          port: 8762
          bind: ::1
        limits: {max-instance-size: 128KiB, max-source-share: 0.5}
        leases:
          protect: [app, zone]
          renewal-share: 49.5%
        cluster:
          peers:
            - http://a:8761/eureka
            - http://b:8761/eureka
        timeouts.idle-timeout: 90s
        """);

    assertThat(config.net().port()).isEqualTo(8762);
    assertThat(config.net().bind()).isEqualTo("::1");
    assertThat(config.net().sourceShare()).isEqualTo(0.5);
    assertThat(config.net().idleTimeoutMs()).isEqualTo(90_000);
    assertThat(config.registry().bytes().instanceMax()).isEqualTo(131_072);
    assertThat(config.eviction().rules().share()).isEqualTo(0.495);
    assertThat(config.eviction().rules().protections())
        .containsExactlyInAnyOrder(ProtectionRule.APP, ProtectionRule.ZONE);
    assertThat(config.peers().urls())
        .containsExactly(URI.create("http://a:8761/eureka"), URI.create("http://b:8761/eureka"));
  }

  @Test
  void read_emptyFileOrGroups_isTheDefaults() throws IOException {
    assertThat(read("")).isEqualTo(ConfigParser.defaults());
    assertThat(read("# nothing\n")).isEqualTo(ConfigParser.defaults());
    assertThat(read("listen:\n  # port: 1\nlimits:\n")).isEqualTo(ConfigParser.defaults());
  }

  @Test
  void read_severalSources_flagPrecedesVariableAndThatTheFile() throws IOException {
    Files.writeString(file, "listen: {port: 1, workers: 1, loops: 1}");

    ServerConfig config = ConfigParser.read(
        Map.of("--config", file.toString(), "--port", "3"),
        Map.of("SYSTOLE_PORT", "2", "SYSTOLE_WORKERS", "2"));

    assertThat(config.net().port()).isEqualTo(3);
    assertThat(config.net().workers()).isEqualTo(2);
    assertThat(config.net().loops()).isEqualTo(1);
  }

  @Test
  void read_fileNamedByVariable_isRead() throws IOException {
    Files.writeString(file, "listen: {port: 1}");

    assertThat(ConfigParser.read(Map.of(), Map.of("SYSTOLE_CONFIG", file.toString()))
            .net()
            .port())
        .isEqualTo(1);
  }

  @Test
  void read_defaultDirectoryOfTheLauncher_isOverriddenByTheFile() throws IOException {
    Map<String, String> environment = Map.of("SYSTOLE_DEFAULT_DATA_DIR", "/launcher");
    Files.writeString(file, "store: {data-dir: /file}");

    assertThat(ConfigParser.read(Map.of(), environment).store().directory())
        .hasToString("/launcher");
    assertThat(ConfigParser.read(Map.of("--config", file.toString()), environment)
            .store()
            .directory())
        .hasToString("/file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "listen: {prot: 1} ~ :1: listen.prot is not a known key; did you mean listen.port?",
        "lisen: {port: 1} ~ :1: lisen.port is not a known key; did you mean listen.port?",
        "listen: {peers: none} ~ :1: listen.peers is not a known key; did you mean cluster.peers?",
        "port: 1 ~ :1: port is not a known key; did you mean listen.port?",
        "config: a.yml ~ :1: config is not a known key; see --help",
        "listen: {port: [1, 2]} ~ :1: listen.port=1,2 is not within 0..65535",
        "listen: {port: {a: 1}} ~ :1: listen.port.a is not a known key; did you mean listen.port?",
        "listen: {port: } ~ :1: listen.port= is not within 0..65535",
        "listen: {port: 1, port: 2} ~ :1: port is a duplicate key",
        "{listen: {port: 1}, listen.port: 2} ~ :1: listen.port is a duplicate of FILE:1",
        "listen: [port] ~ :1: listen is a group, whose options are lines like name: value",
        "'listen:\n port 1' ~ :2: listen is a group, whose options are lines like name: value",
        "{a: &x 1, b: *x} ~ :1: b: aliases are not supported",
        "[1, 2] ~ :1: keys with values are expected",
        "text ~ :1: keys with values are expected",
        "timeouts: {idle-timeout: 180000} ~ :1: timeouts.idle-timeout=180000 is not within 1s..1d;"
            + " durations are written like 500ms, 10s, 3m, 2h or 7d",
        "limits: {max-body-size: 1MB} ~ :1: limits.max-body-size=1MB is not within 1KiB..64MiB;"
            + " sizes are written like 512B, 64KiB, 16MiB or 2GiB"
      })
  void read_invalidFile_isRefusedWithFileLineAndReason(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(file + message.strip().replace("FILE", file.toString()));
  }

  @Test
  void read_properties_areRefused(@TempDir Path folder) throws IOException {
    Path properties =
        Files.writeString(folder.resolve("application.properties"), "server.port=8761\n");

    assertThatThrownBy(() -> ConfigFile.read(properties))
        .hasMessage(
            properties + ": .properties files are not read, but YAML files of the same names");
  }

  @Test
  void read_certificateWithoutKey_isRefusedWithFileAndLine() {
    assertThatThrownBy(() -> read("# TLS\nsecurity:\n  tls-certificate: /a\n"))
        .hasMessage(file + ":3: security.tls-certificate: --tls-certificate and --tls-key require"
            + " each other");
    assertThatThrownBy(() -> read("cluster:\n  peer-key: /a\n"))
        .hasMessage(file + ":2: cluster.peer-key: --peer-certificate and --peer-key require each"
            + " other");
  }

  /** Regression: digits of other scripts, and a plus sign, were accepted. */
  @ParameterizedTest
  @ValueSource(strings = {"８７６１", "٨", "+08", "8 761", "99999999999999999999"})
  void read_numberNotInAscii_isRefused(String text) {
    assertThatThrownBy(() -> ConfigParser.read(Map.of("--port", text), Map.of()))
        .hasMessage("--port=" + text + " is not within 0..65535");
  }

  @Test
  void read_notYaml_isRefusedWithFileAndLine() {
    assertThatThrownBy(() -> read("listen:\n  port: [1\n"))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith(file + ":2: not YAML: ");
  }

  /** Regression: messages quoted the line of the file. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "peers: [ \"http://u:s3cr3t@h:1\" ~ :1: not YAML: a list that is not closed by ]",
        "a: {b: s3cr3t ~ :1: not YAML: a mapping that is not closed by }",
        "a: 's3cr3t ~ :1: not YAML: a quoted value that is not closed",
        "a: s3cr3t: x ~ :1: not YAML: a second \": \" in a value, or wrong indentation",
        "a: @s3cr3t ~ :1: not YAML: a tab in the indentation, or a value that needs quotes",
        "a: !s3cr3t!x y ~ :1: not YAML",
        "cluster: {http://u:s3cr3t@h:1/eureka: x} ~ :1: ***@h:1/eureka is not a known key;"
            + " see --help",
        "{http://u:s3cr3t@h: 1, http://u:s3cr3t@h: 2} ~ :1: http://***@h is a duplicate key",
        "{a: {http://u:s3cr3t@h: 1}, a.http://u:s3cr3t@h: 2} ~ :1: ***@h is a duplicate of FILE:1",
        "{a: &x 1, http://u:s3cr3t@h: *x} ~ :1: http://***@h: aliases are not supported"
      })
  void read_invalidFileWithAPassword_isRefusedWithoutIt(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(file + message.replace("FILE", file.toString()));
  }

  @Test
  void read_unknownNamesWithAPassword_areRefusedWithoutIt() {
    assertThatThrownBy(() -> ConfigParser.read(Map.of("http://u:s3cr3t@h", ""), Map.of()))
        .hasMessage("http://***@h is not a known option; see --help");
  }

  @Test
  void read_deeplyNested_isRefused() {
    assertThatThrownBy(() -> read("[".repeat(1_000))).isInstanceOf(InvalidOptionException.class);
    assertThatThrownBy(() -> read("a: " + "{a: ".repeat(100) + "1" + "}".repeat(100)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(file + ":1: nested deeper than 32");
  }

  @Test
  void read_severalErrors_areAllReported() throws IOException {
    Files.writeString(file, "listen:\n  prot: 1\n  loops: many\n");

    assertThatThrownBy(() -> ConfigParser.read(
            Map.of("--config", file.toString(), "--port", "-1"), Map.of("SYSTOLE_LOPS", "1")))
        .hasMessage("""
            --port=-1 is not within 0..65535
            SYSTOLE_LOPS is not a known variable; did you mean SYSTOLE_LOOPS?
            FILE:2: listen.prot is not a known key; did you mean listen.port?
            FILE:3: listen.loops=many is not within 0..1024""".replace("FILE", file.toString()));
  }

  @Test
  void read_notARegularFile_isRefused(@TempDir Path folder) {
    assertThatThrownBy(() -> ConfigFile.read(folder)).hasMessage(folder + ": not a regular file");
    assertThatThrownBy(() -> ConfigFile.read(Path.of("/dev/zero")))
        .hasMessage("/dev/zero: not a regular file");
    assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none")))
        .hasMessage(folder.resolve("none") + ": no such file");
  }

  @Test
  void read_tooLargeOrNotText_isRefused() throws IOException {
    Files.writeString(file, "#".repeat(RegularFile.BYTES_MAX + 1));
    assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ": more than 1048576 bytes");

    Files.write(file, "listen: {bind: ä}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ConfigFile.read(file)).hasMessage(file + ": not UTF-8");
  }

  /** Kubernetes names these variables after a service. */
  @Test
  void read_variablesOfAService_areRefusedWithTheRemedy() {
    assertThatThrownBy(
            () -> ConfigParser.read(Map.of(), Map.of("SYSTOLE_SERVICE_HOST", "10.96.0.1")))
        .hasMessage("SYSTOLE_SERVICE_HOST is not a known variable; Kubernetes sets it for a service"
            + " named systole; set enableServiceLinks: false");
  }

  private ServerConfig read(String text) throws IOException {
    Files.writeString(file, text);
    return ConfigParser.read(Map.of("--config", file.toString()), Map.of());
  }
}
