// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.Arrivals;
import io.systole.loadtest.FakeTarget;
import io.systole.loadtest.FakeTarget.Behavior;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.ReportText;
import io.systole.protocol.time.Clock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The accuracy of reports about misbehaving targets and overloaded generators. */
@Execution(ExecutionMode.CONCURRENT)
class ReportAccuracyTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final long HOURS_MS = 10_000_000;
  private static final int LONG_TIMEOUT_MS = 5_000;

  /** Far below the lag of a burdened generator. */
  private static final int LAG_MS_MAX = 250;

  /** Tolerates a healthy generator on a busy machine. */
  private static final int UNLIMITED_LAG_MS = 3_600_000;

  /** Makes the number of due heartbeats independent of chance. */
  private static final Traffic EVEN = new Traffic(Arrivals.EVEN, false, true, false, 0);

  private final StringWriter reported = new StringWriter();

  private static Workload workload(
      FakeTarget target,
      Workload.Mode mode,
      int instances,
      int intervalMs,
      long durationMs,
      int responseTimeoutMs) {
    return Workload.builder(mode, target.url())
        .fleet(instances, 1, intervalMs)
        .load(8, 1, 1)
        .window(0, durationMs)
        .limits(responseTimeoutMs, LAG_MS_MAX)
        .traffic(EVEN)
        .compared(true)
        .build();
  }

  private WorkloadRunner runner(Workload workload, Clock clock) {
    return new WorkloadRunner(workload, new Progress(new PrintWriter(reported), false), clock);
  }

  private boolean isMeasuring() {
    return reported.toString().contains("measuring");
  }

  private Report run(Workload workload) throws Exception {
    return runner(workload, Clock.SYSTEM).run();
  }

  /**
   * A target that stalls for a fifth of the time, here in tenths of seconds: heartbeats due during
   * a stall wait at least for its end, however slow the machine is. Two stalls and a thousand even
   * due times are in the window; with one request in flight per connection, a closed-loop client
   * would observe each stall only eight times.
   */
  @Test
  void run_targetStalls_latencyCoversAllDueMeanwhile() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.STALLS)) {
      Workload workload = Workload.builder(Workload.Mode.RUN, target.url())
          .fleet(1000, 1, 2 * FakeTarget.STALL_EVERY_MS)
          .load(8, 1, 1)
          .window(0, 2 * FakeTarget.STALL_EVERY_MS)
          .limits(LONG_TIMEOUT_MS, LAG_MS_MAX)
          .traffic(EVEN)
          .build();

      report = run(workload);
    }

    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().due()).isGreaterThanOrEqualTo(1000);
    assertThat(report.window().fromDue().maxMs())
        .isGreaterThanOrEqualTo(0.95 * FakeTarget.STALL_MS);
    // A hundredth is due in the first 5 ms of each stall, a twentieth in the first 25 ms.
    assertThat(report.window().fromDue().p99Ms()).isGreaterThanOrEqualTo(0.9 * FakeTarget.STALL_MS);
    double p95Ms = report.percentiles().stream()
        .filter(point -> point.percent() >= 95)
        .findFirst()
        .orElseThrow()
        .ms();
    assertThat(p95Ms).isGreaterThanOrEqualTo(0.7 * FakeTarget.STALL_MS);
  }

  /**
   * A report waited a minute for the cancels of a stopped target, and did not name the instances.
   */
  @Test
  void run_targetGone_reportsInstancesNotCancelledSoon() throws Exception {
    FakeTarget target = new FakeTarget(Behavior.RENEWS);
    WorkloadRunner runner =
        runner(workload(target, Workload.Mode.RUN, 40, 100, HOURS_MS, 200), Clock.SYSTEM);
    CompletableFuture<Report> running = BackgroundRun.start(runner);
    await().atMost(SOON).until(this::isMeasuring);

    target.close();
    runner.endEarly();

    assertThat(running).succeedsWithin(SOON);
    assertThat(running.get().events())
        .extracting(Report.Event::text)
        .contains("40 instances were not cancelled: the target did not confirm it");
  }

  @ParameterizedTest
  @CsvSource({
    "RETURNS_404,404,with status 404",
    "RETURNS_500,500,with status 500",
  })
  void run_targetReturnsErrors_isReportedByItsStatus(Behavior behavior, String status, String words)
      throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(behavior)) {
      report = run(workload(target, Workload.Mode.RUN, 400, 10_000, 300, LONG_TIMEOUT_MS));
    }

    assertThat(report.window().statuses())
        .isEqualTo(Map.of(status, report.window().due()));
    assertThat(report.window().failures()).isEmpty();
    assertThat(report.window().due()).isPositive();
    assertThat(report.passed()).isFalse();
    assertThat(report.outcome()).contains(words);
  }

  @ParameterizedTest
  @CsvSource({
    "RETURNS_GARBAGE,MALFORMED_RESPONSE",
    "CLOSES,CONNECTION_LOST",
    "NEVER_RESPONDS,TIMED_OUT",
  })
  void run_targetThatFails_isReportedByTheFailure(Behavior behavior, String failure)
      throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(behavior)) {
      report = run(workload(target, Workload.Mode.RUN, 200, 10_000, 300, 400));
    }

    long due = report.window().due();
    assertThat(due).isBetween(4L, 8L);
    assertThat(report.window().statuses()).isEmpty();
    assertThat(report.window().failures()).isEqualTo(Map.of(failure, due));
    assertThat(report.passed()).isFalse();
    assertThat(report.outcome()).contains(due + " " + failure);
    // Totals were reported as figures per renewal.
    assertThat(report.cost()).isEqualTo(Report.Cost.UNKNOWN);
    assertThat(ReportText.of(report))
        .contains("CPU per renewal    unknown", "bytes per renewal  unknown");
  }

  @Test
  void run_targetRespondsByteByByte_latencyEndsWithTheLastByte() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.DRIPS)) {
      report = run(workload(target, Workload.Mode.RUN, 200, 10_000, 300, LONG_TIMEOUT_MS));
    }

    assertThat(report.window().statuses())
        .isEqualTo(Map.of("200", report.window().due()));
    assertThat(report.window().fromSent().p50Ms()).isGreaterThan(35 * FakeTarget.DRIP_MS);
  }

  @ParameterizedTest
  @EnumSource(Workload.Mode.class)
  void run_targetReturns404Sometimes_countsTheResponsesAndKeepsTheFleet(Workload.Mode mode)
      throws Exception {
    Report report;
    int registrations;
    try (FakeTarget target = new FakeTarget(Behavior.RETURNS_404_SOMETIMES)) {
      report = run(workload(target, mode, 400, 2_000, 500, LONG_TIMEOUT_MS));

      registrations = target.registrations();
    }

    assertThat(report.passed()).isFalse();
    assertThat(report.window().statuses()).containsOnlyKeys("200", "404");
    assertThat(report.window().failures()).isEmpty();
    assertThat(report.timeline().stream().mapToLong(Sample::not200).sum())
        .isGreaterThanOrEqualTo(report.window().statuses().get("404"));
    assertThat(report.timeline().stream().mapToLong(Sample::registered).sum())
        .isEqualTo(registrations)
        .isGreaterThan(400);
    assertThat(report.comparison()).isNotNull();
    assertThat(report.outcome()).doesNotContain("count");
  }

  @Test
  void run_targetIsRestarted_isReportedInsteadOfAWrongCount() throws Exception {
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      WorkloadRunner runner = runner(
          workload(target, Workload.Mode.RUN, 10, 100, HOURS_MS, LONG_TIMEOUT_MS), Clock.SYSTEM);
      CompletableFuture<Report> running = BackgroundRun.start(runner);
      await().atMost(SOON).until(() -> target.published() > 0);
      awaitMetricsRequest(target, 1);

      target.resetCount();

      awaitMetricsRequest(target, 2);
      runner.endEarly();
      Report report = running.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(report.events())
          .singleElement()
          .satisfies(event -> assertThat(event.text()).contains("it was restarted"));
      assertThat(report.comparison()).extracting(Report.Comparison::server).isNull();
      assertThat(report.comparison())
          .extracting(Report.Comparison::unknownCause)
          .isEqualTo("the target was restarted");
      // The generator itself may be late on a busy machine, and then skips beats.
      assertThat(report.outcome()).doesNotContain("count");
    }
  }

  /** Waits for further requests; the response to one is processed before the next request. */
  private static void awaitMetricsRequest(FakeTarget target, int more) {
    int before = target.metricsRequests();
    await().atMost(SOON).until(() -> target.metricsRequests() >= before + more);
  }

  @Test
  void run_generatorIsDelayed_marksItsFiguresInvalid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      report = runner(
              workload(target, Workload.Mode.RUN, 100, 1000, 1000, LONG_TIMEOUT_MS),
              BlockingClock.parking(450, 400, this::isMeasuring))
          .run();
    }

    assertThat(report.generator().isValid()).isFalse();
    assertThat(report.generator().lagP99Ms()).isGreaterThan(LAG_MS_MAX);
    assertThat(report.generator().reason()).contains("--lag-max=" + LAG_MS_MAX);
    assertThat(report.passed()).isFalse();
    assertThat(report.outcome()).startsWith("invalid, the load generator fell behind: ");
    assertThat(
            report.timeline().stream().mapToDouble(Sample::generatorLagMs).max().orElse(0))
        .isGreaterThan(LAG_MS_MAX);
  }

  /** Each reading of the clock costs more than the permitted lag. */
  @Test
  void run_generatorThatHasNoTimeLeft_marksItsFiguresInvalid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      Workload workload = Workload.builder(Workload.Mode.RUN, target.url())
          .fleet(400, 1, 1000)
          .window(0, 1000)
          .limits(LONG_TIMEOUT_MS, 1)
          .build();

      report = runner(workload, BlockingClock.parking(0, 2, this::isMeasuring)).run();
    }

    assertThat(report.generator().isValid()).isFalse();
    assertThat(report.generator().reason()).contains("its own lag was ");
    assertThat(report.generator().loops()).hasSize(1);
  }

  @Test
  void run_healthyGenerator_isReportedAsValid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      report = run(Workload.builder(Workload.Mode.RUN, target.url())
          .fleet(1000, 1, 20_000)
          .window(0, 500)
          .limits(LONG_TIMEOUT_MS, UNLIMITED_LAG_MS)
          .build());
    }

    // A busy machine may starve any generator, but a healthy one is neither late nor busy.
    assertThat(report.generator().reason()).matches("|starved of cores: .*");
    assertThat(report.window().statuses())
        .isEqualTo(Map.of("200", report.window().due()));
  }
}
