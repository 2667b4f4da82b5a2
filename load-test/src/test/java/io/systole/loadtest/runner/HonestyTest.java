// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.loadtest.FakeTarget;
import io.systole.loadtest.FakeTarget.Behavior;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Sample;
import io.systole.protocol.time.Clock;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The accuracy of reports about misbehaving targets and overloaded generators. */
class HonestyTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final long HOURS_MS = 10_000_000;
  private static final int LONG_TIMEOUT_MS = 5_000;

  /**
   * Far above the lag of a healthy generator on a shared machine, far below that of a burdened one.
   */
  private static final int LAG_MS_MAX = 250;

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
        .compared(true)
        .build();
  }

  private static LoadDriver driver(Workload workload, Clock clock) {
    return new LoadDriver(
        workload, new Progress(new PrintWriter(Writer.nullWriter()), false), clock);
  }

  private static Report run(Workload workload) throws Exception {
    return driver(workload, Clock.SYSTEM).run();
  }

  /**
   * A target that stalls for a tenth of the time, here in tenths of seconds instead of seconds:
   * heartbeats due during a stall wait for its end, half of it on average. With one request in
   * flight per connection, a closed-loop client would observe each stall only eight times.
   */
  @Test
  void run_targetThatStalls_isChargedForAllThatCameDueMeanwhile() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.STALLS)) {
      report = run(workload(target, Workload.Mode.RUN, 1000, 2000, 2000, LONG_TIMEOUT_MS));
    }

    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().due()).isEqualTo(1000);
    assertThat(report.window().fromDue().maxMs())
        .isGreaterThanOrEqualTo(0.95 * FakeTarget.STALL_MS);
    assertThat(report.window().fromDue().p99Ms())
        .isGreaterThanOrEqualTo(0.85 * FakeTarget.STALL_MS);
    double p95Ms = report.percentiles().stream()
        .filter(point -> point.percent() >= 95)
        .findFirst()
        .orElseThrow()
        .ms();
    assertThat(p95Ms).isGreaterThanOrEqualTo(0.4 * FakeTarget.STALL_MS);
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
      report = run(workload(target, Workload.Mode.RUN, 4, 400, 800, LONG_TIMEOUT_MS));
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
      report = run(workload(target, Workload.Mode.RUN, 4, 1000, 1000, 400));
    }

    assertThat(report.window().due()).isEqualTo(4);
    assertThat(report.window().statuses()).isEmpty();
    assertThat(report.window().failures()).isEqualTo(Map.of(failure, 4L));
    assertThat(report.passed()).isFalse();
    assertThat(report.outcome()).contains("4 " + failure);
  }

  @Test
  void run_targetThatDrips_isChargedUntilTheLastByte() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.DRIPS)) {
      report = run(workload(target, Workload.Mode.RUN, 4, 1000, 1000, LONG_TIMEOUT_MS));
    }

    assertThat(report.passed()).as(report.outcome()).isTrue();
    assertThat(report.window().fromSent().p50Ms()).isGreaterThan(35 * FakeTarget.DRIP_MS);
  }

  @ParameterizedTest
  @EnumSource(Workload.Mode.class)
  void run_targetThatForgets_countsTheResponsesAndKeepsTheFleet(Workload.Mode mode)
      throws Exception {
    Report report;
    int registrations;
    try (FakeTarget target = new FakeTarget(Behavior.RETURNS_404_SOMETIMES)) {
      report = run(workload(target, mode, 40, 200, 1000, LONG_TIMEOUT_MS));

      registrations = target.registrations();
    }

    assertThat(report.passed()).isFalse();
    assertThat(report.window().statuses()).containsOnlyKeys("200", "404");
    assertThat(report.window().failures()).isEmpty();
    assertThat(report.timeline().stream().mapToLong(Sample::not200).sum())
        .isGreaterThanOrEqualTo(report.window().statuses().get("404"));
    assertThat(report.timeline().stream().mapToLong(Sample::registered).sum())
        .isEqualTo(registrations)
        .isGreaterThan(50);
    assertThat(report.comparison()).isNotNull();
    assertThat(report.outcome()).doesNotContain("count");
  }

  @Test
  void run_targetThatIsRestarted_saysSoInsteadOfAWrongCount() throws Exception {
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      LoadDriver driver = driver(
          workload(target, Workload.Mode.RUN, 10, 100, HOURS_MS, LONG_TIMEOUT_MS), Clock.SYSTEM);
      CompletableFuture<Report> driven = BackgroundRun.start(driver);
      await().atMost(SOON).until(() -> target.published() > 0);
      awaitMetricsRequest(target, 1);

      target.resetCount();

      awaitMetricsRequest(target, 2);
      driver.endEarly();
      Report report = driven.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(report.events())
          .singleElement()
          .satisfies(event -> assertThat(event.text()).contains("it was restarted"));
      assertThat(report.comparison()).extracting(Report.Comparison::server).isNull();
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
  void run_generatorThatIsHeldUp_marksItsFiguresInvalid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      report = driver(
              workload(target, Workload.Mode.RUN, 100, 1000, 2000, LONG_TIMEOUT_MS),
              new BurningClock(600, 500, () -> true))
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

  @Test
  void run_generatorThatHasNoTimeLeft_marksItsFiguresInvalid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      report = driver(
              workload(target, Workload.Mode.RUN, 400, 1000, 1000, LONG_TIMEOUT_MS),
              new BurningClock(0, 2, () -> target.renewals() > 0))
          .run();
    }

    assertThat(report.generator().isValid()).isFalse();
    assertThat(report.generator().reason())
        .containsAnyOf("generator busy: ", "starved of cores: ", "its own lag was ");
    assertThat(report.generator().loops()).hasSize(1);
  }

  /** The same loop with competing threads on all cores. */
  @Test
  void run_generatorThatGetsNoCore_isStarvedAndNotBusy() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      for (int each = 0; each < 3 * Runtime.getRuntime().availableProcessors(); each++) {
        Thread thread = new Thread(() -> spinOnceRenewed(target), "spinner");
        thread.setDaemon(true);
        thread.start();
      }
      report = driver(
              workload(target, Workload.Mode.RUN, 400, 1000, 1000, LONG_TIMEOUT_MS),
              new BurningClock(0, 2, () -> target.renewals() > 0))
          .run();
    }

    assertThat(report.generator().isValid()).isFalse();
    assertThat(report.outcome()).startsWith("invalid, ");
    if (isWaitCounted()) {
      assertThat(report.generator().reason()).contains("starved of cores: ").doesNotContain("busy");
    }
  }

  private static boolean isWaitCounted() {
    return Files.exists(Path.of("/proc/thread-self/schedstat"));
  }

  /** Spins for the length of the window and some more. */
  private static void spinOnceRenewed(FakeTarget target) {
    while (target.renewals() == 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < BurningClock.BURN_NS_MAX) {
      Thread.onSpinWait();
    }
  }

  @Test
  void run_healthyGenerator_isValid() throws Exception {
    Report report;
    try (FakeTarget target = new FakeTarget(Behavior.RENEWS)) {
      report = run(workload(target, Workload.Mode.RUN, 100, 1000, 2000, LONG_TIMEOUT_MS));
    }

    assertThat(report.generator().isValid()).as(report.generator().reason()).isTrue();
    assertThat(report.passed()).as(report.outcome()).isTrue();
  }

  /** A correct clock that blocks the client's threads. */
  private static final class BurningClock implements Clock {
    /** Covers the window; the fleet is cancelled at normal speed. */
    private static final long BURN_NS_MAX = TimeUnit.SECONDS.toNanos(2);

    private final long everyNs;
    private final long burnNs;
    private final BooleanSupplier isBurning;
    private long lastNs = System.nanoTime();
    private long burnedNs;

    BurningClock(long everyMs, long burnMs, BooleanSupplier isBurning) {
      this.isBurning = isBurning;
      everyNs = TimeUnit.MILLISECONDS.toNanos(everyMs);
      burnNs = TimeUnit.MILLISECONDS.toNanos(burnMs);
    }

    @Override
    public long monotonicNs() {
      if (Thread.currentThread().getName().startsWith("systole-client")) {
        burn();
      }
      return System.nanoTime();
    }

    /** Called by the single event loop only. */
    private void burn() {
      long startNs = System.nanoTime();
      if (startNs - lastNs >= everyNs && burnedNs < BURN_NS_MAX && isBurning.getAsBoolean()) {
        lastNs = startNs;
        burnedNs += burnNs;
        while (System.nanoTime() - startNs < burnNs) {
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public long wallMs() {
      return System.currentTimeMillis();
    }
  }
}
