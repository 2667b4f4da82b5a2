// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.client.net.ReloadCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ReloaderTest {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<ServerConfig> applied = new ArrayList<>();
  private final List<String> levels = new ArrayList<>();
  private final ReloadCounts counts = new ReloadCounts();
  private final Path file;
  private ReloadListener listener = next -> () -> applied.add(next);

  ReloaderTest(@TempDir Path folder) {
    file = folder.resolve("systole.yml");
  }

  @BeforeEach
  void collectLog() {
    log.start();
    ((Logger) LoggerFactory.getLogger(Reloader.class)).addAppender(log);
  }

  @AfterEach
  void stopCollecting() {
    ((Logger) LoggerFactory.getLogger(Reloader.class)).detachAppender(log);
  }

  @Test
  void reload_reloadableOption_isAppliedAndLogged() throws IOException {
    Reloader reloader = reloader("limits: {max-connections: 10}");

    Files.writeString(file, "limits: {max-connections: 20}\nlog: {log-level: debug}\n");
    reloader.reload();

    assertThat(applied)
        .singleElement()
        .satisfies(config -> assertThat(config.net().connectionsMax()).isEqualTo(20));
    assertThat(levels).containsExactly("debug");
    assertThat(messages())
        .containsExactly("INFO configuration reloaded changed=[log-level: info -> debug,"
            + " max-connections: 10 -> 20]");
  }

  /** Regression: the line was logged first, so a limit could seem not to have changed. */
  @Test
  void reload_beforeItIsApplied_isNotLogged() throws IOException {
    List<String> loggedBefore = new ArrayList<>();
    listener = next -> () -> loggedBefore.addAll(messages());
    Reloader reloader = reloader("limits: {max-connections: 10}");

    Files.writeString(file, "limits: {max-connections: 20}\n");
    reloader.reload();

    assertThat(loggedBefore).isEmpty();
    assertThat(messages()).hasSize(1);
  }

  @Test
  void reload_optionThatRequiresARestart_keepsItsValueAndIsLoggedEachTime() throws IOException {
    Reloader reloader = reloader("listen: {port: 1}");

    Files.writeString(file, "listen: {port: 2}\n");
    reloader.reload();
    reloader.reload();

    assertThat(applied)
        .hasSize(2)
        .allSatisfy(config -> assertThat(config.net().port()).isEqualTo(1));
    assertThat(messages())
        .containsExactly(
            "WARN restart required to change port: 1 -> 2",
            "INFO configuration reloaded changed=[]",
            "WARN restart required to change port: 1 -> 2",
            "INFO configuration reloaded changed=[]");
  }

  @Test
  void reload_invalidFile_keepsTheConfigurationAndSaysWhy() throws IOException {
    Reloader reloader = reloader("limits: {max-connections: 10}");

    Files.writeString(file, "limits: {max-connections: 20, max-streams: 0, max-strems: 1}\n");
    reloader.reload();

    assertThat(applied).isEmpty();
    assertThat(messages())
        .containsExactly(
            "ERROR configuration not reloaded: " + file
                + ":1: limits.max-streams=0 is not within 1..1000000",
            "ERROR configuration not reloaded: " + file
                + ":1: limits.max-strems is not a known key; did you mean limits.max-streams?");
  }

  @Test
  void reload_fileGone_keepsTheConfiguration() throws IOException {
    Reloader reloader = reloader("limits: {max-connections: 10}");

    Files.delete(file);
    reloader.reload();

    assertThat(applied).isEmpty();
    assertThat(messages())
        .containsExactly("ERROR configuration not reloaded: " + file + ": no such file");
  }

  @Test
  void toYaml_afterAReload_hasTheValuesInForce() throws IOException {
    Reloader reloader = reloader("limits: {max-connections: 10}");

    Files.writeString(file, "limits: {max-connections: 20}\nlisten: {port: 2}\n");
    reloader.reload();

    assertThat(reloader.toYaml())
        .containsPattern("(?m)^  max-connections: 20 +# .*:1: limits.max-connections$")
        .containsPattern("(?m)^  port: 8761 +# default$");
  }

  @Test
  void reload_eachOutcome_isCounted() throws IOException {
    Reloader reloader = reloader("");

    reloader.reload();
    assertThat(counts.applied()).isEqualTo(1);
    assertThat(counts.isLastApplied()).isTrue();

    Files.delete(file);
    reloader.reload();
    listener = next -> {
      throw new IOException("stopping");
    };
    Files.writeString(file, "");
    reloader.reload();
    assertThat(counts.applied()).isEqualTo(1);
    assertThat(counts.failed()).isEqualTo(2);
    assertThat(counts.isLastApplied()).isFalse();
  }

  @Test
  void reload_listenerRefuses_changesNothingUntilItAccepts() throws IOException {
    Reloader reloader = reloader("limits: {max-connections: 10}");
    Files.writeString(file, "limits: {max-connections: 20}\nlog: {log-level: debug}\n");

    ReloadListener accepting = listener;
    listener = next -> {
      throw new IOException("certificate expired");
    };
    reloader.reload();

    assertThat(applied).isEmpty();
    assertThat(levels).isEmpty();
    assertThat(messages()).containsExactly("ERROR configuration not reloaded: certificate expired");

    listener = accepting;
    reloader.reload();

    assertThat(applied).hasSize(1);
  }

  @Test
  void reload_peersOfANodeStartedWithoutAny_requireARestart() throws IOException {
    Reloader reloader = reloader("");

    Files.writeString(file, "cluster: {peers: \"http://u:secret@a/eureka\"}\n");
    reloader.reload();

    assertThat(applied)
        .singleElement()
        .satisfies(config -> assertThat(config.peers().urls()).isEmpty());
    assertThat(messages())
        .contains("WARN restart required to change peers: none -> http://***@a/eureka");
  }

  @Test
  void reload_peersOfANodeStartedWithSome_areReplaced() throws IOException {
    Reloader reloader = reloader("cluster: {peers: \"http://a/eureka\"}");

    Files.writeString(file, "cluster: {peers: \"http://b/eureka\"}\n");
    reloader.reload();

    assertThat(applied)
        .singleElement()
        .satisfies(config -> assertThat(config.peers().urls()).hasToString("[http://b/eureka]"));
  }

  @Test
  void reload_flag_staysAbove() throws IOException {
    Files.writeString(file, "");
    Map<String, String> flags = Map.of("--config", file.toString(), "--max-connections", "10");
    Reloader reloader = new Reloader(
        ConfigParser.load(flags, Map.of()),
        () -> ConfigParser.load(flags, Map.of()),
        next -> listener.prepare(next),
        levels::add,
        counts);

    Files.writeString(file, "limits: {max-connections: 20}\n");
    reloader.reload();

    assertThat(applied)
        .singleElement()
        .satisfies(config -> assertThat(config.net().connectionsMax()).isEqualTo(10));
  }

  private Reloader reloader(String text) throws IOException {
    Files.writeString(file, text + "\n");
    Map<String, String> flags = Map.of("--config", file.toString());
    return new Reloader(
        ConfigParser.load(flags, Map.of()),
        () -> ConfigParser.load(flags, Map.of()),
        next -> listener.prepare(next),
        levels::add,
        counts);
  }

  private List<String> messages() {
    return log.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }
}
