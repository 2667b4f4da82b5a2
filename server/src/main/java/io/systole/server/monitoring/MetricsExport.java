// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.metrics.RequestKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of the node, as they are published: to scrapes, and by OTLP if that is configured.
 */
public final class MetricsExport implements AutoCloseable {
  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The registry of scrapes, or a composite of it and the one of the export by OTLP. */
  private final MeterRegistry meters;

  private final @Nullable OtlpSettings settings;
  private final List<DurationSeries> durations = new ArrayList<>();

  /** Null unless it runs; started by one thread, and stopped by another one. */
  private volatile @Nullable OtlpExport otlp;

  /** The sum of histograms, which Micrometer's meters refer to weakly. */
  private record DurationSeries(
      String name, String description, Tags tags, List<DurationHistogram> histograms) {
    /** Binds the number of durations and their sum; no meter has buckets that others count. */
    void bindTo(MeterRegistry registry) {
      FunctionTimer.builder(
              name,
              histograms,
              all -> all.stream().mapToLong(DurationHistogram::count).sum(),
              all -> all.stream().mapToLong(DurationHistogram::sumNs).sum(),
              TimeUnit.NANOSECONDS)
          .tags(tags)
          .description(description)
          .register(registry);
    }
  }

  /** Creates metrics that are published to scrapes only. */
  public MetricsExport() {
    this(null);
  }

  /** @param settings null for no export by OTLP */
  public MetricsExport(@Nullable OtlpSettings settings) {
    this.settings = settings;
    meters = settings == null ? prometheus : new CompositeMeterRegistry().add(prometheus);
    meters.config().meterFilter(MeterFilter.denyNameStartsWith(ProcessMetrics.CPU_TIME_NS));
  }

  /** Returns the registry to which meters are bound. */
  public MeterRegistry meters() {
    return meters;
  }

  /** Returns the registry that scrapes read. */
  public PrometheusMeterRegistry scraped() {
    return prometheus;
  }

  /**
   * Publishes the latencies of requests.
   *
   * @param ofKind returns the histograms of a kind, whose sum is published
   */
  public void addRequestLatencies(Function<RequestKind, List<DurationHistogram>> ofKind) {
    String description = "Time from the read of a request to the write of its response";
    HistogramFamily family =
        new HistogramFamily("systole_net_request_duration_seconds", description);
    for (RequestKind kind : RequestKind.values()) {
      String tag = kind.name().toLowerCase(Locale.ROOT);
      List<DurationHistogram> histograms = ofKind.apply(kind);
      family.add(Labels.of("kind", tag), histograms);
      durations.add(new DurationSeries(
          "systole.net.request.duration", description, Tags.of("kind", tag), histograms));
    }
    prometheus.getPrometheusRegistry().register(family);
  }

  /** Publishes the delays of renewals. */
  public void addRenewalDelays(DurationHistogram delays) {
    String description =
        "Delays of a sample of the renewals, beyond the interval of their instance";
    prometheus
        .getPrometheusRegistry()
        .register(new HistogramFamily("systole_eviction_renewal_delay_seconds", description)
            .add(Labels.EMPTY, List.of(delays)));
    durations.add(new DurationSeries(
        "systole.eviction.renewal.delay", description, Tags.empty(), List.of(delays)));
  }

  /**
   * Starts the export by OTLP, if it is configured, of the meters bound so far and later. Counters
   * that are no functions begin at zero.
   *
   * @param nodeId host and port of the node
   * @param version of the node's build
   */
  public void startOtlp(String nodeId, String version) {
    if (settings != null && meters instanceof CompositeMeterRegistry composite) {
      OtlpExport started = new OtlpExport(
          settings,
          Map.of(
              "service.name",
              "systole",
              "service.instance.id",
              nodeId,
              "service.version",
              version));
      durations.forEach(series -> series.bindTo(started.meters()));
      composite.add(started.meters());
      otlp = started;
    }
  }

  /** Ends the export by OTLP with the last values; blocks for two seconds at most. */
  public void stopOtlp() {
    OtlpExport started = otlp;
    otlp = null;
    if (started != null) {
      started.close();
    }
  }

  @Override
  public void close() {
    stopOtlp();
    prometheus.close();
  }
}
