// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.servers.ServerUnderTest.LaunchOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ServerUnderTestTest {
  private static final Path ROOT = Path.of("/checkout");
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
}
