// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.systole.client.archive.UnpackedArchive;
import io.systole.server.config.SpringExamples;
import io.systole.server.net.LiveClient;
import io.systole.server.net.ParsedResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that the build packs: its contents, and a node that is run from it. */
class ArchiveIT {
  private static final long STOP_SECONDS = 30;

  /** The provider of SLF4J, which no class refers to. */
  private static final Set<String> LOADED_BY_NAME = Set.of("logback-classic", "logback-core");

  /** Libraries of the tests, which Netty refers to and uses only where they are. */
  private static final Set<String> NOT_PACKED =
      Set.of("bcpkix-jdk18on", "bcprov-jdk18on", "bcutil-jdk18on", "netty-tcnative-classes");

  @TempDir
  static Path folder;

  private static UnpackedArchive archive;

  @BeforeAll
  static void unpack() throws Exception {
    archive = UnpackedArchive.in(Path.of("target"), "systole", folder);
  }

  /** If it has too many, leave them out in src/assembly/archive.xml; if it lacks some, don't. */
  @Test
  void archive_libraries_areThoseThatTheNodeReaches() throws Exception {
    Set<String> expected = new TreeSet<>(archive.reachableFrom("systole-server"));
    expected.addAll(LOADED_BY_NAME);
    expected.removeAll(NOT_PACKED);

    assertThat(archive.libraries()).isEqualTo(expected);
  }

  /** Regression: the documents of the archive referred to a README that it did not have. */
  @Test
  void archive_linksOfItsDocuments_resolve() throws Exception {
    LinkedDocuments documents = new LinkedDocuments(archive.home());

    assertThat(documents.brokenLinks()).isEmpty();
    assertThat(documents.all())
        .contains(archive.home().resolve("README.md"), archive.home().resolve("deploy/README.md"));
    assertThat(archive.home().resolve("openapi/systole.yaml")).isNotEmptyFile();
  }

  @Test
  void archive_libraries_areNamedInTheNotice() throws Exception {
    assertThat(archive.librariesWithoutNotice()).isEmpty();
    assertThat(archive.home().resolve("LICENSE")).isNotEmptyFile();
    assertThat(archive.home().resolve("licenses/EPL-2.0.txt")).isNotEmptyFile();
  }

  @Test
  void archive_startedWithoutMaven_servesAndEndsWith0OnSigterm() throws Exception {
    Path log = folder.resolve("node.log");
    ProcessBuilder command =
        archive.command("systole", List.of("--bind", "127.0.0.1", "--port", "0"));
    command.environment().put("XDG_STATE_HOME", folder.resolve("state").toString());
    command.environment().put("SYSTOLE_JAVA_OPTS", "-Xmx64m -XX:TieredStopAtLevel=1");
    String notifications = folder.resolve("notify").toString();
    command.environment().put(SystemdNotifier.SOCKET, notifications);
    try (NotificationSocket systemd = new NotificationSocket(notifications);
        NodeProcess node = NodeProcess.start(log, command)) {
      assertThat(systemd.next()).startsWith("READY=1\n");
      String port = Integer.toString(node.port());
      assertThat(health(port)).isEqualTo("HTTP/1.1 200 OK\n0");
      assertThat(health("--port", port))
          .isEqualTo("200 from http://localhost:" + port + "/health\n0");
      try (LiveClient client = LiveClient.connect(node.port())) {
        client.send(registration());
        assertThat(client.response().status()).isEqualTo(204);
        client.send("PUT /v2/apps/A/i-1?status=UP HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(200);
        client.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(ParsedResponse.parseAll(client.rest())).hasSize(1);
      }

      node.process().destroy();

      assertThat(node.process().waitFor(STOP_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(node.process().exitValue()).as(Files.readString(log)).isZero();
      assertThat(systemd.next()).startsWith("STOPPING=1\n");
      assertThat(health(port)).endsWith("\n1");
      assertThat(health("--port", port)).startsWith("no response from ").endsWith("\n1");
      assertThat(Files.readString(log))
          .contains(Epoll.isAvailable() ? "transport=EPOLL" : "transport=NIO")
          .containsPattern(
              "stopped signal=SIGTERM drainedConnections=\\d+ durationMs=\\d+ leases=1");
      assertThat(folder.resolve("state/systole")).isDirectoryContaining("glob:**/journal-*");
    }
  }

  /** Returns the output and the exit code of the health check of containers. */
  private static String health(String... arguments) throws Exception {
    Process check = archive
        .command("systole-health", List.of(arguments))
        .redirectErrorStream(true)
        .start();
    String output = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor(STOP_SECONDS, TimeUnit.SECONDS)).isTrue();
    return output + check.exitValue();
  }

  private static String registration() {
    String document = PlainInstance.of("A", "i-1");
    return "POST /v2/apps/A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
        + document.length() + "\r\nHost: a\r\n\r\n" + document;
  }

  /** The port and the peer of the example may be in use on this machine. */
  @Test
  void archive_configurationOfASpringServer_servesAndReportsTheRest() throws Exception {
    Path file = Files.writeString(folder.resolve("application.yml"), SpringExamples.STANDALONE);
    Path log = folder.resolve("spring.log");
    List<String> options = List.of(
        "--config", file.toString(), "--port", "0", "--peers", "none", "--bind", "127.0.0.1");
    ProcessBuilder command = archive.command("systole", options);
    command.environment().put("XDG_STATE_HOME", folder.resolve("spring-state").toString());
    try (NodeProcess node = NodeProcess.start(log, command);
        LiveClient client = LiveClient.connect(node.port())) {
      client.send("PUT /eureka/apps/A/i-1?status=UP HTTP/1.1\r\nHost: a\r\n\r\n");

      assertThat(client.response().status()).isEqualTo(404);
      assertThat(Files.readString(log))
          .contains("eureka.instance.hostname has no counterpart")
          .contains("eureka.client.fetchRegistry has no counterpart");
    }
  }

  @Test
  void archive_unknownOption_endsWith2() throws Exception {
    Path log = folder.resolve("refused.log");
    Process process = archive
        .command("systole", List.of("--no-such-option"))
        .redirectError(log.toFile())
        .start();

    assertThat(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(2);
  }
}
