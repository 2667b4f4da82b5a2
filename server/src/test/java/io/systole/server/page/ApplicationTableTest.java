// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change;
import io.systole.server.registry.Origin;
import io.systole.server.route.BodySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ApplicationTableTest {
  private static final int STEPS = 3_000;

  private final PageFixture fixture = new PageFixture();

  @AfterEach
  void end() {
    fixture.close();
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Repetitions.of(3));
  }

  /** A reader of the stream and a table that starts in the middle agree with the leases. */
  @ParameterizedTest
  @MethodSource("seeds")
  @Tag("randomized")
  void rows_afterRandomChanges_areThoseOfARecount(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    BodySource stream = fixture.openNode();
    Map<String, String> received = new TreeMap<>();
    Change middle = fixture.registry.changes().last();
    List<Change> sinceMiddle = new ArrayList<>();
    ApplicationTable late = ApplicationTable.of(fixture.registry);

    for (int step = 0; step < STEPS; step++) {
      if (step == STEPS / 2) {
        // Filled after the position was taken, as by a thread that is interrupted in between.
        middle = fixture.registry.changes().last();
        for (int i = 0; i < 20; i++) {
          change(random);
        }
        late = ApplicationTable.of(fixture.registry);
      }
      change(random);
      if (random.nextInt(50) == 0) {
        fixture.tick();
        receive(stream, received);
      }
    }
    fixture.tick();
    receive(stream, received);
    for (Change change = middle.next(); change != null; change = change.next()) {
      sinceMiddle.add(change);
    }
    sinceMiddle.forEach(late::apply);

    assertThat(received).as("seed %d", seed).isEqualTo(recount());
    assertThat(late.encodedRows().stream().map(row -> new String(row, UTF_8)))
        .as("seed %d", seed)
        .containsExactlyElementsOf(recount().values());
  }

  private void change(SplittableRandom random) {
    InstanceKey key = new InstanceKey("APP" + random.nextInt(8), "i-" + random.nextInt(20));
    InstanceStatus[] statuses = InstanceStatus.values();
    InstanceStatus status = statuses[random.nextInt(statuses.length)];
    switch (random.nextInt(5)) {
      case 0, 1 -> fixture.register(key.app(), key.id(), status);
      case 2 -> fixture.override(key, status);
      case 3 -> fixture.registry.cancel(key, Origin.CLIENT);
      default -> fixture.registry.expiry().evict(key);
    }
  }

  private static void receive(BodySource stream, Map<String, String> received) {
    for (JsonNode event : PageFixture.read(stream, "applications")) {
      if (event.path("reset").asBoolean()) {
        received.clear();
      }
      for (JsonNode row : event.path("rows").values()) {
        String name = row.get(0).asString();
        if (row.get(1).asInt() == 0) {
          received.remove(name);
        } else {
          received.put(name, row.toString());
        }
      }
    }
  }

  private Map<String, String> recount() {
    Map<String, int[]> counts = new TreeMap<>();
    fixture.registry.forEachLease(lease -> {
      int[] row = counts.computeIfAbsent(lease.instance().app(), any -> new int[8]);
      row[0]++;
      row[1 + lease.instance().status().ordinal()]++;
    });
    Map<String, String> rows = new TreeMap<>();
    counts.forEach((app, row) -> {
      StringBuilder text = new StringBuilder("[\"" + app + "\"");
      for (int count : row) {
        text.append(',').append(count);
      }
      rows.put(app, text.append(']').toString());
    });
    return rows;
  }

  @Test
  void all_manyApplications_areSplitIntoEventsOfLimitedSize() {
    for (int i = 0; i < 5_000; i++) {
      fixture.register("APPLICATION-" + i, "i", InstanceStatus.UP);
    }

    List<byte[]> events = ApplicationTable.of(fixture.registry).all();

    assertThat(events)
        .hasSizeGreaterThan(2)
        .allMatch(event -> event.length <= RowEvents.EVENT_BYTES_MAX);
    List<JsonNode> data = PageFixture.read(fixture.openNode(), "applications");
    assertThat(data).hasSize(events.size());
    for (int i = 0; i < data.size(); i++) {
      assertThat(data.get(i).path("reset").asBoolean()).isEqualTo(i == 0);
      assertThat(data.get(i).path("more").asBoolean()).isEqualTo(i < data.size() - 1);
    }
    assertThat(data.stream().mapToInt(event -> event.path("rows").size()).sum()).isEqualTo(5_000);
  }

  @Test
  void all_unchanged_isEncodedOnce() {
    fixture.register("A", "i", InstanceStatus.UP);
    ApplicationTable table = ApplicationTable.of(fixture.registry);

    List<byte[]> first = table.all();

    assertThat(table.all()).isSameAs(first);
  }

  @Test
  void rows_longNames_areOnlyCountedBeyondTheLimit() {
    int shown = ApplicationTable.CHARS_MAX / 1_000;
    for (int i = 0; i < shown + 20; i++) {
      fixture.register("%01000d".formatted(i), "a", InstanceStatus.UP);
    }

    ApplicationTable table = ApplicationTable.of(fixture.registry);

    assertThat(table.size()).isEqualTo(shown + 20);
    assertThat(table.encodedRows()).hasSize(shown);
  }
}
