// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static io.systole.server.page.PageFixture.read;
import static io.systole.server.page.PageFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.route.BodySource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The stream of one application. */
class InstanceTableTest {
  private final PageFixture fixture = new PageFixture();

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void open_beginsWithTheInstancesOfTheApplication() {
    fixture.register("PAY", "b", InstanceStatus.UP);
    fixture.register("PAY", "a", InstanceStatus.DOWN);
    fixture.register("SHOP", "s", InstanceStatus.UP);
    long nowMs = fixture.clock.wallMs();

    List<JsonNode> first = read(open(), "instances");

    assertThat(first).hasSize(1);
    assertThat(first.get(0).path("reset").asBoolean()).isTrue();
    assertThat(first.get(0).path("rows").toString())
        .isEqualTo("[" + row("a", "DOWN", nowMs, nowMs + 90_000) + ","
            + row("b", "UP", nowMs, nowMs + 90_000) + "]");
  }

  @Test
  void open_unknownApplication_beginsEmptyAndFollowsIt() {
    BodySource stream = open();
    assertThat(read(stream, "instances").get(0).path("rows")).isEmpty();

    fixture.register("PAY", "a", InstanceStatus.UP);
    fixture.tick();

    assertThat(read(stream, "instances").get(0).at("/rows/0/0").asString()).isEqualTo("a");
  }

  @Test
  void tick_afterChanges_sendsRowsAndRemovedIds() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    fixture.register("PAY", "b\n", InstanceStatus.UP);
    BodySource stream = open();
    read(stream);

    fixture.override(new InstanceKey("PAY", "a"), InstanceStatus.OUT_OF_SERVICE);
    fixture.registry.cancel(new InstanceKey("PAY", "b\n"), Origin.CLIENT);
    fixture.register("SHOP", "s", InstanceStatus.UP);
    fixture.tick();

    JsonNode changes = read(stream, "instances").get(0);
    assertThat(changes.path("reset").asBoolean()).isFalse();
    assertThat(changes.path("rows")).hasSize(1);
    assertThat(changes.at("/rows/0/4").asString()).isEqualTo("OUT_OF_SERVICE");
    assertThat(changes.at("/rows/0/5").asString()).isEqualTo("OUT_OF_SERVICE");
    assertThat(changes.path("removed").values())
        .extracting(JsonNode::asString)
        .containsExactly("b\n");
  }

  @Test
  void tick_renewals_areSentAtMostEveryFiveSeconds() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    BodySource stream = open();
    read(stream);
    int events = 0;
    for (int second = 0; second < 20; second++) {
      fixture.renew("PAY", "a");
      fixture.tick();
      events += read(stream, "instances").size();
    }

    assertThat(events).isEqualTo(4);
  }

  @Test
  void tick_moreInstancesThanLookups_takesSeveralTicks() {
    int count = InstanceTable.LOOKUPS_MAX + 10;
    for (int i = 0; i < count; i++) {
      fixture.register("PAY", "i-" + i, InstanceStatus.UP);
    }
    BodySource stream = open();
    read(stream);
    for (int i = 0; i < count; i++) {
      fixture.clock.advanceNs(1);
      fixture.renew("PAY", "i-" + i);
    }
    fixture.clock.advanceNs(InstanceTable.ROUND_NS);

    fixture.tick();
    assertThat(rows(stream)).isEqualTo(InstanceTable.LOOKUPS_MAX);
    fixture.tick();
    assertThat(rows(stream)).isEqualTo(10);
    fixture.tick();
    assertThat(rows(stream)).isZero();
  }

  @Test
  void tick_expiredLease_changesItsState() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    BodySource stream = open();
    read(stream);

    fixture.clock.advanceMs(91_000);
    fixture.tick();

    assertThat(read(stream, "instances").get(0).at("/rows/0/8").asString()).isEqualTo("protected");
  }

  @Test
  void tick_idle_sendsACommentAfterAWhile() {
    BodySource stream = open();
    text(stream);
    fixture.tick();
    assertThat(text(stream)).isEmpty();

    fixture.clock.advanceNs(EventChannel.IDLE_NS_MAX);
    fixture.tick();

    assertThat(text(stream)).isEqualTo(":\n\n");
  }

  private BodySource open() {
    return fixture.open(fixture.streams.ofApplication("PAY"));
  }

  private static int rows(BodySource stream) {
    return read(stream, "instances").stream()
        .mapToInt(event -> event.path("rows").size())
        .sum();
  }

  private static String row(String id, String status, long renewedMs, long deadlineMs) {
    return "[\"%s\",\"h1\",\"10.0.0.1\",%d,\"%s\",null,%d,%d,\"valid\"]"
        .formatted(id, 7001, status, renewedMs, deadlineMs);
  }

  @Test
  void rows_longNames_areLeftOutBeyondTheLimitOfAllApplications() {
    int shown = NameChars.MAX / "%01000dh110.0.0.1".formatted(0).length();
    for (int i = 0; i < shown; i++) {
      fixture.register(i % 2 == 0 ? "PAY" : "SHOP", "%01000d".formatted(i), InstanceStatus.UP);
    }
    fixture.register("SHOP", "%01000d".formatted(shown), InstanceStatus.UP);

    BodySource pay = open();
    assertThat(rowCount(pay)).isEqualTo((shown + 1) / 2);
    assertThat(rowCount(fixture.open(fixture.streams.ofApplication("SHOP")))).isEqualTo(shown / 2);

    fixture.close(pay);
    assertThat(rowCount(fixture.open(fixture.streams.ofApplication("BOTH")))).isZero();
    assertThat(rowCount(open())).isEqualTo((shown + 1) / 2);
  }

  private static int rowCount(BodySource stream) {
    return read(stream, "instances").stream()
        .mapToInt(event -> event.path("rows").size())
        .sum();
  }

  @Test
  void rows_longHostName_isCut() {
    fixture.registry.register(
        Instances.up("PAY", "a", 90).toBuilder().hostName("h".repeat(60_000)).build(),
        Origin.CLIENT);

    assertThat(read(open(), "instances").get(0).at("/rows/0/1").asString())
        .isEqualTo("h".repeat(InstanceTable.HOST_CHARS_MAX) + "…");
  }
}
