// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.client.Arrivals;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.ReportText;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.LeaseHandles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class WorkloadRunnerTest {
  private static final long HOURS_MS = 10_000_000;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final StringWriter reported = new StringWriter();
  private HeartbeatServer node;
  private int port;

  @BeforeEach
  void start() throws Exception {
    var flags = Map.of("--port", "0", "--bind", "127.0.0.1", "--loops", "1");
    node = new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    port = node.start().getPort();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private WorkloadRunner runner(String path, Workload.Mode mode) {
    URI target = URI.create("http://user:secret@127.0.0.1:" + port + path);
    Workload workload = Workload.builder(mode, target)
        .fleet(2000, 4, 5000)
        .load(2, 4, 1)
        .window(0, HOURS_MS)
        .limits(5_000, 60_000)
        .compared(true)
        .build();
    return new WorkloadRunner(workload, new Progress(new PrintWriter(reported), false));
  }

  @Test
  void endEarly_whileMeasuring_reportsWhatWasMeasured() throws Exception {
    WorkloadRunner runner = runner("/v2", Workload.Mode.RUN);
    CompletableFuture<Report> running = BackgroundRun.start(runner);
    await().atMost(SOON).until(() -> reported.toString().contains("measuring"));
    await().atMost(SOON).until(() -> runner.answered() > 100);

    runner.endEarly();

    assertThat(running).succeedsWithin(SOON);
    Report report = running.get();
    // It had passed, like a run of the full length.
    assertThat(report.passed()).isFalse();
    assertThat(report.outcome()).matches("ended early, after [0-9.]+ of [0-9.]+ s");
    assertThat(report.window().renewals())
        .isPositive()
        .isEqualTo(report.window().due());
    assertThat(report.window().secs()).isGreaterThan(0.05);
    assertThat(report.window().renewalsPerSec()).isPositive();
    assertThat(node.registry().leaseCount()).isZero();
  }

  @Test
  void run_bulk_sendsFramesAndCountsEachRenewal() throws Exception {
    Workload workload = Workload.builder(
            Workload.Mode.RUN, URI.create("http://127.0.0.1:" + port + "/v2"))
        .fleet(400, 4, 200)
        .load(2, 4, 1)
        .window(0, 1_000)
        .limits(5_000, 60_000)
        .traffic(new Traffic(Arrivals.EVEN, false, true, false, 0).withBulkWindow(20))
        .build();

    Report report =
        new WorkloadRunner(workload, new Progress(new PrintWriter(reported), false)).run();

    LeaseHandles handles = node.registry().handles();
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().renewals())
        .isPositive()
        .isEqualTo(report.window().due())
        .isLessThanOrEqualTo(node.registry().renewal().count());
    assertThat(handles.frameCount()).isPositive();
    // The first heartbeat of each instance requests its handle.
    assertThat(handles.renewedCount())
        .isGreaterThan(handles.frameCount())
        .isGreaterThanOrEqualTo(report.window().renewals() - 400);
    assertThat(report.conditions().traffic()).contains("frames every 20 ms");
    assertThat(node.registry().leaseCount()).isZero();
  }

  @Test
  void report_targetWithCredentials_doesNotReportThem() throws Exception {
    WorkloadRunner runner = runner("/v2", Workload.Mode.PEAK);
    CompletableFuture<Report> running = BackgroundRun.start(runner);
    await().atMost(SOON).until(() -> reported.toString().contains("measuring"));

    runner.endEarly();

    assertThat(running).succeedsWithin(SOON);
    String json = ReportJson.of(running.get());
    assertThat(json).contains("http://127.0.0.1:" + port + "/v2").doesNotContain("secret");
    assertThat(ReportText.of(running.get())).doesNotContain("secret");
  }

  @Test
  void run_wrongBasePath_failsWithTheServersStatus() {
    WorkloadRunner runner = runner("/nowhere", Workload.Mode.RUN);

    assertThatThrownBy(runner::run)
        .isInstanceOf(LoadTestException.class)
        .hasMessageStartingWith("server rejected registrations: 404");
  }

  @Test
  void endEarly_beforeTheStart_fails() {
    WorkloadRunner runner = runner("/v2", Workload.Mode.RUN);

    runner.endEarly();

    assertThatThrownBy(runner::run).isInstanceOf(LoadTestException.class);
  }
}
