// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine.TypeConversionException;

final class ServerUnderTestTest {
  private static final Path ROOT = Path.of("/checkout");
  private static final SecurityFiles SECURITY = new SecurityFiles(
      Path.of("/made"), Path.of("/archive"), List.of(Path.of("/lib/provider.jar")));
  private static final LaunchOptions OPTIONS = new LaunchOptions(List.of("-Xmx6g"), 10_000);

  @Test
  void command_systole_passesHeapThroughLauncher() {
    List<String> command = ServerUnderTest.SYSTOLE.command(ROOT, 1234, OPTIONS);

    assertThat(String.join(" ", command))
        .startsWith("env SYSTOLE_JAVA_OPTS=")
        .contains("-Xmx6g /checkout/server/bin/systole ")
        .endsWith("--delta-retention 10000ms --port 1234");
  }

  @ParameterizedTest
  @EnumSource(names = {"STOCK", "STOCK_FRESH"})
  void command_stock_keepsConnectionsAndIsStandalone(ServerUnderTest server) {
    List<String> command = server.command(ROOT, 1234, OPTIONS);

    assertThat(command)
        .contains(
            "-Xmx6g",
            "--server.port=1234",
            "--server.tomcat.max-keep-alive-requests=-1",
            "--eureka.client.register-with-eureka=false",
            "--eureka.server.retention-time-in-m-s-in-delta-queue=10000");
    assertThat(command.contains("--eureka.server.use-read-only-response-cache=false"))
        .isEqualTo(server == ServerUnderTest.STOCK_FRESH);
  }

  @Test
  void command_stockWithDefaults_setsNoServerProperty() {
    List<String> command = ServerUnderTest.STOCK.command(ROOT, 1234, LaunchOptions.DEFAULT);

    assertThat(command).noneMatch(argument -> argument.startsWith("--eureka.server."));
  }

  @Test
  void command_peers_areListedByBothKinds() {
    LaunchOptions options = new LaunchOptions(
        List.of(), 0, List.of(URI.create("http://h:1/eureka/"), URI.create("http://i:2/eureka/")));

    assertThat(ServerUnderTest.SYSTOLE.command(ROOT, 1234, options))
        .containsSequence("--peers", "http://h:1/eureka/,http://i:2/eureka/");
    assertThat(ServerUnderTest.STOCK.command(ROOT, 1234, options))
        .contains(
            "--eureka.client.service-url.defaultZone="
                + "http://localhost:1234/eureka/,http://h:1/eureka/,http://i:2/eureka/",
            "--eureka.server.my-url=http://localhost:1234/eureka/");
  }

  @Test
  void deltaExpiryMs_stockWithDefaults_includesItsTimer() {
    assertThat(ServerUnderTest.STOCK.deltaExpiryMs(LaunchOptions.DEFAULT)).isEqualTo(210_000);
    assertThat(ServerUnderTest.SYSTOLE.deltaExpiryMs(LaunchOptions.DEFAULT)).isEqualTo(180_000);
    assertThat(ServerUnderTest.SYSTOLE.deltaExpiryMs(OPTIONS)).isEqualTo(10_000);
  }

  @Test
  void command_secured_hasCertificateProviderAndCredentials() {
    LaunchOptions secured = OPTIONS.withSecurity(SECURITY);

    assertThat(ServerUnderTest.SYSTOLE_TLS_OPENSSL_BASIC.command(ROOT, 1234, secured))
        .startsWith(Path.of(System.getProperty("java.home"), "bin", "java").toString())
        .contains("-Xmx6g", "@/archive/conf/jvm.options")
        .containsSequence("-cp", "/archive/lib/*:/lib/provider.jar", "io.systole.server.Main")
        .containsSequence("--tls-certificate", "/made/node.crt", "--tls-key", "/made/node.key")
        .containsSequence("--tls-provider", "openssl")
        .containsSequence("--credentials-file", "/made/credentials");
    assertThat(ServerUnderTest.SYSTOLE_TLS_JDK.command(ROOT, 1234, secured))
        .contains("/checkout/server/bin/systole")
        .containsSequence("--tls-provider", "jdk")
        .doesNotContain("--credentials-file");
    assertThat(ServerUnderTest.SYSTOLE_BASIC.command(ROOT, 1234, secured))
        .containsSequence("--credentials-file", "/made/credentials")
        .doesNotContain("--tls-certificate");
    assertThat(ServerUnderTest.SYSTOLE.command(ROOT, 1234, secured))
        .isEqualTo(ServerUnderTest.SYSTOLE.command(ROOT, 1234, OPTIONS));
  }

  @Test
  void url_eachKind_hasItsSchemeCredentialsAndPrefix() {
    assertThat(ServerUnderTest.SYSTOLE_TLS_OPENSSL_BASIC.url(1))
        .hasToString("https://load:secret@127.0.0.1:1/v2");
    assertThat(ServerUnderTest.SYSTOLE_BASIC.url(1))
        .hasToString("http://load:secret@127.0.0.1:1/v2");
    assertThat(ServerUnderTest.SYSTOLE_TLS_JDK.url(1)).hasToString("https://127.0.0.1:1/v2");
    assertThat(ServerUnderTest.STOCK.url(1)).hasToString("http://127.0.0.1:1/eureka");
  }

  @Test
  void convert_securedServer_isRefusedWhereItIsNotMeasured() {
    assertThat(new ServerUnderTest.ByAnyLabel().convert("systole-tls-jdk"))
        .isEqualTo(ServerUnderTest.SYSTOLE_TLS_JDK);
    assertThatThrownBy(() -> new ServerUnderTest.ByLabel().convert("systole-tls-jdk"))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage("systole-tls-jdk is measured by live only");
  }
}
