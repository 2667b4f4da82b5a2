// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ReadSnapshot;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamsTest {
  private static final int BACKLOG_MAX = 50;
  private static final int CHANGES_MAX = 3 * SseStream.SKIPPED_MAX;
  private static final long HEARTBEAT_MS = 60_000;
  private static final StreamFilter ALL = new StreamFilter(CacheScope.FULL, "");

  private static final Pattern EVENT =
      Pattern.compile("(?:id: (\\d+)\n)?event: (\\w+)\ndata: (.*)\n\n|(:)\n\n");

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10_000, true, 180_000, CHANGES_MAX), clock);
  private final ResponseCache cache = new ResponseCache(registry, clock);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final EventStreams streams = new EventStreams(
      cache,
      registry.changes(),
      clock,
      new EventSettings(1, BACKLOG_MAX, HEARTBEAT_MS, 1, 1),
      timer);

  /** Allows readers to be far behind, and never wakes them by itself. */
  private final EventStreams patient = new EventStreams(
      cache,
      registry.changes(),
      clock,
      new EventSettings(HEARTBEAT_MS, CHANGES_MAX, HEARTBEAT_MS, 1, 1),
      timer);

  private final AtomicInteger wakes = new AtomicInteger();

  @AfterEach
  void end() {
    cache.close();
    timer.shutdownNow();
  }

  @Test
  void begin_sendsAllInstancesAndThenTheChanges() {
    register("A", "a");
    register("B", "b");
    long version = registry.version();

    BodySource stream = begin(ALL);

    assertThat(reported(stream))
        .containsExactly(
            "- reset {\"instances\":2}",
            "- instance ADDED A/a",
            "- instance ADDED B/b",
            version + " synced {\"version\":" + version + ",\"apps__hashcode\":\"UP_2_\"}");
    assertThat(reported(stream)).isEmpty();

    register("A", "c");
    registry.cancel(new InstanceKey("B", "b"), Origin.CLIENT);

    assertThat(reported(stream))
        .containsExactly(
            (version + 1) + " instance ADDED A/c", (version + 2) + " instance DELETED B/b");
  }

  @Test
  void begin_ofOneApplication_sendsOnlyItsInstances() {
    register("A", "a");
    register("B", "b");

    BodySource stream = begin(new StreamFilter(CacheScope.APPLICATION, "A"));
    List<String> snapshot = reported(stream);
    register("B", "b-2");
    register("A", "a-2");

    assertThat(snapshot).hasSize(3).contains("- instance ADDED A/a");
    assertThat(reported(stream)).containsExactly(registry.version() + " instance ADDED A/a-2");
  }

  @Test
  void begin_ofAVip_sendsInstancesThatEnterAndLeaveIt() {
    register("A", "a", "va,vb");
    register("A", "b", "other");
    BodySource stream = begin(new StreamFilter(CacheScope.VIP, "va"));
    List<String> snapshot = reported(stream);

    register("A", "b", "va");
    register("A", "a", "vb");
    register("A", "a", "vc");
    registry.cancel(new InstanceKey("A", "a"), Origin.CLIENT);
    registry.cancel(new InstanceKey("A", "b"), Origin.CLIENT);

    assertThat(snapshot).hasSize(3).contains("- instance ADDED A/a");
    assertThat(withoutIds(reported(stream)))
        .containsExactly("instance ADDED A/b", "instance DELETED A/a", "instance DELETED A/b");
  }

  @Test
  void resume_withinTheBacklog_sendsTheMissedChanges() {
    register("A", "a");
    long seen = registry.version();
    register("A", "b");

    BodySource stream = resume(ALL, seen);

    assertThat(reported(stream)).containsExactly((seen + 1) + " instance ADDED A/b");
  }

  @Test
  void resume_ofAnotherRunOrTooFarBack_startsAnew() {
    long atStart = registry.version();
    for (int i = 0; i <= BACKLOG_MAX; i++) {
      register("A", "i-" + i);
    }

    assertThat(reported(resume(ALL, 1)).get(0)).startsWith("- reset");
    assertThat(reported(resume(ALL, atStart)).get(0)).startsWith("- reset");
    assertThat(reported(resume(ALL, atStart + 1))).hasSize(BACKLOG_MAX);
  }

  @Test
  void resume_ofAVip_startsAnew() {
    register("A", "a", "va");

    assertThat(reported(resume(new StreamFilter(CacheScope.VIP, "va"), registry.version()))
            .get(0))
        .startsWith("- reset");
  }

  @Test
  void read_tooFarBehind_isTheEnd() {
    BodySource stream = begin(ALL);
    reported(stream);
    for (int i = 0; i < BACKLOG_MAX; i++) {
      register("A", "i-" + i);
    }
    byte[] some = new byte[10];
    assertThat(stream.read(some, 0, 10)).isEqualTo(10);

    register("A", "one-more");
    register("A", "and-one-more");

    assertThat(stream.read(some, 0, 10)).isEqualTo(BodySource.END);
    assertThat(streams.droppedCount()).isEqualTo(1);
  }

  /** A stream that is not read can't be ended by a read: its position kept the log in memory. */
  @Test
  void append_withoutReads_isCutOffByBytes() {
    ByteBounds bounds = new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, 10_000);
    Registry small = new Registry(
        new RegistrySettings(10, true, 180_000, CHANGES_MAX, LeaseRules.STOCK, bounds), clock);
    StreamPosition position = new StreamPosition(
        small.changes(), new ReadSnapshot(small.changes().last(), List.of()), false);
    StreamPosition near = new StreamPosition(
        small.changes(), new ReadSnapshot(small.changes().last(), List.of()), false);
    for (int i = 0; i < 20; i++) {
      small.register(Instances.up("A", "a", 90), Origin.CLIENT);
      near.moveTo(small.changes().last());
      small.register(Instances.up("A", "a", 90), Origin.CLIENT);
    }

    position.cutOffUnlessWithin(CHANGES_MAX);
    near.cutOffUnlessWithin(CHANGES_MAX);

    assertThat(position.at()).isNull();
    assertThat(position.snapshot()).isNull();
    assertThat(position.isWithin(CHANGES_MAX)).isFalse();
    assertThat(near.at()).isNotNull();
  }

  @Test
  void append_streamsFarBehind_areCutOffWithoutARead() {
    ByteBounds bounds = new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, 10_000);
    Registry small = new Registry(
        new RegistrySettings(10, true, 180_000, CHANGES_MAX, LeaseRules.STOCK, bounds), clock);
    try (ResponseCache smallCache = new ResponseCache(small, clock)) {
      EventStreams quiet = new EventStreams(
          smallCache,
          small.changes(),
          clock,
          new EventSettings(HEARTBEAT_MS, CHANGES_MAX, HEARTBEAT_MS, 1, 1),
          timer);
      SseStream stream =
          (SseStream) opened(body -> quiet.begin(ALL, body::complete, body::completeExceptionally));

      // The cache may have to apply changes first.
      await().until(() -> {
        small.register(Instances.up("A", "a", 90), Origin.CLIENT);
        return !stream.isOpen();
      });

      assertThat(stream.read(new byte[10], 0, 10)).isEqualTo(BodySource.END);
      assertThat(quiet.droppedCount()).isEqualTo(1);
    }
  }

  @Test
  void read_fewBytesAtATime_returnsTheSame() {
    register("A", "a");
    register("A", "b");

    String whole = text(begin(ALL), 64 * 1024);
    String inSegments = text(begin(ALL), 7);

    assertThat(inSegments).isEqualTo(whole);
  }

  @Test
  void read_idle_sendsAComment() {
    BodySource stream = begin(ALL);
    reported(stream);
    assertThat(reported(stream)).isEmpty();

    clock.advanceMs(HEARTBEAT_MS / 2);

    assertThat(reported(stream)).containsExactly(":");
    assertThat(reported(stream)).isEmpty();
  }

  @Test
  void wake_aChange_wakesOpenStreamsOnly() {
    BodySource stream = begin(ALL);
    reported(stream);

    register("A", "a");
    await().until(() -> wakes.get() > 0);

    stream.close();
    assertThat(streams.openCount()).isZero();
    int before = wakes.get();
    register("A", "b");
    assertThat(wakes).hasValue(before);
  }

  @Test
  void read_changesOutsideTheScope_areSkippedInSlices() {
    BodySource stream = opened(body -> patient.begin(
        new StreamFilter(CacheScope.APPLICATION, "B"),
        body::complete,
        body::completeExceptionally));
    reported(stream);
    for (int i = 0; i < 2 * SseStream.SKIPPED_MAX; i++) {
      register("A", "a");
    }
    register("B", "b");

    assertThat(reported(stream)).isEmpty();
    assertThat(wakes).as("requests a second read").hasValue(1);
    assertThat(reported(stream)).isEmpty();
    assertThat(wakes).as("requests a third read").hasValue(2);
    assertThat(reported(stream)).containsExactly(registry.version() + " instance ADDED B/b");
    assertThat(reported(stream)).isEmpty();
    assertThat(wakes).as("has read all changes").hasValue(2);
  }

  private void register(String app, String id) {
    register(app, id, null);
  }

  private void register(String app, String id, @Nullable String vip) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .status(InstanceStatus.UP)
        .vipAddress(vip)
        .build();
    registry.register(instance, Origin.CLIENT);
  }

  private BodySource begin(StreamFilter filter) {
    return opened(body -> streams.begin(filter, body::complete, body::completeExceptionally));
  }

  private BodySource resume(StreamFilter filter, long version) {
    return opened(
        body -> streams.resume(filter, version, body::complete, body::completeExceptionally));
  }

  private BodySource opened(Consumer<CompletableFuture<ResponseBody>> how) {
    CompletableFuture<ResponseBody> body = new CompletableFuture<>();
    how.accept(body);
    ResponseBody.Streaming endless =
        (ResponseBody.Streaming) body.orTimeout(20, TimeUnit.SECONDS).join();
    return endless.sources().apply(wakes::incrementAndGet);
  }

  /** Returns each event as its id or a hyphen, its type, and its data. */
  private static List<String> reported(BodySource stream) {
    List<String> reported = new ArrayList<>();
    Matcher event = EVENT.matcher(text(stream, 64 * 1024));
    int end = 0;
    while (event.find()) {
      assertThat(event.start()).isEqualTo(end);
      end = event.end();
      reported.add(event.group(4) != null ? ":" : line(event));
    }
    return reported;
  }

  private static String line(Matcher event) {
    String id = event.group(1) == null ? "-" : event.group(1);
    String type = event.group(2);
    String data = event.group(3);
    return id + " " + type + " " + (type.equals("instance") ? instance(data) : data);
  }

  private static String instance(String json) {
    return member("actionType", json) + " " + member("app", json) + "/"
        + member("instanceId", json);
  }

  private static String member(String name, String json) {
    Matcher member = Pattern.compile('"' + name + "\":\"([^\"]*)\"").matcher(json);
    assertThat(member.find()).as("%s in %s", name, json).isTrue();
    return member.group(1);
  }

  private static List<String> withoutIds(List<String> reported) {
    return reported.stream().map(each -> each.substring(each.indexOf(' ') + 1)).toList();
  }

  /** Reads all available bytes. */
  private static String text(BodySource stream, int atATime) {
    StringBuilder text = new StringBuilder();
    byte[] into = new byte[atATime];
    for (int count = stream.read(into, 0, atATime);
        count > 0;
        count = stream.read(into, 0, atATime)) {
      text.append(new String(into, 0, count, UTF_8));
    }
    return text.toString();
  }
}
