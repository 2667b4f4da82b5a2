// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.RegistryFollower.ReadMode;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Registry;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.time.ManualClock;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Concurrent reads over HTTP in every format and mode, while four writers change the registry. */
@Tag("randomized")
@Timeout(300)
class ConsistentReadsTest {
  /** The instance registered last. */
  private static final InstanceKey LAST = new InstanceKey("LAST", "last");

  private static final long SEED = 20_261_125;
  private static final int WRITERS = 4;
  private static final int AT_ONCE = 4;

  /** Number of delta fetches of a reader per fetch of the full registry. */
  private static final int ALL_EVERY = 25;

  /** A change stays in the delta for its own tick and the next two. */
  private static final long TICK_MS = 400;

  private static final int CHANGES_PER_TICK = 16;

  private static final int FETCHES = Repetitions.of(5_000);

  private static final int LARGE_INSTANCES = Math.min(Repetitions.of(600), 3_000);

  /** Lets every reader compare with the full registry. */
  private static final int LARGE_FETCHES_MIN = 1_000;

  private final ManualClock clock = new ManualClock();
  private final HashCodes hashCodes = new HashCodes();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<RegistryFollower> readers = new ArrayList<>();
  private HeartbeatServer server;
  private Registry registry;
  private int port;
  private long firstVersion;

  @BeforeEach
  void start() throws IOException {
    server = new HeartbeatServer(
        ConfigParser.read(
            Map.of(
                "--port", "0",
                "--bind", "127.0.0.1",
                "--loops", "2",
                "--eviction-interval", "1h",
                "--delta-retention", "1s"),
            Map.of()),
        clock);
    registry = server.registry();
    firstVersion = registry.version();
    port = server.start().getPort();
  }

  @AfterEach
  void stop() throws IOException {
    for (RegistryFollower reader : readers) {
      reader.close();
    }
    threads.shutdownNow();
    server.close();
  }

  @Test
  void read_hundredsOfInstances_matchesTheHashCode() throws Exception {
    agree("some hundred instances", 10, 40, 2, FETCHES);
  }

  @Test
  void read_oneLargeApplication_matchesTheHashCode() throws Exception {
    try (RandomRequests before = new RandomRequests(port, 1, 1, SEED)) {
      for (int i = 0; i < LARGE_INSTANCES; i++) {
        before.register(RandomRequests.app(0), RandomRequests.id(i), InstanceStatus.UP);
      }
    }

    agree("one application", 1, LARGE_INSTANCES, 1, Math.max(FETCHES / 20, LARGE_FETCHES_MIN));
  }

  private void agree(String title, int apps, int ids, int readersEach, int fetches)
      throws Exception {
    long startNs = System.nanoTime();
    List<ReadMode> modes = modes(readersEach);
    TickBarrier barrier = new TickBarrier(clock, TICK_MS, CHANGES_PER_TICK, modes.size());
    AtomicLong left = new AtomicLong(fetches);
    List<Future<?>> reading = new ArrayList<>();
    for (int number = 0; number < modes.size(); number++) {
      RegistryFollower reader = newReader(modes.get(number));
      int own = number;
      reading.add(threads.submit(() -> read(reader, own, barrier, left)));
    }
    List<Future<?>> others = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      long seed = SEED + writer;
      others.add(threads.submit(() -> write(apps, ids, seed, barrier)));
    }
    others.add(threads.submit(() -> writeAndRead(barrier)));
    for (DocumentFormat language : DocumentFormat.values()) {
      RegistryFollower poller = newReader(new ReadMode(language, Form.FULL, true, false));
      others.add(threads.submit(() -> poll(poller)));
    }
    Future<ClientRegistryView> streamed = threads.submit(this::stream);

    for (Future<?> each : reading) {
      each.get(280, TimeUnit.SECONDS);
    }
    for (Future<?> each : others.subList(0, WRITERS + 1)) {
      each.get(30, TimeUnit.SECONDS);
    }
    isOver.set(true);
    // Wakes the pending polls.
    try (RandomRequests last = new RandomRequests(port, 1, 1, SEED)) {
      last.register(LAST.app(), LAST.id(), InstanceStatus.UP);
    }
    for (Future<?> each : others) {
      each.get(30, TimeUnit.SECONDS);
    }
    ClientRegistryView byEvents = streamed.get(30, TimeUnit.SECONDS);

