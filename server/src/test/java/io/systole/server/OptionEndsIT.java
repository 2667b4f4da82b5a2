// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.systole.client.ReservedPort;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ConfigParser.OptionDescription;
import io.systole.server.config.ServerConfig;
import io.systole.server.net.LiveClient;
import io.systole.server.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes with each option at each end of its range, or with each of its choices. */
@Tag("extended")
class OptionEndsIT {
  /** Options that have an effect with certificates only. */
  private static final Set<String> OF_TLS =
      Set.of("--tls-provider", "--tls-client-auth", "--management-tls-client-auth");

  /** A port of the machine's that the test can't choose, and transports that it may lack. */
  private static final Set<String> SKIPPED = Set.of("--port", "--transport");

  private static final String HEARTBEAT = "PUT /v2/apps/A/i?status=UP HTTP/1.1\r\nHost: a\r\n\r\n";

  static Stream<Arguments> choicesOfTls() {
    return ConfigParser.options().stream()
        .filter(option -> OF_TLS.contains(option.flag()))
        .flatMap(OptionEndsIT::endsOf);
  }

  static Stream<Arguments> ends() {
    return ConfigParser.options().stream()
        .filter(option -> !SKIPPED.contains(option.flag()) && !OF_TLS.contains(option.flag()))
        .filter(option -> option.range().matches("\\S+(\\.\\.|\\|)\\S+"))
        .flatMap(OptionEndsIT::endsOf);
  }

  private static Stream<Arguments> endsOf(OptionDescription option) {
    return Stream.of(option.range().split("\\.\\.|\\|"))
        .map(value -> arguments(option.flag(), value, option.path().replaceFirst("\\..*", "")));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void start_optionAtAnEnd_servesAndStops(
      String flag, String value, String group, @TempDir Path folder) throws IOException {
    Map<String, String> flags =
        new HashMap<>(Map.of("--port", "0", "--bind", "127.0.0.1", "--loops", "1"));
    switch (group) {
      case "store" -> flags.put("--data-dir", folder.toString());
      case "security" -> flags.put("--management-port", "0");
      default -> {}
    }
    try (ReservedPort clusterPort = new ReservedPort()) {
      if (flag.startsWith("--cluster-")) {
        String port = Integer.toString(clusterPort.number());
        flags.putAll(Map.of(
            "--cluster", "ends", "--cluster-port", port, "--cluster-members", "127.0.0.1:" + port));
      }
      flags.put(flag, value);
      startAndStop(ConfigParser.read(flags, Map.of()));
    }
  }

  private static void startAndStop(ServerConfig config) throws IOException {
    try (HeartbeatServer node = new HeartbeatServer(config, Clock.startingAtZero())) {
      int port = node.start().getPort();
      try (LiveClient client = LiveClient.connect(port)) {
        client.send(HEARTBEAT);
        assertThat(client.response().status()).isEqualTo(404);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("choicesOfTls")
  void start_choiceOfTls_servesClientsWithACertificate(
      String flag, String value, String group, @TempDir Path folder) throws Exception {
    TestAuthority authority = new TestAuthority(folder, "authority");
    Map<String, String> flags = SecuredNode.tls(authority.issue("node"));
    flags.put("--management-port", "0");
    flags.put(flag, value);
    if (value.equals("optional") || value.equals("required")) {
      flags.put(flag.replace("-auth", "-ca"), authority.file().toString());
    }
    SSLContext context = authority.client(authority.issue("client"));

    try (SecuredNode node = SecuredNode.start(flags)) {
      int management = node.server.managementAddress().getPort();
      for (int port : List.of(node.port, management)) {
        try (LiveClient client = LiveClient.of(SecuredNode.socket(context, port))) {
          client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
          assertThat(client.response().status()).as(group).isEqualTo(200);
        }
      }
    }
  }
}
