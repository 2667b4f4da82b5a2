// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RowEventsTest {
  private static final byte[] LARGE = ('"' + "x".repeat(30_000) + '"').getBytes(UTF_8);

  @Test
  void changes_none_isNoEvent() {
    assertThat(RowEvents.changes("e", List.of(), List.of())).isEmpty();
  }

  @Test
  void changes_rowsAndRemoved_areSplitAtTheMaximum() {
    List<byte[]> events =
        RowEvents.changes("e", Collections.nCopies(3, LARGE), Collections.nCopies(4, LARGE));

    assertThat(events).allMatch(event -> event.length <= RowEvents.EVENT_BYTES_MAX);
    List<JsonNode> data = events.stream().map(RowEventsTest::data).toList();
    assertThat(data).extracting(event -> event.path("rows").size()).containsExactly(2, 1, 0, 0);
    assertThat(data).extracting(event -> event.path("removed").size()).containsExactly(0, 1, 2, 1);
    assertThat(data)
        .extracting(event -> event.path("more").asBoolean())
        .containsExactly(true, true, true, false);
    assertThat(data).noneMatch(event -> event.path("reset").asBoolean());
  }

  @Test
  void all_aRowAboveTheMaximum_isAnEventOfItsOwn() {
    byte[] huge = ('"' + "x".repeat(RowEvents.EVENT_BYTES_MAX) + '"').getBytes(UTF_8);

    List<byte[]> events = RowEvents.all("e", List.of(LARGE, huge, LARGE));

    assertThat(events).hasSize(3);
    assertThat(data(events.get(1)).at("/rows/0").asString()).hasSize(RowEvents.EVENT_BYTES_MAX);
  }

  private static JsonNode data(byte[] event) {
    String text = new String(event, UTF_8);
    assertThat(text).startsWith("event: e\ndata: ").endsWith("\n\n");
    return PageFixture.JSON.readTree(text.substring("event: e\ndata: ".length()));
  }
}