    Map<InstanceKey, InstanceStatus> truth = registered(apps, ids);
    for (RegistryFollower reader : readers) {
      reader.fetchDeltas(1, true, registry.version());
      assertThat(statuses(reader.copy())).as("%s", reader).isEqualTo(truth);
    }
    assertThat(statuses(byEvents)).isEqualTo(truth);
    printSummary(title, fetches, barrier, startNs);
  }

  private void printSummary(String title, int least, TickBarrier barrier, long startNs) {
    long fetches = readers.stream().mapToLong(RegistryFollower::fetches).sum();
    long comparisons = readers.stream().mapToLong(RegistryFollower::comparisons).sum();
    assertThat(fetches).isGreaterThanOrEqualTo(least);
    assertThat(comparisons).as("comparisons with the full registry").isPositive();
    System.out.printf(
        "%s: %d fetches (%d with changes, %d 304), %d full comparisons, %d changes in %d "
            + "ticks, %.1f s%n",
        title,
        fetches,
        readers.stream().mapToLong(RegistryFollower::news).sum(),
        readers.stream().mapToLong(RegistryFollower::notModified).sum(),
        comparisons,
        registry.version() - firstVersion,
        barrier.tick(),
        (System.nanoTime() - startNs) / 1e9);
  }

  private static List<ReadMode> modes(int each) {
    List<ReadMode> modes = new ArrayList<>();
    for (DocumentFormat language : DocumentFormat.values()) {
      for (Form form : Form.values()) {
        for (int i = 0; i < each; i++) {
          modes.add(new ReadMode(language, form, true, i % 2 == 1));
          modes.add(new ReadMode(language, form, false, i % 2 == 1));
        }
      }
    }
    return modes;
  }

  // ---------------------------------------------------------------- readers and writers

  private boolean read(RegistryFollower reader, int number, TickBarrier barrier, AtomicLong left)
      throws Exception {
    try {
      reader.fetchAll();
      for (int turn = 1; left.addAndGet(-AT_ONCE) > -AT_ONCE && !isOver.get(); turn++) {
        long tick = barrier.tick();
        reader.fetchDeltas(AT_ONCE, turn % ALL_EVERY == 0, registry.version());
        barrier.finished(number, tick);
      }
      return true;
    } finally {
      barrier.end();
    }
  }

  private boolean write(int apps, int ids, long seed, TickBarrier barrier) throws Exception {
    try (RandomRequests requests = new RandomRequests(port, apps, ids, seed)) {
      while (barrier.change(requests::next)) {
        // Until it is over.
      }
    }
    return true;
  }

  /** Changes an instance on one connection and requires the next fetch on others to show it. */
  private long writeAndRead(TickBarrier barrier) throws Exception {
    try (RandomRequests requests = new RandomRequests(port, 1, 1, SEED);
        RegistryFollower json = new RegistryFollower(
            new ReadMode(DocumentFormat.JSON, Form.FULL, false, false), port, hashCodes);
        RegistryFollower xml = new RegistryFollower(
            new ReadMode(DocumentFormat.XML, Form.FULL, true, false), port, hashCodes)) {
      InstanceChanges own = new InstanceChanges(barrier, requests, List.of(json, xml));
      json.fetchAll();
      xml.fetchAll();
      while (own.live()) {
        // Until it is over.
      }
      return own.seen();
    }
  }

  private boolean poll(RegistryFollower reader) throws Exception {
    reader.fetchAll();
    while (!isOver.get() || reader.version() < registry.version()) {
      reader.fetchSince(1);
    }
    assertThat(reader.news()).isPositive();
    return true;
  }

  private ClientRegistryView stream() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port + "/eureka/apps"))
        .header("Accept", "text/event-stream")
        .build();
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    InputStream body = client.send(request, BodyHandlers.ofInputStream()).body();
    ClientRegistryView copy = new ClientRegistryView();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      long version = 0;
      long reported = 0;
      // Not until isOver, which is set before the last change.
      while (!copy.instances().containsKey(LAST) || reported < registry.version()) {
        String line = String.valueOf(lines.readLine());
        if (line.startsWith("id: ")) {
          version = Long.parseLong(line.substring("id: ".length()));
        } else if (line.startsWith("data: {\"instance\":")) {
          byte[] document = line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8);
          copy.apply(new JsonCodec().decodeInstance(document, 0, document.length, 0));
        } else if (line.isEmpty() && version > 0) {
          hashCodes.record(version, copy.hashCodeText());
          reported = version;
        } else {
          assertThat(line).matches("|:|event: .*|data: \\{\"(instances|version)\":.*");
        }
      }
    }
    return copy;
  }

  // ---------------------------------------------------------------- helpers

  private RegistryFollower newReader(ReadMode mode) throws IOException {
    RegistryFollower reader = new RegistryFollower(mode, port, hashCodes);
    readers.add(reader);
    return reader;
  }

  /** Returns the statuses of the registered instances. */
  private Map<InstanceKey, InstanceStatus> registered(int apps, int ids) {
    Map<InstanceKey, InstanceStatus> all = new HashMap<>();
    List<InstanceKey> keys = new ArrayList<>();
    keys.add(InstanceChanges.KEY);
    keys.add(LAST);
    for (int app = 0; app < apps; app++) {
      for (int id = 0; id < ids; id++) {
        keys.add(new InstanceKey(RandomRequests.app(app), RandomRequests.id(id)));
      }
    }
    for (InstanceKey key : keys) {
      InstanceInfo found = registry.find(key);
      if (found != null) {
        all.put(key, found.status());
      }
    }
    assertThat(all).hasSize(registry.leaseCount()).isNotEmpty();
    return all;
  }

  private static Map<InstanceKey, InstanceStatus> statuses(ClientRegistryView copy) {
    return copy.instances().values().stream()
        .collect(Collectors.toMap(InstanceInfo::key, InstanceInfo::status));
  }
}
