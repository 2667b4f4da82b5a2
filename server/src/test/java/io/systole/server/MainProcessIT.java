// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node in a separate process, from its ready line to its exit code. */
class MainProcessIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Pattern READY =
      Pattern.compile("Systole is ready: http://127\\.0\\.0\\.1:(\\d+)/\\S* .*");
  private static final String END_OF_HEAD = " HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HEARTBEAT = "PUT /v2/apps/A/i-1?status=UP" + END_OF_HEAD;

  private final Path log;
  private final Process process;

  MainProcessIT(@TempDir Path folder) throws IOException {
    log = folder.resolve("node.log");
    ProcessBuilder builder = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx64m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        "io.systole.server.Main",
        "--bind",
        "127.0.0.1",
        "--port",
        "0",
        "--drain-timeout",
        2 * TIMEOUT.toSeconds() + "s");
    builder.environment().keySet().removeIf(name -> name.startsWith("SYSTOLE_"));
    process = builder.redirectError(log.toFile()).start();
  }

  @AfterEach
  void kill() {
    process.destroyForcibly();
  }

  /**
   * Regression: opening and closing the lock file released the lock that the process held on it, so
   * a second node served from the same directory.
   */
  @Test
  void start_directoryOfARunningNode_isRefused(@TempDir Path folder) throws Exception {
    List<String> options =
        List.of("--data-dir", folder.resolve("data").toString(), "--data-dir-wait", "200ms");
    Path firstLog = folder.resolve("first.log");
    Path secondLog = folder.resolve("second.log");
    try (NodeProcess first = NodeProcess.start(firstLog, NodeProcess.SMALL_JVM, options)) {

      Process second = NodeProcess.launch(secondLog, NodeProcess.SMALL_JVM, options);

      try {
        assertThat(second.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(second.exitValue()).isEqualTo(1);
        assertThat(Files.readString(secondLog)).contains("another node uses it");
        assertThat(first.process().isAlive()).isTrue();
      } finally {
        second.destroyForcibly();
      }
    }
  }

  @Test
  void sighup_changedFile_isAppliedByTheRunningNode(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("systole.yml"), "limits: {max-connections: 10}\n");
    Path nodeLog = folder.resolve("node.log");
    List<String> options = List.of("--config", file.toString());
    try (NodeProcess node = NodeProcess.start(nodeLog, NodeProcess.SMALL_JVM, options)) {
      Files.writeString(file, "limits: {max-connections: 20}\nlisten: {workers: 2}\n");

      String pid = Long.toString(node.process().pid());
      assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();

      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(Files.readString(nodeLog))
              .contains("restart required to change workers: 1 -> 2")
              .contains("configuration reloaded changed=[max-connections: 10 -> 20]")
              .contains("operator action=reload outcome=done principal=- from=SIGHUP"));
      assertThat(healthAt(node.port())).isEqualTo(200);
    }
  }

  @Test
  void logFormat_json_isOneObjectALineFromStartToStop(@TempDir Path folder) throws Exception {
    Path nodeLog = folder.resolve("node.log");
    List<String> options = List.of("--log-format", "json", "--lame-duck", "0");
    try (NodeProcess node = NodeProcess.start(nodeLog, NodeProcess.SMALL_JVM, options)) {
      node.process().destroy();
      assertThat(node.process().waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    JsonMapper json = new JsonMapper();
    List<JsonNode> lines =
        Files.readAllLines(nodeLog).stream().map(json::readTree).toList();
    assertThat(lines).allMatch(line -> line.path("timestamp").asString().endsWith("Z"));
    assertThat(lines)
        .anyMatch(line -> line.path("message").asString().startsWith("started version=")
            && line.path("restoredLeases").asInt(-1) == 0);
    JsonNode last = lines.get(lines.size() - 1);
    assertThat(last.path("message").asString()).startsWith("stopped signal=SIGTERM ");
    assertThat(last.path("signal").asString()).isEqualTo("SIGTERM");
    assertThat(last.path("leases").asInt(-1)).isZero();
  }

  /** The reason is a line of the log too, which a collector of JSON can read. */
  @Test
  void logFormat_jsonAndUnusableDirectory_logsTheReason(@TempDir Path folder) throws Exception {
    Path nodeLog = folder.resolve("node.log");
    Path file = Files.writeString(folder.resolve("file"), "text");
    List<String> options = List.of("--log-format", "json", "--data-dir", file.toString());

    Process node = NodeProcess.launch(nodeLog, NodeProcess.SMALL_JVM, options);

    try {
      assertThat(node.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      node.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(nodeLog);
    JsonNode last = new JsonMapper().readTree(lines.get(lines.size() - 1));
    assertThat(last.path("level").asString()).isEqualTo("ERROR");
    assertThat(last.path("message").asString()).contains("can't use the data directory " + file);
  }

  @Test
  void sigterm_batchInFlight_isAnsweredBeforeTheProcessEndsWith0() throws Exception {
    int port = portOf(readyLine());
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(registration());
      assertThat(client.response().status()).isEqualTo(204);
      client.send(HEARTBEAT.repeat(20) + "PUT /v2/apps/A/i-1");
      assertThat(ParsedResponse.statusesIn(client.responses(20))).containsOnly(200);

      process.destroy();
      await().atMost(TIMEOUT).until(() -> !accepts(port));
      client.send("?status=UP" + END_OF_HEAD + HEARTBEAT.repeat(3));
      List<ParsedResponse> responses = ParsedResponse.parseAll(client.rest());

      assertThat(responses).hasSize(4).extracting(ParsedResponse::status).containsOnly(200);
    }
    assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
        .as("ended within the drain time")
        .isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log))
        .containsPattern("stopped signal=SIGTERM drainedConnections=\\d+ durationMs=\\d+ leases=1");
  }

  /** Sends a heartbeat, and returns whether its response announces the close. */
  private static boolean isLastResponse(LiveClient client) throws IOException {
    client.send(HEARTBEAT);
    ParsedResponse response = client.response();
    assertThat(response.status()).isEqualTo(404);
    return "close".equals(response.headers().get("connection"));
  }

  /** Regression: connections to {@code /health} were refused instead of receiving 503. */
  @Test
  void sigterm_connectionsOpen_servesWith503AtHealthForTheLameDuckPeriod() throws Exception {
    int port = portOf(readyLine());
    try (LiveClient client = LiveClient.connect(port)) {
      client.send("GET /health" + END_OF_HEAD);
      assertThat(client.response().status()).isEqualTo(200);

      process.destroy();
      await().atMost(TIMEOUT).until(() -> healthAt(port) == 503);

      // The event loops learn of the stop a moment after the health check does.
      await().atMost(TIMEOUT).until(() -> isLastResponse(client));
      assertThat(client.rest()).isEmpty();
    }
    assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
  }

  /**
   * Regression: without an open connection the period ended at once, so a load balancer that probes
   * on new connections never received 503.
   */
  @Test
  void sigterm_noConnectionOpen_healthIs503OnNewConnections(@TempDir Path folder) throws Exception {
    List<String> options = List.of("--lame-duck", "10m");
    try (NodeProcess node =
        NodeProcess.start(folder.resolve("node.log"), NodeProcess.SMALL_JVM, options)) {

      node.process().destroy();

      await().atMost(TIMEOUT).until(() -> healthAt(node.port()) == 503);
      assertThat(healthAt(node.port())).isEqualTo(503);
    }
  }

  @Test
  void sigterm_again_endsTheProcessAtOnce() throws Exception {
    int port = portOf(readyLine());
    try (LiveClient client = LiveClient.connect(port)) {
      client.send(HEARTBEAT);
      assertThat(client.response().status()).isEqualTo(404);
      client.send("PUT /v2/apps/A/i-1");
      process.destroy();
      await().atMost(TIMEOUT).until(() -> healthAt(port) == 503);

      process.destroy();

      assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
    assertThat(process.exitValue()).isEqualTo(128 + 15);
    assertThat(Files.readString(log)).doesNotContain("stopped signal");
  }

  private static int healthAt(int port) throws IOException {
    try (LiveClient client = LiveClient.connect(port)) {
      client.send("GET /health" + END_OF_HEAD);
      return client.response().status();
    }
  }

  private String readyLine() throws Exception {
    BufferedReader out = process.inputReader();
    return CompletableFuture.supplyAsync(() -> {
          try {
            return String.valueOf(out.readLine());
          } catch (IOException lost) {
            return lost.toString();
          }
        })
        .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  private int portOf(String readyLine) throws IOException {
    Matcher ready = READY.matcher(readyLine);
    assertThat(ready.matches()).as("%s%n%s", readyLine, Files.readString(log)).isTrue();
    return Integer.parseInt(ready.group(1));
  }

  private static boolean accepts(int port) {
    try (LiveClient probe = LiveClient.connect(port)) {
      probe.send("");
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static String registration() {
    String document = """
        {"instance": {"instanceId": "i-1", "app": "A", "hostName": "h", "ipAddr": "127.0.0.1",
          "status": "UP", "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        """;
    return "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
        + document.length() + "\r\nHost: a\r\n\r\n" + document;
  }
}
