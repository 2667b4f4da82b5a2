// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.AggregationTemporality;
import io.micrometer.registry.otlp.HistogramFlavor;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the meters of a registry to a receiver of OTLP, repeatedly and a last time at the end.
 * Exports are made by a thread of their own.
 */
final class OtlpExport implements AutoCloseable {
  /** Limit on the last export, and on the end of the one before. */
  static final long CLOSE_MS_MAX = 2_000;

  /**
   * Micrometer's configuration, of which environment variables of OpenTelemetry would set the
   * members that are absent here.
   */
  private record FixedConfig(OtlpSettings settings, Map<String, String> resourceAttributes)
      implements OtlpConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public String url() {
      return settings.address().toString();
    }

    @Override
    public Duration step() {
      return Duration.ofSeconds(settings.intervalSecs());
    }

    @Override
    public Map<String, String> headers() {
      return Map.of();
    }

    @Override
    public AggregationTemporality aggregationTemporality() {
      return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public HistogramFlavor histogramFlavor() {
      return HistogramFlavor.EXPLICIT_BUCKET_HISTOGRAM;
    }

    /** The one in which Prometheus' names of the same metrics end. */
    @Override
    public TimeUnit baseTimeUnit() {
      return TimeUnit.SECONDS;
    }
  }

  private final OtlpSender sender;
  private final OtlpMeterRegistry meters;
  private @Nullable Thread exporter;

  /**
   * Starts an export.
   *
   * @param resourceAttributes the attributes of the node, by their names in OpenTelemetry
   */
  OtlpExport(OtlpSettings settings, Map<String, String> resourceAttributes) {
    sender = new OtlpSender(settings);
    meters = OtlpMeterRegistry.builder(new FixedConfig(settings, resourceAttributes))
        .clock(Clock.SYSTEM)
        .threadFactory(this::newThread)
        .metricsSender(sender)
        .build();
  }

  /** Called once, while the registry is built: its schedule has one thread. */
  private Thread newThread(Runnable exports) {
    Thread thread = new Thread(exports, "systole-otlp");
    thread.setDaemon(true);
    exporter = thread;
    return thread;
  }

  /** Returns the registry whose meters are exported. */
  MeterRegistry meters() {
    return meters;
  }

  /** Exports the last values, if the receiver accepts them in time. */
  @Override
  public void close() {
    long beganNs = System.nanoTime();
    meters.stop();
    if (!awaitExporter()) {
      return;
    }
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
    sender.limit(Math.max(1, CLOSE_MS_MAX - tookMs));
    meters.close();
  }

  /** Waits for the thread of the exports; interrupts one that waits for the receiver. */
  private boolean awaitExporter() {
    Thread thread = exporter;
    if (thread == null) {
      return true;
    }
    try {
      thread.join(CLOSE_MS_MAX);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      thread.interrupt();
      return false;
    }
    return true;
  }
}
