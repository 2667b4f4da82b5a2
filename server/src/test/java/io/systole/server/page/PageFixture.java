// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.management.NodeDescription;
import io.systole.server.management.NodeDescription.JvmDescription;
import io.systole.server.management.NodeDescription.ShownOption;
import io.systole.server.metrics.Counters;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewalRate;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A registry with the streams of its page, whose ticks the test runs. */
final class PageFixture implements AutoCloseable {
  /** An event of a stream. */
  record PageEvent(String name, JsonNode data) {}

  static final JsonMapper JSON = new JsonMapper();

  private static final Pattern EVENT =
      Pattern.compile("event: (\\w+)\ndata: ([^\n\r]*)\n\n|retry: 2000\n\n|:\n\n");

  final ManualClock clock = new ManualClock();
  final Registry registry = new Registry(
      new RegistrySettings(100_000, true, 180_000, 100_000, new LeaseRules(false, 1, 0, 1)), clock);
  final RenewalRate rate = new RenewalRate(registry.renewal()::count);
  final Evictor evictor;
  final AtomicInteger wakes = new AtomicInteger();

  /** Readings of the figures. */
  final AtomicInteger peerReads = new AtomicInteger();

  volatile boolean isFailing;

  /** Null without a native cluster. */
  volatile @Nullable ClusterDescription cluster;

  /** Its scheduled ticks come too late for any test. */
  final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1) {
    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable command, long initialDelay, long period, TimeUnit unit) {
      return super.scheduleAtFixedRate(command, 1, 1, TimeUnit.DAYS);
    }
  };

  final PageSources sources;
  final PageStreams streams;

  PageFixture() {
    evictor = new Evictor(
        registry, rate, clock, new EvictionSettings(60_000, 900_000, 10, EvictionRules.STOCK));
    executor.setRemoveOnCancelPolicy(true);
    sources = new PageSources(
        registry,
        evictor,
        clock,
        new Counters(),
        () -> 0,
        () -> 7,
        () -> {
          peerReads.incrementAndGet();
          if (isFailing) {
            throw new IllegalStateException("requested by the test");
          }
          return List.of();
        },
        () -> cluster,
        () -> null,
        () -> null,
        () -> new NodeDescription(
            "1",
            null,
            "run",
            2,
            3,
            4,
            "host",
            new JvmDescription("17", "vendor", 5, 6, 7),
            "127.0.0.1:1",
            "127.0.0.1:2",
            List.of("/v2"),
            null,
            "nio",
            1,
            0,
            0,
            8,
            9,
            true,
            List.of(new ShownOption("--port", "1", "flag"))));
    streams = new PageStreams(sources, executor);
  }

  void register(String app, String id, InstanceStatus status) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .status(status)
        .leaseInfo(new LeaseInfo(30, 90, 0, 0, 0, 0))
        .build();
    assertThat(registry.register(instance, Origin.CLIENT)).isEqualTo(RegisterOutcome.REGISTERED);
  }

  void override(InstanceKey key, InstanceStatus status) {
    registry.statusOverrides().set(key, status, Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  void renew(String app, String id) {
    registry.renew(
        LookupKey.of(new InstanceKey(app, id)),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);
  }

  /** Opens a stream, which has begun on return. */
  BodySource open(ResponseBody body) {
    BodySource stream = ((ResponseBody.Streaming) body).sources().apply(wakes::incrementAndGet);
    runTasks();
    return stream;
  }

  BodySource openNode() {
    return open(streams.ofNode());
  }

  void close(BodySource stream) {
    stream.close();
    runTasks();
  }

  /** Lets a second pass, then runs the tick. */
  void tick() {
    clock.advanceMs(PageStreams.TICK_MS);
    run(streams::guardedTick);
  }

  /** Waits for the tasks of the executor so far. */
  void runTasks() {
    run(() -> {});
  }

  private void run(Runnable task) {
    try {
      executor.submit(task).get(30, TimeUnit.SECONDS);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Returns all events that can be read now. */
  static List<PageEvent> read(BodySource stream) {
    String text = text(stream);
    List<PageEvent> events = new ArrayList<>();
    Matcher matcher = EVENT.matcher(text);
    int end = 0;
    while (matcher.find()) {
      if (matcher.start() != end) {
        throw new IllegalStateException("not an event: " + text.substring(end));
      }
      end = matcher.end();
      if (matcher.group(1) != null) {
        events.add(new PageEvent(matcher.group(1), JSON.readTree(matcher.group(2))));
      }
    }
    if (end != text.length()) {
      throw new IllegalStateException("not an event: " + text.substring(end));
    }
    return events;
  }

  /** Returns the data of the events with this name that can be read now. */
  static List<JsonNode> read(BodySource stream, String name) {
    return read(stream).stream()
        .filter(event -> event.name().equals(name))
        .map(PageEvent::data)
        .toList();
  }

  static String text(BodySource stream) {
    StringBuilder text = new StringBuilder();
    byte[] into = new byte[1 << 20];
    for (int count = stream.read(into, 0, into.length);
        count > 0;
        count = stream.read(into, 0, into.length)) {
      text.append(new String(into, 0, count, UTF_8));
    }
    return text.toString();
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
