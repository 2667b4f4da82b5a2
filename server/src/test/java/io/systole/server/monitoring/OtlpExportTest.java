// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.monitoring.OtlpReceiver.ReceivedExport;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(120)
class OtlpExportTest {
  private static final Duration WAIT_MAX = Duration.ofSeconds(30);
  private static final AtomicLong EVENTS = new AtomicLong(3);

  private static final OtlpMetricsSender.Request EMPTY = OtlpMetricsSender.Request.builder(
          ExportMetricsServiceRequest.newBuilder()
              .addResourceMetrics(ResourceMetrics.getDefaultInstance())
              .build()
              .toByteArray())
      .build();

  private final Logger logger = (Logger) LoggerFactory.getLogger(OtlpSender.class);
  private final Logger foreign = (Logger) LoggerFactory.getLogger("io.micrometer");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
    foreign.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
    foreign.detachAppender(log);
  }

  /** Returns the lines of this receiver, beside which other tests may log. */
  private List<String> lines(OtlpReceiver receiver) {
    return new ArrayList<>(log.list)
        .stream()
            // In the configuration of a node, Micrometer does not log its start.
            .filter(event -> !event.getFormattedMessage().startsWith("Publishing metrics for "))
            .map(event -> event.getLevel() + " " + event.getFormattedMessage())
            .filter(line -> line.contains(receiver.url("")))
            .toList();
  }

  private static MetricsExport start(OtlpReceiver receiver, int intervalSecs) {
    return start(receiver.url(""), intervalSecs);
  }

  private static MetricsExport start(String url, int intervalSecs) {
    MetricsExport metrics = new MetricsExport(new OtlpSettings(URI.create(url), intervalSecs));
    FunctionCounter.builder("systole.test.events", EVENTS, AtomicLong::get)
        .register(metrics.meters());
    DurationHistogram delays = new DurationHistogram(1_000_000);
    delays.add(2_000_000_000, 2);
    delays.add(500_000, 1);
    metrics.addRenewalDelays(delays);
    metrics.addRequestLatencies(kind -> List.of(delays, delays));
    metrics.startOtlp("a.example:8761", "1.2.3");
    return metrics;
  }

  /** Returns a sender whose timeout is its greatest: that of a short interval is short. */
  private static OtlpSender sender(String url) {
    return new OtlpSender(new OtlpSettings(URI.create(url), 3_600));
  }

  private static void awaitExports(OtlpReceiver receiver, int count) {
    await().atMost(WAIT_MAX).until(() -> receiver.exports().size() >= count);
  }

  private static ReceivedExport last(OtlpReceiver receiver) {
    return receiver.exports().get(receiver.exports().size() - 1);
  }

  @Test
  void start_receiver_exportsMetersAndTheNode() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        MetricsExport metrics = start(receiver, 1)) {
      Gauge.builder("systole.test.size", () -> 7).register(metrics.meters());

      awaitExports(receiver, 2);

      assertThat(last(receiver).type()).isEqualTo("application/x-protobuf");
      assertThat(last(receiver).authorization()).isNull();
      assertThat(last(receiver).attributes())
          .containsEntry("service.name", "systole")
          .containsEntry("service.instance.id", "a.example:8761")
          .containsEntry("service.version", "1.2.3");
      assertThat(last(receiver)
              .metric("systole.test.events")
              .getSum()
              .getDataPoints(0)
              .getAsDouble())
          .isEqualTo(3);
      assertThat(last(receiver)
              .metric("systole.test.size")
              .getGauge()
              .getDataPoints(0)
              .getAsDouble())
          .isEqualTo(7);
      assertThat(metrics.scraped().scrape())
          .contains("systole_test_events_total 3", "systole_test_size 7");
    }
  }

  @Test
  void start_histograms_exportsTheirCountAndSum() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        MetricsExport metrics = start(receiver, 1)) {
      awaitExports(receiver, 1);

      Metric delay = last(receiver).metric("systole.eviction.renewal.delay");
      HistogramDataPoint delays = delay.getHistogram().getDataPoints(0);
      HistogramDataPoint requests =
          last(receiver).metric("systole.net.request.duration").getHistogram().getDataPoints(0);
      assertThat(delays.getCount()).isEqualTo(3);
      assertThat(delays.getSum()).isEqualTo(4.0005, within(1e-9));
      assertThat(delay.getUnit()).isEqualTo("seconds");
      assertThat(requests.getCount()).isEqualTo(6);
      assertThat(requests.getAttributes(0).getKey()).isEqualTo("kind");
      assertThat(metrics.scraped().scrape())
          .contains("systole_eviction_renewal_delay_seconds_bucket{le=\"+Inf\"} 3");
    }
  }

  @Test
  void remove_meter_isRemovedFromScrapesAndExports() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        MetricsExport metrics = start(receiver, 1)) {
      Gauge added = Gauge.builder("systole.test.size", () -> 7).register(metrics.meters());
      await()
          .atMost(WAIT_MAX)
          .until(() -> receiver.exports().stream()
              .anyMatch(each -> each.metrics().containsKey("systole.test.size")));

      metrics.meters().remove(added);

      await()
          .atMost(WAIT_MAX)
          .until(() -> !last(receiver).metrics().containsKey("systole.test.size"));
      assertThat(metrics.scraped().scrape()).doesNotContain("systole_test_size");
    }
  }

  @Test
  void send_receiverFailsAndRecovers_logsBothOnce() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200)) {
      OtlpSender sender = sender(receiver.url(""));
      for (int status : new int[] {200, 500, 500, 503, 200, 200}) {
        receiver.respond(status);
        sender.send(EMPTY);
      }

      assertThat(receiver.exports()).hasSize(6);
      assertThat(lines(receiver))
          .containsExactly(
              "WARN metrics are not exported receiver=" + receiver.url("") + ": status 500",
              "INFO metrics are exported again receiver=" + receiver.url(""));
    }
  }

  @Test
  void send_redirect_isNotFollowed() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(307)) {
      sender(receiver.url("")).send(EMPTY);

      assertThat(receiver.otherPaths()).isEmpty();
      assertThat(lines(receiver)).hasSize(1).first().asString().endsWith(": status 307");
    }
  }

  @Test
  void send_userInfo_isSentAsCredentialsAndNotLogged() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(401)) {
      sender(receiver.url("node:p%40ss@")).send(EMPTY);

      // node:p@ss
      assertThat(last(receiver).authorization()).isEqualTo("Basic bm9kZTpwQHNz");
      assertThat(lines(receiver)).hasSize(1);
      assertThat(new ArrayList<>(log.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(line -> line.contains("node:"));
    }
  }

  @Test
  void stopOtlp_receiverWorks_exportsTheLastValues() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(200);
        MetricsExport metrics = start(receiver, 3_600)) {
      Counter counter = metrics.meters().counter("systole.test.added");
      counter.increment(4);

      metrics.stopOtlp();

      assertThat(receiver.exports()).hasSize(1);
      assertThat(last(receiver)
              .metric("systole.test.added")
              .getSum()
              .getDataPoints(0)
              .getAsDouble())
          .isEqualTo(4);
    }
  }

  @Test
  void stopOtlp_receiverHangs_endsInTime() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(OtlpReceiver.HANG);
        MetricsExport metrics = start(receiver, 3_600)) {
      Duration took = stopTime(metrics);

      assertThat(receiver.exports()).hasSize(1);
      // Some seconds for a loaded machine; the timeout of an export would be ten.
      assertThat(took).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
      assertThat(lines(receiver)).hasSize(1);
    }
  }

  @Test
  void stopOtlp_exportInFlightHangs_givesItUpAndSendsNoOther() throws Exception {
    try (OtlpReceiver receiver = new OtlpReceiver(OtlpReceiver.HANG);
        MetricsExport metrics = start(receiver, 10)) {
      awaitExports(receiver, 1);

      Duration took = stopTime(metrics);

      assertThat(receiver.exports()).hasSize(1);
      assertThat(took).isLessThan(Duration.ofSeconds(8));
      assertThat(lines(receiver)).isEmpty();
      assertThat(new ArrayList<>(log.list))
          .extracting(ILoggingEvent::getFormattedMessage)
          .noneMatch(line -> line.contains("in progress"));
    }
  }

  private static Duration stopTime(MetricsExport metrics) {
    long beganNs = System.nanoTime();
    metrics.stopOtlp();
    return Duration.ofNanos(System.nanoTime() - beganNs);
  }
}
