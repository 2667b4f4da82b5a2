// SPDX-License-Identifier: Apache-2.0
package io.systole.server.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.store.Store;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The subcommands on a directory with changes at 0 s, 10 s and 20 s. */
class JournalCommandsTest {
  private static final InstanceKey KEY = new InstanceKey("A", "i \"1\"\n");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir
  private Path directory;

  @BeforeEach
  void writeJournal() throws Exception {
    ManualClock clock = new ManualClock();
    var settings = ConfigParser.read(Map.of("--data-dir", directory.toString()), Map.of());
    Store store = Store.open(settings.store(), clock, "run");
    Registry registry = new Registry(settings.registry(), clock, store.versionAfter());
    store.restore(registry);
    store.startWriting(registry);
    registry.register(Instances.up("A", KEY.id(), 90), Origin.CLIENT);
    clock.advanceMs(10_000);
    registry
        .statusOverrides()
        .set(KEY, InstanceStatus.OUT_OF_SERVICE, Registry.NO_TIMESTAMP, Origin.CLIENT);
    registry.register(Instances.up("B", "other", 90), Origin.PEER);
    clock.advanceMs(10_000);
    registry.cancel(KEY, Origin.PEER);
    store.close(10_000);
  }

  @Test
  void cat_printsALineForEachRecord() {
    assertThat(run("cat", directory.toString())).isZero();

    assertThat(lines()).hasSize(5);
    assertThat(lines().get(1))
        .startsWith("2026-01-01T00:00:")
        .endsWith("registration A/\"i \\\"1\\\"\\u000a\" by=client status=UP");
    assertThat(lines().get(2)).endsWith("by=client status=OUT_OF_SERVICE override=OUT_OF_SERVICE");
    assertThat(lines().get(4))
        .endsWith("cancel A/\"i \\\"1\\\"\\u000a\" by=peer override=OUT_OF_SERVICE");
  }

  @Test
  void cat_json_printsAnObjectForEachRecordOfTheApplication() {
    assertThat(run("cat", directory.toString(), "--json", "--app", "a")).isZero();

    List<JsonNode> objects = lines().stream().map(new JsonMapper()::readTree).toList();
    assertThat(objects).hasSize(3).allMatch(each -> each.path("id").asString().equals(KEY.id()));
    assertThat(objects.get(0).path("instance").path("hostName").asString()).isEqualTo("h1");
    assertThat(objects.get(2).path("kind").asString()).isEqualTo("cancel");
  }

  @Test
  void cat_until_omitsLaterRecords() {
    assertThat(run("cat", directory.toString(), "--until", "2025-12-31T23:59:59Z"))
        .isZero();

    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void at_time_printsTheRegistryAsOfThen() throws Exception {
    long laterMs = ManualClock.START_WALL_MS + 1_000_000;

    assertThat(run("at", directory.toString(), Long.toString(laterMs))).isZero();

    byte[] json = out.toByteArray();
    Applications then = new JsonCodec().decodeApplications(json, 0, json.length, 0);
    assertThat(then.applications()).extracting("name").containsExactly("B");
  }

  @Test
  void at_beforeTheFirstSnapshot_printsTheEarliestTime() {
    assertThat(run("at", directory.toString(), "2020-01-01T00:00:00Z")).isEqualTo(1);

    assertThat(err.toString(UTF_8)).contains("the earliest time is 2026-01-01T00:00:");
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void history_printsAllChangesOfTheInstance() {
    assertThat(run("history", directory.toString(), "a", KEY.id())).isZero();

    assertThat(lines()).hasSize(3);
  }

  @Test
  void history_unknown_reportsThatNoChangeIsRecorded() {
    assertThat(run("history", directory.toString(), "a", "never\n")).isEqualTo(1);

    assertThat(err.toString(UTF_8)).contains("no change of A/never\\u000a is recorded");
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void verify_whole_isSound() {
    assertThat(run("verify", directory.toString())).isZero();

    assertThat(lines().get(0)).contains("records=5 leases=1 ");
    assertThat(lines().get(1)).startsWith("ok");
  }

  @Test
  void verify_damaged_printsFileOffsetAndMissingVersions() throws Exception {
    Path journal;
    try (Stream<Path> files = Files.list(directory)) {
      journal =
          files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(journal);
    bytes[200] ^= 1;
    Files.write(journal, bytes);

    assertThat(run("verify", directory.toString())).isEqualTo(1);

    assertThat(out.toString(UTF_8))
        .contains("damaged: file=" + journal.getFileName() + " offset=")
        .contains("checksum")
        .contains("missing: versions ")
        .contains("damaged: a start");
  }

  @Test
  void usage_invalidTime_exitsWith2() {
    assertThat(run("at", directory.toString(), "yesterday")).isEqualTo(2);

    assertThat(err.toString(UTF_8)).contains("'yesterday' is not a time");
  }

  @Test
  void directory_missing_isReported() {
    assertThat(run("verify", directory.resolve("none").toString())).isEqualTo(1);

    assertThat(err.toString(UTF_8)).contains("none is not a directory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cat", "verify"})
  void directory_withoutAJournal_isReported(String command) throws Exception {
    Path empty = Files.createDirectory(directory.resolve("empty"));

    assertThat(run(command, empty.toString())).isEqualTo(1);

    assertThat(err.toString(UTF_8)).contains("no journal in " + empty);
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void history_withoutAJournal_isReported() throws Exception {
    Path empty = Files.createDirectory(directory.resolve("empty"));

    assertThat(run("history", empty.toString(), "a", "i")).isEqualTo(1);

    assertThat(err.toString(UTF_8)).contains("no journal in " + empty);
  }

  /** An application name with escape sequences erased its line and forged another. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cat_namesWithTerminalEscapes_forgeNoLine(boolean isJson) throws Exception {
    Path folder = directory.resolve("forged");
    String forged = "A\u001b[2K\r\n2026 CANCEL \u202e\u009b";
    ManualClock clock = new ManualClock();
    var settings = ConfigParser.read(Map.of("--data-dir", folder.toString()), Map.of());
    Store store = Store.open(settings.store(), clock, "run");
    Registry registry = new Registry(settings.registry(), clock, store.versionAfter());
    store.restore(registry);
    store.startWriting(registry);
    registry.register(
        Instances.up(forged, forged, 90).toBuilder()
            .metadata(Map.of("key", forged))
            .hostName(forged)
            .build(),
        Origin.CLIENT);
    store.close(10_000);

    assertThat(isJson ? run("cat", folder.toString(), "--json") : run("cat", folder.toString()))
        .isZero();

    assertThat(lines()).hasSize(2);
    assertThat(out.toString(UTF_8).replace(System.lineSeparator(), ""))
        .contains("\\u001b", "\\u202e", "\\u009b")
        .doesNotContain("\u001b", "\r", "\n", "\u202e", "\u009b");
  }

  private List<String> lines() {
    return out.toString(UTF_8).lines().toList();
  }

  private int run(String... arguments) {
    return JournalCommands.run(
        List.of(arguments), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }
}
