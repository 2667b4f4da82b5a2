// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static io.systole.server.net.HttpHandlerFixture.get;
import static io.systole.server.net.HttpHandlerFixture.post;
import static io.systole.server.net.HttpHandlerFixture.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.time.Clock;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.metrics.RequestKind;
import io.systole.server.time.ManualClock;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(BufferLeakExtension.class)
class RequestLatenciesTest {
  private final HttpHandlerFixture fixture = new HttpHandlerFixture();
  private final EmbeddedConnection connection = fixture.connect();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static long count(DurationHistogram histogram) {
    return IntStream.rangeClosed(0, histogram.boundsNs().length)
        .mapToLong(histogram::count)
        .sum();
  }

  private DurationHistogram histogram(RequestKind kind) {
    return fixture.context.latencies.histogram(kind);
  }

  /** Returns the number of latencies by kind, without kinds that have none. */
  private Map<RequestKind, Long> counts() {
    Map<RequestKind, Long> counts = new EnumMap<>(RequestKind.class);
    for (RequestKind kind : RequestKind.values()) {
      if (count(histogram(kind)) > 0) {
        counts.put(kind, count(histogram(kind)));
      }
    }
    return counts;
  }

  @Test
  void requests_ofEachKind_areCountedApart() {
    connection.read(put("i-1")
        + put("i-2")
        + put("unknown")
        + post("/registrations/A", "x")
        + get("/delta")
        + get("/full")
        + get("/big"));
    fixture.runReadyTasks();

    assertThat(counts())
        .isEqualTo(Map.of(
            RequestKind.HEARTBEAT, 3L,
            RequestKind.REGISTRATION, 1L,
            RequestKind.DELTA, 1L,
            RequestKind.FULL_FETCH, 1L,
            RequestKind.OTHER, 1L));
  }

  @Test
  void heartbeats_handledTogether_areCountedEach() {
    connection.read(put("i-1").repeat(HttpHandlerFixture.HEARTBEATS_MAX + 5));

    assertThat(counts())
        .isEqualTo(Map.of(RequestKind.HEARTBEAT, HttpHandlerFixture.HEARTBEATS_MAX + 5L));
  }

  /** Those with escapes are routed like any other request. */
  @Test
  void heartbeat_outsideTheFastPath_isCountedAsHeartbeat() {
    connection.read(put("i%201"));

    assertThat(counts()).isEqualTo(Map.of(RequestKind.HEARTBEAT, 1L));
  }

  /** Its latency is the time that the client asked to wait. */
  @Test
  void longPoll_answered_isNotCounted() {
    connection.read(get("/delta?wait=30"));

    assertThat(counts()).isEmpty();
  }

  @Test
  void requests_refused_areNotCounted() {
    connection.read("nonsense\r\n\r\n");

    assertThat(connection.received()).contains("501");
    assertThat(counts()).isEmpty();
  }

  @Test
  void heartbeats_ofSeveralReads_countFromTheirOwnRead() {
    connection.readMore(put("i-1") + put("i-2"));
    fixture.clock.advanceMs(3);
    connection.readMore(put("i-3"));
    fixture.clock.advanceMs(2);
    connection.flushInbound();

    DurationHistogram heartbeats = histogram(RequestKind.HEARTBEAT);
    assertThat(heartbeats.sumNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(2 * 5 + 2));
    assertThat(heartbeats.count(bucketOf(heartbeats, 5))).isEqualTo(2);
    assertThat(heartbeats.count(bucketOf(heartbeats, 2.5))).isEqualTo(1);
  }

  private static int bucketOf(DurationHistogram histogram, double boundMs) {
    return Arrays.binarySearch(histogram.boundsNs(), (long) (boundMs * 1_000_000));
  }

  /** Heartbeats behind a response to come are written after it. */
  @Test
  void lateResponse_andThoseBehindIt_countUntilTheyAreWritten() {
    connection.read(get("/late/a") + put("i-1"));
    fixture.clock.advanceMs(40);

    fixture.respondLate("a");

    assertThat(counts()).isEqualTo(Map.of(RequestKind.OTHER, 1L, RequestKind.HEARTBEAT, 1L));
    long waitedNs = TimeUnit.MILLISECONDS.toNanos(40);
    assertThat(histogram(RequestKind.OTHER).sumNs()).isEqualTo(waitedNs);
    assertThat(histogram(RequestKind.HEARTBEAT).sumNs()).isEqualTo(waitedNs);
  }

  @Test
  void responses_ofAClosedConnection_areNotCounted() {
    connection.readMore(put("i-1"));

    connection.close();

    connection.runPendingTasks();
    fixture.connect().read(put("i-2"));
    assertThat(counts()).isEqualTo(Map.of(RequestKind.HEARTBEAT, 1L));
  }

  @Test
  void written_moreRunsThanFit_losesNone() {
    RequestLatencies latencies = new RequestLatencies(new ManualClock());
    int runs = 3 * RequestLatencies.RUNS_MAX + 1;

    LongStream.range(0, runs).forEach(at -> latencies.written(RequestKind.DELTA, 200, at));
    latencies.flushed();

    assertThat(count(latencies.histogram(RequestKind.DELTA))).isEqualTo(runs);
  }

  /** The clock is read once for a flush, not for a request. */
  @Test
  void flushed_manyRequestsOfARead_readsTheClockOnce() {
    AtomicInteger reads = new AtomicInteger();
    RequestLatencies latencies = new RequestLatencies(new Clock() {
      @Override
      public long wallMs() {
        throw new AssertionError("latencies are monotonic");
      }

      @Override
      public long monotonicNs() {
        return reads.incrementAndGet();
      }
    });

    for (int i = 0; i < 1_000; i++) {
      latencies.written(RequestKind.HEARTBEAT, 200, 0);
    }
    latencies.flushed();
    latencies.flushed();

    assertThat(reads).hasValue(1);
    assertThat(count(latencies.histogram(RequestKind.HEARTBEAT))).isEqualTo(1_000);
  }

  @Test
  void slowRequest_recorded_isAnEvent(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("slow.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("io.systole.SlowRequest");
      recording.start();
      connection.read(get("/late/a") + get("/late/b"));
      fixture.clock.advanceMs(999);
      fixture.respondLate("a");
      fixture.clock.advanceMs(501);
      fixture.respondLate("b");
      recording.stop();
      recording.dump(file);
    }

    // Other libraries and tests in this process have events too.
    List<RecordedEvent> events = RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals("io.systole.SlowRequest"))
        .filter(event -> event.getString("kind").equals("other"))
        .toList();

    assertThat(events).hasSize(1);
    RecordedEvent event = events.get(0);
    assertThat(event.getInt("status")).isEqualTo(200);
    assertThat(event.getDuration("latency").toMillis()).isEqualTo(1_500);
    assertThat(event.getInt("requests")).isEqualTo(1);
  }
}
