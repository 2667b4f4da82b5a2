// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.Arrivals;
import io.systole.loadtest.SocketServer;
import io.systole.loadtest.report.Report;
import io.systole.protocol.time.Clock;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The traffic shape as received by a target. */
@Execution(ExecutionMode.CONCURRENT)
class TrafficTest {
  private static final int INSTANCES = 40;
  private static final byte[] OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A received heartbeat. */
  private record Beat(int connection, String path, List<String> headers) {}

  private final Queue<Beat> beats = new ConcurrentLinkedQueue<>();
  private final AtomicInteger reads = new AtomicInteger();
  private SocketServer server;

  @BeforeEach
  void listen() throws IOException {
    server = new SocketServer(this::serve);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      InputStream in = new BufferedInputStream(counted(socket.getInputStream()));
      while (true) {
        SocketServer.RequestHead request = SocketServer.readRequest(in);
        if (request.line().startsWith("PUT ")) {
          String path = request.line().substring(4, request.line().indexOf('?'));
          beats.add(new Beat(socket.getPort(), path, request.headers()));
        }
        socket.getOutputStream().write(OK);
      }
    }
  }

  /** Counts the reads that contain the start of a heartbeat. */
  private InputStream counted(InputStream from) {
    return new FilterInputStream(from) {
      @Override
      public int read(byte[] into, int offset, int lengthMax) throws IOException {
        int length = super.read(into, offset, lengthMax);
        boolean hasBeat = length > 0
            && new String(into, offset, length, StandardCharsets.US_ASCII).contains("PUT ");
        if (hasBeat) {
          reads.incrementAndGet();
        }
        return length;
      }
    };
  }

  private Report run(int connections, Traffic traffic) throws Exception {
    return run(connections, traffic, 300, 5_000, Clock.SYSTEM);
  }

  private Report run(int connections, Traffic traffic, long durationMs, int timeoutMs, Clock clock)
      throws Exception {
    Workload workload = Workload.builder(Workload.Mode.RUN, server.url())
        .fleet(INSTANCES, 1, 200)
        .load(connections, 8, 1)
        .window(0, durationMs)
        .limits(timeoutMs, 60_000)
        .traffic(traffic)
        .keep(true)
        .build();
    return new WorkloadRunner(
            workload, new Progress(new PrintWriter(Writer.nullWriter()), false), clock)
        .run();
  }

  @Test
  void run_connectionPerInstance_keepsEachInstanceOnItsOwn() throws Exception {
    Report report = run(
        INSTANCES, new Traffic(Arrivals.POISSON, false, true, true, 0), 600, 5_000, Clock.SYSTEM);

    Set<String> pairs = beats.stream()
        .map(beat -> beat.connection() + " " + beat.path())
        .collect(Collectors.toSet());
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().due()).isPositive();
    assertThat(pairs).hasSize(INSTANCES);
    assertThat(beats.stream().map(Beat::connection).distinct()).hasSize(INSTANCES);
    assertThat(report.conditions().traffic())
        .isEqualTo("arrivals poisson, batching off, headers stock, connections per instance,"
            + " churn none");
  }

  @Test
  void run_churn_reopensConnectionsAndLosesNoBeat() throws Exception {
    Traffic churn = new Traffic(Arrivals.EVEN, false, true, false, 60);

    // Connection ages are checked eight times per timeout.
    Report report = run(4, churn, 1_600, 2_000, Clock.SYSTEM);

    assertThat(report.conditions().traffic()).endsWith("churn 6000 % per minute");
    assertThat(report.window().due()).isPositive();
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    // A busy machine may skip some, but none is lost with its connection.
    assertThat(report.window().failures().keySet()).isSubsetOf("NOT_SENT");
    assertThat(report.connections().opened()).isPositive();
    assertThat(report.connections().failed()).isZero();
    assertThat(beats.stream().map(Beat::connection).distinct())
        .hasSizeGreaterThanOrEqualTo(4 + (int) report.connections().opened() - 1);
  }

  /** A clock that blocks the event loop, so that heartbeats become due together. */
  private static final class HaltingClock implements Clock {
    private static final long RUN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long HALT_MS = 80;

    private long resumedNs = System.nanoTime();

    @Override
    public long monotonicNs() {
      boolean isLoop = Thread.currentThread().getName().startsWith("systole-client");
      if (isLoop && System.nanoTime() - resumedNs > RUN_NS) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(HALT_MS));
        resumedNs = System.nanoTime();
      }
      return System.nanoTime();
    }

    @Override
    public long wallMs() {
      return System.currentTimeMillis();
    }
  }

  @Test
  void run_batchingOff_writesEachBeatByItself() throws Exception {
    Traffic unbatched = new Traffic(Arrivals.EVEN, false, true, false, 0);

    run(INSTANCES, unbatched, 800, 5_000, new HaltingClock());

    // A busy machine may still read two writes together.
    assertThat(reads.get()).isGreaterThan((int) (0.75 * beats.size()));
  }

  @Test
  void run_batchingOn_writesBeatsThatAreDueTogetherTogether() throws Exception {
    Traffic batched = new Traffic(Arrivals.EVEN, true, true, false, 0);

    run(INSTANCES, batched, 800, 5_000, new HaltingClock());

    assertThat(reads.get()).isLessThan((int) (0.5 * beats.size()));
  }

  @Test
  void run_stockHeaders_areThoseOfTheNetflixClient() throws Exception {
    run(2, Traffic.FIELD);

    assertThat(beats.element().headers())
        .contains(
            "Accept: application/json",
            "Accept-Encoding: gzip",
            "DiscoveryIdentity-Name: DefaultClient",
            "DiscoveryIdentity-Version: 1.4",
            "User-Agent: Java-EurekaClient/v2.0.6");
  }

  @Test
  void run_minimalHeaders_areThoseThatHttpNeeds() throws Exception {
    run(2, new Traffic(Arrivals.TICKS, true, false, false, 0));

    assertThat(beats.element().headers()).hasSize(2);
  }

  @Test
  void traffic_churnOutOfRange_isRejected() {
    assertThatThrownBy(() -> new Traffic(Arrivals.EVEN, false, true, false, 61))
        .hasMessageContaining("--churn");
  }

  @Test
  void traffic_bulkOutOfRangeOrWithAConnectionForEach_isRejected() {
    Traffic shared = new Traffic(Arrivals.EVEN, false, true, false, 0);
    Traffic separate = new Traffic(Arrivals.EVEN, false, true, true, 0);

    assertThatThrownBy(() -> shared.withBulkWindow(60_001)).hasMessageContaining("--bulk");
    assertThatThrownBy(() -> separate.withBulkWindow(1)).hasMessageContaining("--bulk");
  }

  /** The server of this test is none of Systole. */
  @Test
  void run_bulkWithoutSupportOfTheServer_sendsHeartbeats() throws Exception {
    run(2, new Traffic(Arrivals.EVEN, false, true, false, 0).withBulkWindow(10));

    assertThat(beats).isNotEmpty();
  }

  @Test
  void connectionAgeMax_share_givesTheChurn() {
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0).connectionAgeMax())
        .isZero();
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0.1).connectionAgeMax())
        .isEqualTo(Duration.ofMillis(685_714));
  }
}
