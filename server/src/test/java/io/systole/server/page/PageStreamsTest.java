// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static io.systole.server.page.PageFixture.read;
import static io.systole.server.page.PageFixture.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.cluster.ReplicaCounters;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.page.PageFixture.PageEvent;
import io.systole.server.registry.Origin;
import io.systole.server.route.BodySource;
import io.systole.server.route.Request;
import io.systole.server.route.ResponseBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PageStreamsTest {
  private final PageFixture fixture = new PageFixture();

  @AfterEach
  void end() {
    fixture.close();
  }

  @Test
  void node_opened_beginsWithThePresentState() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    fixture.register("PAY", "b", InstanceStatus.DOWN);

    List<PageEvent> first = read(fixture.openNode());

    assertThat(first)
        .extracting(PageEvent::name)
        .containsExactly("node", "applications", "tick", "recent");
    assertThat(first.get(0).data().at("/addresses/management").asString()).isEqualTo("127.0.0.1:2");
    assertThat(first.get(0).data().at("/options/0/name").asString()).isEqualTo("--port");
    assertThat(first.get(1).data().toString())
        .isEqualTo("{\"reset\":true,\"rows\":[[\"PAY\",2,1,1,0,0,0,0,0]],\"more\":false}");
    JsonNode tick = first.get(2).data();
    assertThat(tick.path("leases").asInt()).isEqualTo(2);
    assertThat(tick.path("applications").asInt()).isEqualTo(1);
    assertThat(tick.path("renewalsPerSecond").isNull()).isTrue();
    assertThat(tick.at("/selfPreservation/isActive").asBoolean()).isFalse();
    assertThat(ids(first.get(3).data())).containsExactly("a", "b");
  }

  @Test
  void tick_memberOfACluster_listsItsMembers() {
    BodySource stream = fixture.openNode();
    assertThat(PageFixture.read(stream, "tick").get(0).has("cluster")).isFalse();
    MemberId self = new MemberId(1, "127.0.0.1:7800");
    MemberId hostile = new MemberId(2, "</script>\n\u202e");
    fixture.cluster = new ClusterDescription(
        "prod",
        3,
        new ClusterStatus(
            true,
            2,
            7,
            1_000,
            List.of(
                new Member(self, "http://127.0.0.1:8761/v2", true, true, false, 2, 0),
                new Member(hostile, null, false, false, true, 1, 5_000)),
            4,
            5),
        new ReplicaCounters());

    fixture.tick();
    JsonNode cluster = PageFixture.read(stream, "tick").get(0).path("cluster");

    assertThat(cluster.path("name").asString()).isEqualTo("prod");
    assertThat(cluster.path("view").asInt()).isEqualTo(7);
    assertThat(cluster.path("membersExpected").asInt()).isEqualTo(3);
    assertThat(cluster.path("isComplete").asBoolean()).isTrue();
    assertThat(cluster.path("members").toString())
        .startsWith("[{\"name\":\"127.0.0.1:7800\",\"url\":\"http://127.0.0.1:8761/v2\","
            + "\"isSelf\":true,\"isComplete\":true,\"isDraining\":false,\"protocolMax\":2,"
            + "\"lastBeatMs\":0}");
    assertThat(cluster.at("/members/1/name").asString()).isEqualTo("</script>\n\u202e");
    assertThat(cluster.at("/members/1/isDraining").asBoolean()).isTrue();
    assertThat(cluster.at("/members/1/lastBeatMs").asInt()).isEqualTo(5_000);
  }

  @Test
  void node_closedBeforeItBegins_readsNothing() throws Exception {
    CountDownLatch isBusy = new CountDownLatch(1);
    var unused = fixture.executor.submit(() -> isBusy.await(30, TimeUnit.SECONDS));

    for (int i = 0; i < 10; i++) {
      ResponseBody.Streaming body = (ResponseBody.Streaming) fixture.streams.ofNode();
      body.sources().apply(() -> {}).close();
    }
    isBusy.countDown();
    fixture.runTasks();

    assertThat(fixture.peerReads).hasValue(0);
    assertThat(fixture.streams.openCount()).isZero();
  }

  @Test
  void tick_afterChanges_sendsTheRowsThatChanged() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    fixture.register("SHOP", "s", InstanceStatus.UP);
    BodySource stream = fixture.openNode();
    read(stream);

    fixture.register("PAY", "b", InstanceStatus.STARTING);
    fixture.override(new InstanceKey("PAY", "a"), InstanceStatus.OUT_OF_SERVICE);
    fixture.registry.cancel(new InstanceKey("SHOP", "s"), Origin.CLIENT);
    fixture.tick();

    List<PageEvent> events = read(stream);
    assertThat(rows(events))
        .containsExactlyInAnyOrder("[\"PAY\",2,0,0,1,1,0,0,0]", "[\"SHOP\",0,0,0,0,0,0,0,0]");
    assertThat(events.get(0).data().path("reset").asBoolean()).isFalse();
    JsonNode recent = events.get(events.size() - 1).data();
    assertThat(ids(recent)).containsExactly("b", "s");
    assertThat(recent.path("dropped").asInt()).isZero();
  }

  @Test
  void tick_withoutChanges_sendsFiguresOnly() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    BodySource stream = fixture.openNode();
    read(stream);
    fixture.renew("PAY", "a");
    fixture.renew("PAY", "a");

    fixture.tick();

    List<PageEvent> events = read(stream);
    assertThat(events).extracting(PageEvent::name).containsExactly("tick");
    assertThat(events.get(0).data().path("renewals").asInt()).isEqualTo(2);
    assertThat(events.get(0).data().path("renewalsPerSecond").asDouble()).isEqualTo(2);
  }

  @Test
  void tick_leasesExpire_countsThemAsExpiredAndProtectedAndLate() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    BodySource stream = fixture.openNode();
    read(stream);

    fixture.clock.advanceMs(31_000);
    fixture.tick();
    assertThat(read(stream, "tick").get(0).path("late").asInt()).isEqualTo(1);

    fixture.rate.endMinute();
    fixture.clock.advanceMs(60_000);
    fixture.tick();

    List<PageEvent> events = read(stream);
    assertThat(rows(events)).containsExactly("[\"PAY\",1,1,0,0,0,0,1,1]");
    JsonNode tick = events.get(1).data();
    assertThat(tick.path("expired").asInt()).isEqualTo(1);
    assertThat(tick.path("late").asInt()).isZero();
    assertThat(tick.at("/protectedByRule/registry").asInt()).isEqualTo(1);
    assertThat(tick.at("/selfPreservation/isActive").asBoolean()).isTrue();
    assertThat(tick.at("/selfPreservation/summary").asString()).startsWith("Active");

    fixture.renew("PAY", "a");
    fixture.tick();
    assertThat(rows(read(stream))).containsExactly("[\"PAY\",1,1,0,0,0,0,0,0]");
  }

  @Test
  void tick_moreEventsThanOneDocumentHolds_reportsThoseLeftOut() {
    BodySource stream = fixture.openNode();
    read(stream);
    for (int i = 0; i < RecentEvents.EVENTS_MAX + 20; i++) {
      fixture.register("PAY", "i-" + i, InstanceStatus.UP);
    }

    fixture.tick();

    JsonNode recent = read(stream, "recent").get(0);
    assertThat(recent.path("dropped").asInt()).isEqualTo(20);
    assertThat(ids(recent)).hasSize(RecentEvents.EVENTS_MAX).endsWith("i-119");
    assertThat(ids(read(fixture.openNode(), "recent").get(0)))
        .hasSize(RecentEvents.LATEST_MAX)
        .endsWith("i-119");
  }

  @Test
  void tick_manyStreams_encodesOnce() {
    List<BodySource> streams = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      streams.add(fixture.openNode());
      read(streams.get(i));
    }
    int before = fixture.peerReads.get();

    fixture.tick();

    assertThat(fixture.peerReads.get() - before).isEqualTo(1);
    assertThat(streams.stream().map(PageFixture::text).distinct()).hasSize(1);
  }

  @Test
  void open_aStreamLater_continuesWhereTheOthersAre() {
    fixture.register("PAY", "a", InstanceStatus.UP);
    BodySource early = fixture.openNode();
    fixture.register("PAY", "b", InstanceStatus.UP);
    fixture.tick();

    BodySource late = fixture.openNode();

    assertThat(rows(read(late))).containsExactly("[\"PAY\",2,2,0,0,0,0,0,0]");
    assertThat(rows(read(early))).hasSize(2).endsWith("[\"PAY\",2,2,0,0,0,0,0,0]");
    fixture.tick();
    assertThat(text(late)).isEqualTo(text(early)).isNotEmpty();
  }

  @Test
  void watch_nobodyAnyMore_doesNoWork() {
    assertThat(fixture.executor.getQueue()).isEmpty();
    BodySource node = fixture.openNode();
    BodySource application = fixture.open(fixture.streams.ofApplication("PAY"));
    assertThat(fixture.executor.getQueue()).hasSize(1);

    fixture.close(node);
    assertThat(fixture.executor.getQueue()).hasSize(1);
    fixture.close(application);

    assertThat(fixture.executor.getQueue()).isEmpty();
    assertThat(fixture.streams.openCount()).isZero();
    int before = fixture.peerReads.get();
    fixture.tick();
    assertThat(fixture.peerReads).hasValue(before);
  }

  @Test
  void watch_again_beginsWithTheStateOfThen() {
    fixture.close(fixture.openNode());
    fixture.register("PAY", "a", InstanceStatus.UP);

    assertThat(rows(read(fixture.openNode()))).containsExactly("[\"PAY\",1,1,0,0,0,0,0,0]");
  }

  /** Slow readers of many applications filled the heap, each with a backlog of its own. */
  @Test
  void slowReader_ofOneOfManyApplications_isEndedAtItsShareOfAllBacklogs() {
    int channels = 64;
    BodySource slow = fixture.open(fixture.streams.ofApplication("A"));
    read(slow);
    for (int i = 1; i < channels; i++) {
      read(fixture.open(fixture.streams.ofApplication("B" + i)));
    }
    String id = "i".repeat(900);
    long instances = PageStreams.BACKLOGS_BYTES_MAX / channels / id.length() + 1;
    for (int instance = 0; instance < instances; instance++) {
      fixture.register("A", id + instance, InstanceStatus.UP);
      if (instance % 100 == 0) {
        fixture.tick();
        assertThat(fixture.streams.droppedCount()).isZero();
      }
    }
    fixture.tick();
    fixture.tick();

    assertThat(fixture.streams.droppedCount()).isEqualTo(1);
    assertThat(slow.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
  }

  @Test
  void slowReader_atTheBoundOfItsBacklog_isEnded() {
    String app = "A".repeat(1_000);
    BodySource slow = fixture.openNode();
    BodySource quick = fixture.openNode();
    read(quick);
    read(slow);
    long bytes = 0;
    int ticks = 0;
    while (bytes <= PageStream.BACKLOG_BYTES_MAX) {
      assertThat(fixture.streams.droppedCount()).isZero();
      for (int i = 0; i < 50; i++) {
        fixture.register(app + i, "i-" + ticks, InstanceStatus.UP);
      }
      ticks++;
      fixture.tick();
      bytes += text(quick).length();
    }

    assertThat(ticks).as("each sends the applications").isLessThan(200);
    assertThat(fixture.streams.droppedCount()).isEqualTo(1);
    assertThat(slow.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
    fixture.tick();
    assertThat(text(quick)).isNotEmpty();
    assertThat(fixture.streams.droppedCount()).isEqualTo(1);
  }

  @Test
  void slowReader_ofTheFirstEvents_isEnded() {
    BodySource slow = fixture.openNode();
    slow.read(new byte[10], 0, 10);

    fixture.clock.advanceNs(PageStream.FIRST_NS_MAX);
    fixture.tick();

    assertThat(slow.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
    assertThat(fixture.streams.droppedCount()).isEqualTo(1);
  }

  @Test
  void open_moreThanTheMaximum_isRefused() {
    List<BodySource> open = new ArrayList<>();
    for (int i = 0; i < PageStreams.STREAMS_MAX - 1; i++) {
      open.add(fixture.openNode());
    }
    PageStreamEndpoint endpoint = PageStreamEndpoint.ofNode(fixture.streams);
    Request request = new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of());
    assertThat(endpoint.handle(request).status()).isEqualTo(200);

    open.add(fixture.openNode());

    assertThat(endpoint.handle(request).status()).isEqualTo(503);
    BodySource surplus = fixture.openNode();
    assertThat(surplus.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
    surplus.close();
    fixture.close(open.get(0));
    assertThat(endpoint.handle(request).status()).isEqualTo(200);
  }

  @Test
  void tick_fails_endsAllStreamsAndRecovers() {
    BodySource stream = fixture.openNode();
    fixture.isFailing = true;

    fixture.tick();

    assertThat(stream.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
    assertThat(fixture.executor.getQueue()).isEmpty();
    fixture.close(stream);
    fixture.isFailing = false;
    assertThat(read(fixture.openNode())).isNotEmpty();
  }

  @Test
  void open_nodeIsStopping_ends() {
    fixture.executor.shutdown();

    BodySource stream =
        ((ResponseBody.Streaming) fixture.streams.ofNode()).sources().apply(() -> {});

    assertThat(stream.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
    stream.close();
  }

  @Test
  void hostileNames_areJsonOnOneLine() {
    String hostile = "A\"\\\n\r\u2028\u2029\u0085\u0000\u001b[2J\u202e</SCRIPT>\ud83d\ude00\u00c9";
    fixture.register(hostile, hostile, InstanceStatus.UP);
    BodySource node = fixture.openNode();
    BodySource application = fixture.open(fixture.streams.ofApplication(hostile));

    String text = text(node) + text(application);

    assertThat(text.replace("\n", "").codePoints())
        .noneMatch(character -> Character.isISOControl(character)
            || character == 0x2028
            || character == 0x2029
            || character == 0x202e);
    BodySource again = fixture.openNode();
    assertThat(read(again, "applications").get(0).at("/rows/0/0").asString()).isEqualTo(hostile);
    JsonNode row = read(fixture.open(fixture.streams.ofApplication(hostile)), "instances")
        .get(0)
        .at("/rows/0");
    assertThat(row.get(0).asString()).isEqualTo(hostile);
  }

  @Test
  void overview_hasTheSameAsTheStream() {
    fixture.register("PAY", "a\n", InstanceStatus.UP);
    Request request = new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of());

    JsonNode overview = PageFixture.JSON.readTree(
        new OverviewEndpoint(fixture.sources).handle(request).bytes());

    List<PageEvent> first = read(fixture.openNode());
    assertThat(overview.path("node")).isEqualTo(first.get(0).data());
    assertThat(overview.path("applications")).isEqualTo(first.get(1).data().path("rows"));
    assertThat(overview.at("/tick/leases").asInt()).isEqualTo(1);
    assertThat(overview.path("recent")).isEqualTo(first.get(3).data().path("events"));
    assertThat(new String(new OverviewEndpoint(fixture.sources).handle(request).bytes(), UTF_8)
            .strip()
            .lines())
        .hasSize(1);
  }

  private static List<String> rows(List<PageEvent> events) {
    return events.stream()
        .filter(event -> event.name().equals("applications"))
        .flatMap(event -> event.data().path("rows").values().stream())
        .map(JsonNode::toString)
        .toList();
  }

  private static List<String> ids(JsonNode recent) {
    return recent.path("events").values().stream()
        .map(event -> event.path("id").asString())
        .toList();
  }
}
