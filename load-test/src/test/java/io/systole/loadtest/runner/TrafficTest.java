// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.Arrivals;
import io.systole.loadtest.report.Report;
import io.systole.protocol.time.Clock;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** The traffic shape as received by a target. */
class TrafficTest {
  private static final int INSTANCES = 40;

  /** A received heartbeat. */
  private record Beat(int connection, String path, List<String> headers) {}

  private final Queue<Beat> beats = new ConcurrentLinkedQueue<>();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger reads = new AtomicInteger();
  private ServerSocket listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "recording-target");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new BufferedReader(
          new InputStreamReader(counted(socket.getInputStream()), StandardCharsets.US_ASCII));
      String line;
      while ((line = in.readLine()) != null) {
        List<String> headers = new ArrayList<>();
        for (String header = in.readLine(); !header.isEmpty(); header = in.readLine()) {
          headers.add(header);
        }
        respond(socket, in, line, headers);
      }
    } catch (IOException e) {
      // The client or the test has closed the connection.
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

  private void respond(Socket socket, BufferedReader in, String line, List<String> headers)
      throws IOException {
    int length = headers.stream()
        .filter(header -> header.startsWith("Content-Length: "))
        .mapToInt(header -> Integer.parseInt(header.substring("Content-Length: ".length())))
        .sum();
    for (int skipped = 0; skipped < length; skipped++) {
      in.read();
    }
    if (line.startsWith("PUT ")) {
      String path = line.substring(4, line.indexOf('?'));
      beats.add(new Beat(socket.getPort(), path, headers));
    }
    socket
        .getOutputStream()
        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private Report run(int connections, Traffic traffic) throws Exception {
    return run(connections, traffic, 1_000, 5_000, Clock.SYSTEM);
  }

  private Report run(int connections, Traffic traffic, long durationMs, int timeoutMs, Clock clock)
      throws Exception {
    Workload workload = Workload.builder(
            Workload.Mode.RUN, URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2"))
        .fleet(INSTANCES, 1, 200)
        .load(connections, 8, 1)
        .window(0, durationMs)
        .limits(timeoutMs, 60_000)
        .traffic(traffic)
        .keep(true)
        .build();
    return new LoadDriver(
            workload, new Progress(new PrintWriter(Writer.nullWriter()), false), clock)
        .run();
  }

  @Test
  void run_connectionPerInstance_keepsEachInstanceOnItsOwn() throws Exception {
    Report report = run(INSTANCES, new Traffic(Arrivals.POISSON, false, true, true, 0));

    Set<String> pairs = beats.stream()
        .map(beat -> beat.connection() + " " + beat.path())
        .collect(Collectors.toSet());
    assertThat(report.passed()).as(report.outcome()).isTrue();
    assertThat(report.window().due()).isEqualTo(5L * INSTANCES);
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
    Report report = run(4, churn, 1_600, 400, Clock.SYSTEM);

    assertThat(report.conditions().traffic()).endsWith("churn 6000 % per minute");
    assertThat(report.window().due()).isEqualTo(8L * INSTANCES);
    assertThat(report.window().statuses()).containsOnly(Map.entry("200", 8L * INSTANCES));
    assertThat(report.window().failures()).isEmpty();
    assertThat(report.connections().opened()).isGreaterThanOrEqualTo(4);
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
    assertThat(reads.get()).isGreaterThan((int) (0.9 * beats.size()));
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
  void connectionAgeMax_share_givesTheChurn() {
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0).connectionAgeMax())
        .isZero();
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0.1).connectionAgeMax())
        .isEqualTo(Duration.ofMillis(685_714));
  }
}
