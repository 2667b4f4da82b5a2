// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.ReservedPort;
import io.systole.client.stock.StockProgram;
import io.systole.client.stock.StockServer;
import io.systole.loadtest.RecordingProxy;
import io.systole.loadtest.RecordingProxy.Exchange;
import io.systole.loadtest.report.Capacity;
import io.systole.loadtest.report.Capacity.Trial;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The figures of the load test compared with those of a proxy before a Spring Cloud Eureka server,
 * which closes each connection after 100 requests.
 */
class StockServerIT {
  private static final int TIMEOUT_MS = 20_000;

  /** Tolerates a generator that is late on a busy machine. */
  private static final int LAG_MS_MAX = 60_000;

  private static StockServer server;

  private final StringWriter progress = new StringWriter();
  private RecordingProxy proxy;

  @BeforeAll
  static void startServer() throws IOException {
    server = StockServer.start(StockProgram.SPRING, new ReservedPort(), List.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void startProxy() throws IOException {
    proxy = new RecordingProxy(server.registry().url());
  }

  @AfterEach
  void stopProxy() throws IOException {
    proxy.close();
  }

  private Workload workload(Workload.Mode mode, int instances, int intervalMs, long durationMs) {
    return Workload.builder(mode, proxy.url())
        .fleet(instances, 5, intervalMs)
        .load(4, 4, 1)
        .window(0, durationMs)
        .limits(TIMEOUT_MS, LAG_MS_MAX)
        .compared(false)
        .build();
  }

  private Report run(Workload workload) throws Exception {
    return new WorkloadRunner(workload, new Progress(new PrintWriter(progress), false)).run();
  }

  /** Returns the share of the window's exchanges, by duration, ms. */
  private double tookMs(Report report, double share) {
    Instant start = Instant.parse(report.part().windowStart());
    Instant end = start.plusNanos(Math.round(report.window().secs() * 1e9));
    List<Double> sorted = proxy.heartbeats().stream()
        .filter(each -> each.arrived().isAfter(start) && each.arrived().isBefore(end))
        .map(Exchange::ms)
        .sorted()
        .toList();
    return sorted.get((int) (share * sorted.size()));
  }

  private Map<Integer, Long> countsByStatus() {
    return proxy.heartbeats().stream()
        .collect(Collectors.groupingBy(Exchange::status, Collectors.counting()));
  }

  private long renewed() {
    return countsByStatus().getOrDefault(200, 0L);
  }

  private static long answered(Report report) {
    return report.timeline().stream().mapToLong(Sample::answered).sum();
  }

  @Test
  void run_countsAndLatencies_areThoseOfTheProxy() throws Exception {
    Report report = run(workload(Workload.Mode.RUN, 300, 1_000, 1_500));

    assertThat(countsByStatus()).containsOnlyKeys(200);
    assertThat(answered(report)).isEqualTo(renewed());
    assertThat(report.window().statuses()).containsOnlyKeys("200");
    assertThat(report.window().fromSent().p50Ms()).isGreaterThanOrEqualTo(tookMs(report, 0.4));
    assertThat(report.window().fromDue().p99Ms())
        .isGreaterThanOrEqualTo(report.window().fromSent().p50Ms());
    assertThat(server.registry().all()).isEmpty();
  }

  @Test
  void peak_countsAndThroughput_areThoseOfTheProxy() throws Exception {
    Report report = run(workload(Workload.Mode.PEAK, 100, 30_000, 1_000));

    assertThat(countsByStatus()).containsOnlyKeys(200);
    assertThat(answered(report)).isEqualTo(renewed());
    assertThat(report.window().renewedWithin()).isBetween(1L, renewed());
    assertThat(report.window().renewalsPerSec())
        .isEqualTo(report.window().renewedWithin() / report.window().secs());
  }

  @Test
  void capacity_rateBelowTheServersLimit_holdsByTheProxysCounts() throws Exception {
    Workload workload = workload(Workload.Mode.RUN, 100, 1_000, 800);

    Capacity capacity = new CapacityRunner(
            workload,
            new Slo(TIMEOUT_MS / 2.0, 0, OptionalDouble.empty()),
            new CapacitySearch(100, 200, 0.5, 1),
            new Progress(new PrintWriter(progress), false))
        .run();

    assertThat(countsByStatus()).containsOnlyKeys(200);
    assertThat(capacity.trials())
        .extracting(trial -> trial.window().statuses())
        .allMatch(statuses -> statuses.keySet().equals(Set.of("200")));
    assertThat(capacity.trials().stream().map(Trial::window).mapToLong(Report.Window::renewals))
        .isNotEmpty()
        .allMatch(renewals -> renewals > 0);
    long renewals =
        capacity.trials().stream().mapToLong(trial -> trial.window().renewals()).sum();
    assertThat(renewals).isLessThanOrEqualTo(renewed());
    if (capacity.trials().stream().allMatch(trial -> trial.generator().isValid())) {
      assertThat(capacity.outcome())
          .isEqualTo("at least 200/s (6,000 instances at 30 s); nothing higher was tried");
      assertThat(capacity.isConfirmed()).isTrue();
    }
  }
}
