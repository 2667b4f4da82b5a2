// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadedConfigTest {
  @Test
  void toYaml_values_haveTheirSources(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("systole.yml");
    Files.writeString(file, "timeouts:\n  idle-timeout: 90s\n");

    String yaml = ConfigParser.load(
            Map.of("--config", file.toString(), "--port", "1"), Map.of("SYSTOLE_LOOPS", "2"))
        .toYaml();

    assertThat(yaml.lines())
        .contains(
            "listen:",
            "  port: 1                                # --port",
            "  loops: 2                               # SYSTOLE_LOOPS",
            "  idle-timeout: 90s                      # " + file + ":2: timeouts.idle-timeout",
            "  request-timeout: 10s                   # default");
  }

  @Test
  void toYaml_readAsFile_isTheSameConfiguration(@TempDir Path folder) throws IOException {
    LoadedConfig loaded = ConfigParser.load(
        Map.of(
            "--bind", "::1",
            "--peers", "http://a:1/eureka,https://b/eureka",
            "--data-dir", "/var/lib/a \"b\" \\c # d\n\te",
            "--protect", "app,zone",
            "--management-port", "0",
            "--max-source-share", "12.5%"),
        Map.of());
    Path file = Files.writeString(folder.resolve("systole.yml"), loaded.toYaml());

    LoadedConfig again = ConfigParser.load(Map.of("--config", file.toString()), Map.of());

    assertThat(again.server()).isEqualTo(loaded.server());
  }

  /** Regression: the records printed the URLs of peers as they are. */
  @Test
  void toString_userInfo_isAbsent() {
    LoadedConfig loaded =
        ConfigParser.load(Map.of("--peers", "http://u:pa55word@a/eureka"), Map.of());

    assertThat(loaded.server().toString()).contains("PeerSettings").doesNotContain("pa55word");
    assertThat(loaded.settings().all().toString()).contains("***@a").doesNotContain("pa55word");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:pa55word@a/eureka",
        "http://b/eureka,http://u:pa55word@a/eureka",
        "http://pa55word@a/eureka,https://u:pa55word@b/eureka"
      })
  void toYaml_userInfo_isMasked(String peers) {
    String yaml = ConfigParser.load(Map.of("--peers", peers), Map.of()).toYaml();

    assertThat(yaml).contains("//***@a/eureka").doesNotContain("pa55word");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:sec/ret@a/eureka",
        "http://u:sec@ret@a:b/eureka",
        "http://u:sec,ret@a/eureka",
        "http://u:sec ret@a/eureka,http://c",
        "http://a/eureka,http://u:sec://ret@a:b/eureka",
        "u:sec@ret@a",
        "http://a, ftp://u:secret@a"
      })
  void read_malformedUserInfo_isNotInTheError(String peers) {
    assertThatThrownBy(() -> ConfigParser.load(Map.of("--peers", peers), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageNotContainingAny("sec", "ret");
  }
}
