// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.systole.loadtest.FaultyServer;
import io.systole.loadtest.SocketServer;
import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.ReportText;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of the load test compared with those of a misbehaving server. */
@Execution(ExecutionMode.CONCURRENT)
class FaultyServerTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int TIMEOUT_MS = 5_000;
  private static final int WIDE = 256;

  /** One minute: disables the lag check in effect. */
  private static final int LAG_MS_MAX = 60_000;

  private final StringWriter reported = new StringWriter();

  private static Workload workload(
      FaultyServer server,
      Workload.Mode mode,
      int instances,
      int intervalMs,
      int inFlight,
      long durationMs) {
    return Workload.builder(mode, server.url())
        .fleet(instances, 5, intervalMs)
        .load(4, inFlight, 1)
        .window(0, durationMs)
        .limits(TIMEOUT_MS, LAG_MS_MAX)
        .compared(true)
        .pid(OptionalLong.of(ProcessHandle.current().pid()))
        .build();
  }

  /** Returns a workload whose counts are not compared with those of the server. */
  private static Workload notCompared(
      URI target, Workload.Mode mode, int intervalMs, int inFlight, long durationMs) {
    return Workload.builder(mode, target)
        .fleet(100, 5, intervalMs)
        .load(4, inFlight, 1)
        .window(0, durationMs)
        .limits(TIMEOUT_MS, LAG_MS_MAX)
        .compared(false)
        .build();
  }

  private WorkloadRunner runner(Workload workload) {
    return new WorkloadRunner(workload, new Progress(new PrintWriter(reported), false));
  }

  private static long sum(Report report, ToLongFunction<Sample> count) {
    return report.timeline().stream().mapToLong(count).sum();
  }

  /** A stall that begins before the window and ends at least 250 ms after its start. */
  @Test
  void run_stallLongerThanTheInterval_reportsPercentilesOfAllDue() throws Exception {
    CountDownLatch stallEnd = new CountDownLatch(1);
    int intervalMs = 50;
    Report report;
    try (FaultyServer server = new FaultyServer(FaultyServer.stall(stallEnd))) {
      CompletableFuture<Report> running = BackgroundRun.start(
          runner(workload(server, Workload.Mode.RUN, 100, intervalMs, WIDE, 700)));
      await().atMost(SOON).until(() -> reported.toString().contains("measuring"));
      // The window starts 50 ms later.
      TimeUnit.MILLISECONDS.sleep(300);
      stallEnd.countDown();
      report = running.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    // A seventh of the window's heartbeats is due in its first two intervals.
    assertThat(report.window().fromDue().p90Ms()).isGreaterThanOrEqualTo(250 - 2 * intervalMs);
    assertThat(report.window().failures()).containsOnlyKeys("NOT_SENT");
    long skipped = report.window().withoutLatency();
    assertThat(report.window().renewals() + skipped).isEqualTo(report.window().due());
    assertThat(report.window().hasLatencyAt(99)).isFalse();
    assertThat(ReportText.of(report)).containsPattern("[0-9,]+ of [0-9,]+ without a response");
  }

  @Test
  void run_offeredAboveServed_reportsTheServedRate() throws Exception {
    Report report;
    long answered;
    try (FaultyServer server = new FaultyServer(FaultyServer.cap(200))) {
      report = runner(workload(server, Workload.Mode.RUN, 100, 100, WIDE, 600)).run();
      answered = server.answered(200);

      assertThat(server.wasRegisteredAtRest()).isTrue();
    }

    assertThat(report.comparison()).isEqualTo(Comparison.of(answered, answered));
    // 120 are served in the window, and one of each instance may have waited before it.
    assertThat(report.window().renewalsPerSec() * report.window().secs())
        .isPositive()
        .isLessThanOrEqualTo((double) Math.min(answered, 120 + 100 + 1));
    assertThat(report.window().failures()).containsKey("NOT_SENT");
  }

  @ParameterizedTest
  @EnumSource(Workload.Mode.class)
  void run_hundredthNotFound_hasTheServersCountsInSamplesAndTotals(Workload.Mode mode)
      throws Exception {
    Report report;
    long renewed;
    long forgotten;
    try (FaultyServer server = new FaultyServer(FaultyServer.notFoundEvery(100))) {
      report = runner(workload(server, mode, 100, 50, 4, 500)).run();
      renewed = server.answered(200);
      forgotten = server.answered(404);

      assertThat(server.registered()).hasSize(5);
    }

    assertThat(forgotten).isPositive();
    assertThat(report.window().statuses()).containsOnlyKeys("200", "404");
    assertThat(report.comparison()).isEqualTo(Comparison.of(renewed, renewed));
    assertThat(sum(report, Sample::answered)).isEqualTo(renewed + forgotten);
    assertThat(sum(report, Sample::not200)).isEqualTo(forgotten);
    assertThat(report.timeline()).allMatch(sample -> sample.not200() >= 0);
    long windowAnswered =
        report.window().statuses().values().stream().mapToLong(Long::longValue).sum();
    // Connections may reorder some at the window's edges.
    assertThat((double) report.window().statuses().getOrDefault("404", 0L))
        .isCloseTo(windowAnswered / 100.0, within(2.0));
    assertThat(report.cost().targetCpuUs()).isPositive();
  }

  @Test
  void run_fixedDelay_hasTheServersLatency() throws Exception {
    Report report;
    double tookMs;
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(40))) {
      report =
          runner(workload(server, Workload.Mode.RUN, 100, 2_000, WIDE, 500)).run();
      tookMs = server.tookMs(50);

      assertThat(server.registered().values()).containsOnly(20).hasSize(5);
    }

    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().failures()).isEmpty();
    assertThat(report.window().fromSent().p50Ms())
        .isGreaterThanOrEqualTo(40)
        .isLessThan(TIMEOUT_MS);
    assertThat(tookMs).isGreaterThanOrEqualTo(40);
    assertThat(report.window().fromDue().p50Ms())
        .isGreaterThanOrEqualTo(report.window().fromSent().p50Ms());
    assertThat(report.generator().windowFullShare()).isZero();
  }

  @Test
  void run_fullWindow_isReportedAsFull() throws Exception {
    Report report;
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(25))) {
      // 160/s at most, of 400/s.
      report = runner(workload(server, Workload.Mode.RUN, 400, 1_000, 1, 500)).run();
    }

    assertThat(report.generator().windowFullShare()).isBetween(0.5, 1.0);
    if (report.generator().isValid()) {
      assertThat(report.generator().reason()).contains("its in-flight window was full");
    }
    assertThat(report.window().fromDue().p99Ms())
        .isGreaterThan(4 * report.window().fromSent().p50Ms());
  }

  @Test
  void run_closesEveryHundredth_countsTheServersResponses() throws Exception {
    Report report;
    long answered;
    long unanswered;
    try (FaultyServer server = new FaultyServer(FaultyServer.closeEvery(100))) {
      report = runner(workload(server, Workload.Mode.RUN, 100, 100, 4, 500)).run();
      answered = server.answered(200);
      unanswered = server.unanswered();
    }

    assertThat(report.comparison()).isEqualTo(Comparison.of(answered, answered));
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    // The client sends again what it had sent behind a closed connection's last response.
    assertThat(report.window().failures().getOrDefault("CONNECTION_LOST", 0L))
        .isLessThanOrEqualTo(unanswered);
  }

  @Test
  void run_closesWhilePipelined_reportsHeartbeatsSentAgain() throws Exception {
    Report report;
    try (SocketServer server = new SocketServer(FaultyServerTest::serveUntilPipelined)) {
      Workload workload = notCompared(server.url(), Workload.Mode.RUN, 50, 16, 500);
      report = runner(workload).run();
    }

    assertThat(report.events())
        .extracting(Report.Event::text)
        .anyMatch(text -> text.matches("[0-9]+ heartbeats were sent again within the window, .*"));
  }

  /** Closes a connection in order at the first heartbeat that has another one behind it. */
  private static void serveUntilPipelined(Socket socket) throws IOException {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      boolean isLast = false;
      while (!isLast) {
        String line = SocketServer.readRequest(in).line();
        isLast = line.startsWith("PUT ") && isPipelined(socket, in);
        String response = "HTTP/1.1 " + (line.startsWith("POST ") ? "204 Created" : "200 OK")
            + "\r\nContent-Length: 0\r\n" + (isLast ? "Connection: close\r\n" : "") + "\r\n";
        socket.getOutputStream().write(response.getBytes(US_ASCII));
      }
      // Closing with unread requests would reset the connection.
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  /** Returns whether another request follows within 5 ms; the fleet sends one every 2 ms. */
  private static boolean isPipelined(Socket socket, InputStream in) throws IOException {
    socket.setSoTimeout(5);
    in.mark(1);
    try {
      in.read();
      in.reset();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      socket.setSoTimeout(0);
    }
  }

  @Test
  void peak_fixedDelay_keepsItsRequestsInFlight() throws Exception {
    Report report;
    long answered;
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(40))) {
      report = runner(workload(server, Workload.Mode.PEAK, 100, 1_000, 4, 500)).run();
      answered = server.answered(200);
    }

    assertThat(report.passed()).as(report.outcome()).isTrue();
    assertThat(report.comparison()).isEqualTo(Comparison.of(answered, answered));
    // Each of the 16 requests in flight receives a response every 40 ms at most.
    assertThat(report.window().renewalsPerSec() * report.window().secs())
        .isPositive()
        .isLessThanOrEqualTo(16 * (500 / 40 + 1));
  }

  /** A cancel overtook a heartbeat on another connection, which received 404. */
  @Test
  void peak_notCompared_cancelsWhenNoHeartbeatIsOutstanding() throws Exception {
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(40))) {
      Workload workload = notCompared(server.url(), Workload.Mode.PEAK, 1_000, 4, 200);

      runner(workload).run();

      assertThat(server.answered(200)).isPositive();
      assertThat(server.earlyCancels()).isZero();
    }
  }

  private Capacity capacity(FaultyServer server, double perSec, double p99Ms, int inFlight)
      throws Exception {
    int instances = 500;
    Workload workload = workload(
        server, Workload.Mode.RUN, instances, Rate.intervalMs(perSec, instances), inFlight, 300);
    return new CapacityRunner(
            workload,
            new Slo(p99Ms, 0, OptionalDouble.empty()),
            new CapacitySearch(perSec, perSec, 0.5, 0),
            new Progress(new PrintWriter(reported), false))
        .run();
  }

  private static List<String> outcomes(Capacity capacity) {
    return capacity.trials().stream().map(Trial::outcome).toList();
  }

  /** Returns whether a busy machine has kept the generator from a result. */
  private static boolean isGeneratorLate(Capacity capacity) {
    return outcomes(capacity).contains("GENERATOR_LIMITED");
  }

  /** Returns the outcome of a trial with a full in-flight window, given its own measurements. */
  private static String expected(Trial trial, double p99Ms) {
    double targetP99Ms =
        Math.max(trial.window().fromSent().p99Ms(), trial.window().responseGapP99Ms());
    if (!trial.generator().isValid()) {
      return "GENERATOR_LIMITED";
    }
    return targetP99Ms <= p99Ms ? "WINDOW_LIMITED" : "FAILED";
  }

  @Test
  void capacity_fixedDelayAndNoLimit_isNotAttributedToTarget() throws Exception {
    Capacity capacity;
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(10))) {
      // 400/s at most, of 800/s.
      capacity = capacity(server, 800, 200, 1);
    }

    assertThat(outcomes(capacity))
        .isEqualTo(capacity.trials().stream().map(trial -> expected(trial, 200)).toList());
    if (outcomes(capacity).contains("GENERATOR_LIMITED") || outcomes(capacity).contains("FAILED")) {
      return;
    }
    assertThat(capacity.isWindowLimited()).isTrue();
    assertThat(capacity.failedPerSec()).isNull();
    assertThat(capacity.outcome())
        .contains("the in-flight window of 4 x 1 is the limit, not the target")
        .contains("--in-flight=40 for 800/s");
  }

  @Test
  void capacity_fixedDelayAndEnoughInFlight_holds() throws Exception {
    Capacity capacity;
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(50))) {
      capacity = capacity(server, 800, 4_500, WIDE);
    }

    if (isGeneratorLate(capacity)) {
      return;
    }
    assertThat(capacity.outcome())
        .isEqualTo("at least 800/s (24,000 instances at 30 s), not confirmed;"
            + " nothing higher was tried");
    assertThat(capacity.heldInstances()).isEqualTo(24_000);
    assertThat(capacity.isConfirmed()).isFalse();
  }

  @Test
  void capacity_cappedRate_isAttributedToTarget() throws Exception {
    Capacity capacity;
    try (FaultyServer server = new FaultyServer(FaultyServer.cap(200))) {
      capacity = capacity(server, 400, 200, WIDE);

      assertThat(server.perSec()).isLessThan(400);
    }

    if (isGeneratorLate(capacity)) {
      return;
    }
    assertThat(outcomes(capacity)).containsExactly("FAILED", "FAILED");
    assertThat(capacity.isWindowLimited()).isFalse();
    assertThat(capacity.failedPerSec()).isEqualTo(400);
    assertThat(capacity.outcome()).isEqualTo("not even 400/s held");
  }

  @Test
  void capacity_afterATrialThatFailed_waitsForOutstandingResponses() throws Exception {
    try (FaultyServer server = new FaultyServer(FaultyServer.delay(200))) {
      Capacity capacity = capacity(server, 200, 100, WIDE);

      assertThat(capacity.trials()).hasSize(2);
      assertThat(server.timesIdle()).isGreaterThanOrEqualTo(2);
    }
  }
}
