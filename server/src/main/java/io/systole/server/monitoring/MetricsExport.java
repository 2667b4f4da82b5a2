// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.metrics.RequestKind;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The metrics of the node, as they are published. */
public final class MetricsExport implements AutoCloseable {
  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  public MetricsExport() {
    prometheus.config().meterFilter(MeterFilter.denyNameStartsWith(ProcessMetrics.CPU_TIME_NS));
  }

  /** Returns the registry to which meters are bound. */
  public MeterRegistry meters() {
    return prometheus;
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
    HistogramFamily family = new HistogramFamily(
        "systole_net_request_duration_seconds",
        "Time from the read of a request to the write of its response");
    for (RequestKind kind : RequestKind.values()) {
      family.add(Labels.of("kind", kind.name().toLowerCase(Locale.ROOT)), ofKind.apply(kind));
    }
    prometheus.getPrometheusRegistry().register(family);
  }

  /** Publishes the delays of renewals. */
  public void addRenewalDelays(DurationHistogram delays) {
    prometheus
        .getPrometheusRegistry()
        .register(new HistogramFamily(
                "systole_eviction_renewal_delay_seconds",
                "Delays of a sample of the renewals, beyond the interval of their instance")
            .add(Labels.EMPTY, List.of(delays)));
  }

  @Override
  public void close() {
    prometheus.close();
  }
}
