// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.Certificate;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool as a process of its own against a node with TLS and credentials. */
@Tag("extended")
class SecuredTargetIT {
  /** The hash of {@code p w:d}. */
  private static final String HASH = "$2y$04$w584WUFxND.1fuS0XwPoS.U5M291nYnvwPHy1Fru3maU9eEok9XQa";

  @TempDir
  private Path folder;

  private Certificate certificate;
  private HeartbeatServer node;
  private int port;

  @BeforeEach
  void start() throws Exception {
    certificate = new Certificate(folder, "node", "ip:127.0.0.1");
    Path credentials = Files.writeString(
        folder.resolve("credentials"), "user load " + HASH + " roles=read,register\n");
    Map<String, String> flags = Map.of(
        "--port",
        "0",
        "--bind",
        "127.0.0.1",
        "--loops",
        "1",
        "--tls-certificate",
        certificate.certificateFile().toString(),
        "--tls-key",
        certificate.keyFile().toString(),
        "--credentials-file",
        credentials.toString());
    node = new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    port = node.start().getPort();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private String execute(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC"));
    command.addAll(certificate.trustOptions());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.systole.loadtest.LoadTest"));
    command.addAll(List.of(arguments));
    command.add("--target=https://load:p%20w%3Ad@127.0.0.1:" + port + "/v2");
    command.add("--lag-max=60000");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return printed;
  }

  @Test
  void run_credentialsInTheUrl_compareWithTheTargetsCount() throws Exception {
    String printed = execute("run", "--instances=20", "--interval=1s", "--duration=2s");

    assertThat(printed).containsPattern("target counted [0-9,]+, we counted [0-9,]+: equal");
  }

  @Test
  void scenario_crowd_registersAndCancelsOverTls() throws Exception {
    Path file = Files.writeString(folder.resolve("crowd.yaml"), """
        name: crowd
        about: Clients register over TLS.
        fleet: {instances: 20, interval: 2s}
        warmup: 0
        duration: 20s
        events: [{at: 100ms, crowd: {clients: 100, connections: 10}}]
        expect: [crowd.registered = 100, crowd.failed = 0]
        """);

    String printed = execute("scenario", file.toString());

    assertThat(printed)
        .contains("held     crowd.registered = 100: 100")
        .contains("held     crowd.failed = 0: 0");
    assertThat(node.registry().leaseCount()).isZero();
  }
}
