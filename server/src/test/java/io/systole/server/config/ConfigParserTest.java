// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.net.Transport;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.monitoring.OtlpSettings;
import io.systole.server.registry.LeaseRules;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigParserTest {
  @Test
  void read_nothingSaid_isTheDefaults() {
    ServerConfig config = ConfigParser.defaults();

    assertThat(config.net().port()).isEqualTo(8761);
    assertThat(config.net().transport()).isEqualTo(Transport.AUTO);
    assertThat(config.basePaths()).containsExactly("/v2", "/eureka", "/eureka/v2");
    assertThat(config.registry().syncWhenTimestampDiffers()).isTrue();
  }

  @Test
  void read_nothingSaid_evictsAsStockServersDo() {
    ServerConfig config = ConfigParser.defaults();

    assertThat(config.eviction())
        .isEqualTo(new EvictionSettings(60_000, 900_000, 256, EvictionRules.STOCK));
    assertThat(config.registry().rules()).isEqualTo(LeaseRules.STOCK);
  }

  @Test
  void read_rulesOfEviction_areTaken() {
    ServerConfig config = ConfigParser.read(
        Map.of("--protect", "zone,app", "--renewal-share", "0.5", "--threshold", "leases"),
        Map.of());

    assertThat(config.eviction().rules())
        .isEqualTo(new EvictionRules(
            true,
            0.5,
            30,
            RenewalThresholdMode.LEASES,
            Set.of(ProtectionRule.APP, ProtectionRule.ZONE),
            3_600_000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://u:hunter2@h:99999/e", "ftp://u:hunter2@h/e", "http://u:hunter2@/"})
  void read_peersInvalid_failsWithoutTheCredentials(String urls) {
    assertThatThrownBy(() -> ConfigParser.read(Map.of("--peers", "http://a/," + urls), Map.of()))
        .hasMessageContaining("--peers=http://a/,")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void read_otlpUrl_isTakenAndShownWithoutTheCredentials() {
    LoadedConfig config = ConfigParser.load(
        Map.of("--otlp-url", "http://u:hunter2@h:4318/v1/metrics", "--otlp-interval", "5s"),
        Map.of());

    assertThat(config.server().otlp())
        .isEqualTo(new OtlpSettings(URI.create("http://u:hunter2@h:4318/v1/metrics"), 5))
        .hasToString("http://h:4318/v1/metrics every 5 s");
    assertThat(config.toYaml())
        .contains("otlp-url", "@h:4318/v1/metrics")
        .doesNotContain("hunter2");
    assertThat(ConfigParser.defaults().otlp()).isNull();
  }

  @Test
  void read_bodiesBytesZero_isAShareOfTheHeapAndAtLeastOneBody() {
    long share = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

    assertThat(ConfigParser.read(Map.of(), Map.of()).net().bodiesBytesMax()).isEqualTo(share);
    assertThat(ConfigParser.read(Map.of("--max-body-size", "64MiB"), Map.of())
            .net()
            .bodiesBytesMax())
        .isEqualTo(64L << 20);
    assertThat(ConfigParser.read(Map.of("--max-bodies-size", "2000000B"), Map.of())
            .net()
            .bodiesBytesMax())
        .isEqualTo(2_000_000);
  }

  @Test
  void read_flagAndVariable_flagWins() {
    ServerConfig config = ConfigParser.read(
        Map.of("--port", "1"),
        Map.of("SYSTOLE_PORT", "2", "SYSTOLE_MAX_CONNECTIONS", "3", "PATH", "/bin"));

    assertThat(config.net().port()).isEqualTo(1);
    assertThat(config.net().connectionsMax()).isEqualTo(3);
  }

  @Test
  void read_everySettingByItsVariable_isKnown() {
    for (ConfigParser.OptionDescription option : ConfigParser.options()) {
      ConfigParser.read(Map.of(), Map.of(option.variable(), option.defaultText()));
      ConfigParser.read(Map.of(option.flag(), option.defaultText()), Map.of());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "--port ~ 65536 ~ --port=65536 is not within 0..65535",
        "--port ~ -1 ~ --port=-1 is not within 0..65535",
        "--port ~ x ~ --port=x is not within 0..65535",
        "--port ~ '' ~ --port= is not within 0..65535",
        "--max-headers ~ 0 ~ --max-headers=0 is not within 1..1000",
        "--transport ~ kqueue ~ --transport=kqueue is not within auto|epoll|nio|io_uring",
        "--prefixes ~ /v2/ ~ --prefixes=/v2/ is not within paths like /eureka/v2, separated by commas",
        "--sync-when-timestamp-differs ~ yes ~ --sync-when-timestamp-differs=yes is not within true|false",
        "--renewal-share ~ 0 ~ --renewal-share=0 is not within 1%..100%",
        "--renewal-share ~ NaN ~ --renewal-share=NaN is not within 1%..100%",
        "--protect ~ cap ~ --protect=cap is not within registry, app, zone, separated by commas",
        "--protect ~ '' ~ --protect= is not within registry, app, zone, separated by commas",
        "--lease-mode ~ exact ~ --lease-mode=exact is not within netflix|strict",
        "--management-port ~ 65536 ~ --management-port=65536 is not within 0..65535, or none",
        "--allowed-hosts ~ 'a, b' ~ --allowed-hosts=a, b is not within host names, separated by commas, or any",
        "--allow-peers ~ peer.example ~ --allow-peers=peer.example is not within addresses or blocks like 10.0.0.0/8, separated by commas, or any",
        "--allow-peers ~ 10.0.0.0/8, ~ --allow-peers=10.0.0.0/8, is not within addresses or blocks like 10.0.0.0/8, separated by commas, or any",
        "--allowed-hosts ~ a:8761 ~ --allowed-hosts=a:8761 is not within host names, separated by commas, or any",
        "--max-source-share ~ 0 ~ --max-source-share=0 is not within 0.1%..100%",
        "--nonsense ~ 1 ~ --nonsense is not a known option; see --help"
      })
  void read_badFlag_stopsWithNameValueAndRange(String flag, String value, String message) {
    assertThatThrownBy(() -> ConfigParser.read(Map.of(flag, value), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessage(message);
  }

  @Test
  void read_badOrUnknownVariable_stopsWithItsName() {
    assertThatThrownBy(() -> ConfigParser.read(Map.of(), Map.of("SYSTOLE_LOOPS", "many")))
        .hasMessage("SYSTOLE_LOOPS=many is not within 0..1024");
    assertThatThrownBy(() -> ConfigParser.read(Map.of(), Map.of("SYSTOLE_LOPS", "1")))
        .hasMessage("SYSTOLE_LOPS is not a known variable; did you mean SYSTOLE_LOOPS?");
  }

  @Test
  void optionsAsMarkdown_isTheTableOfTheReadme() throws IOException {
    assertThat(Files.readString(Path.of("README.md"))).contains(ConfigParser.optionsAsMarkdown());
  }

  @ParameterizedTest
  @CsvSource({
    "--port, 8000, --management-port, 8000",
    "--bind, http://u:s3cr3t@host, --port, 1",
    "--management-port, 1, --management-bind, a b",
    "--prefixes, /systole, --port, 1",
    "--prefixes, '/v2,/health/x', --port, 1",
    "--prefixes, /metrics, --port, 1"
  })
  void read_valuesThatCannotServe_areRefused(String a, String valueOfA, String b, String valueOfB) {
    assertThatThrownBy(() -> ConfigParser.read(Map.of(a, valueOfA, b, valueOfB), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void read_samePortOfTwoAddresses_isAccepted() {
    Map<String, String> flags =
        Map.of("--port", "8000", "--management-port", "8000", "--bind", "10.0.0.1");

    assertThat(ConfigParser.read(flags, Map.of()).net().management()).isNotNull();
    assertThat(ConfigParser.read(Map.of("--port", "0", "--management-port", "0"), Map.of())
            .net()
            .management())
        .isNotNull();
  }
}
