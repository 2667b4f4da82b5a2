// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.archive.UnpackedArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node with a configuration file, run from archives by an operator. For one thread. */
final class ArchivedNode implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Path config;
  private final Path log;
  private @Nullable NodeProcess node;

  /** @param log the file that the logs of all its processes are appended to */
  ArchivedNode(Path config, Path log) {
    this.config = config;
    this.log = log;
  }

  /** Starts the node from an archive, and waits until it is ready. */
  void start(UnpackedArchive release) throws IOException, InterruptedException {
    node = NodeProcess.start(log, command(release, List.of()));
  }

  /** Returns the output of a subcommand for the same configuration file; requires exit code 0. */
  String output(UnpackedArchive release, String... subcommand) throws Exception {
    Process process =
        command(release, List.of(subcommand)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  private ProcessBuilder command(UnpackedArchive release, List<String> arguments) {
    ProcessBuilder command = release.command("systole", arguments);
    command.environment().put("SYSTOLE_CONFIG", config.toString());
    command.environment().put("SYSTOLE_JAVA_OPTS", "-Xmx96m -XX:TieredStopAtLevel=1");
    return command;
  }

  /** Stops the node as a supervisor does, and waits until its process has ended with 0. */
  void stop() throws IOException, InterruptedException {
    Process process = process();
    process.destroy();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(log()).isZero();
  }

  /** Replaces the configuration file, sends SIGHUP, and waits for a line in the log. */
  void reload(String configuration, String expected) throws IOException, InterruptedException {
    int before = log().length();
    Files.writeString(config, configuration);
    hangUp();
    awaitLog(before, expected);
  }

  /** Replaces a file that is read again, sends SIGHUP, and waits for a line in the log. */
  void replace(Path file, byte[] content, String expected)
      throws IOException, InterruptedException {
    int before = log().length();
    Files.write(file, content);
    hangUp();
    awaitLog(before, expected);
  }

  private void hangUp() throws IOException, InterruptedException {
    String pid = Long.toString(process().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
  }

  private void awaitLog(int from, String expected) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(log().substring(from)).contains(expected));
  }

  /** Returns everything that the node has logged. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Returns the command line as all users of the machine see it, or nothing where they do not. */
  String commandLine() {
    return process().info().commandLine().orElse("");
  }

  private Process process() {
    return Objects.requireNonNull(node, "started").process();
  }

  @Override
  public void close() {
    if (node != null) {
      node.close();
    }
  }
}
