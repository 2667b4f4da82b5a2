// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.events.EventStreams;
import io.systole.server.events.LongPolls;
import io.systole.server.responsecache.ResponseCache;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Publishes the counters of the response cache, event streams and long polls. */
public final class ReadMetrics implements MeterBinder {
  private final ResponseCache cache;
  private final EventStreams streams;
  private final LongPolls polls;
  private final LongSupplier refusedUntilMs;

  /** @param refusedUntilMs returns the time until which reads are refused, epoch ms; 0 for none */
  public ReadMetrics(
      ResponseCache cache, EventStreams streams, LongPolls polls, LongSupplier refusedUntilMs) {
    this.cache = cache;
    this.streams = streams;
    this.polls = polls;
    this.refusedUntilMs = refusedUntilMs;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    TimeGauge.builder(
            "systole.registry.reads.refused.until.timestamp",
            () -> refusedUntilMs.getAsLong(),
            TimeUnit.MILLISECONDS)
        .description("Time until which reads of the registry are refused, 0 while they are served")
        .register(meters);
    FunctionCounter.builder("systole.cache.failures", cache, ResponseCache::failures)
        .description("Representations that could not be encoded")
        .register(meters);
    Gauge.builder("systole.events.streams", streams, EventStreams::openCount)
        .description("Open event streams")
        .register(meters);
    FunctionCounter.builder("systole.events.streams.dropped", streams, EventStreams::droppedCount)
        .description("Event streams ended because their readers were too far behind")
        .register(meters);
    Gauge.builder("systole.events.polls", polls, LongPolls::pendingCount)
        .description("Pending long polls")
        .register(meters);
  }
}
