// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.events.EventStreams;
import io.systole.server.events.LongPolls;
import io.systole.server.responsecache.ResponseCache;

/** Publishes the counters of the response cache, event streams and long polls. */
public final class ReadMetrics implements MeterBinder {
  private final ResponseCache cache;
  private final EventStreams streams;
  private final LongPolls polls;

  public ReadMetrics(ResponseCache cache, EventStreams streams, LongPolls polls) {
    this.cache = cache;
    this.streams = streams;
    this.polls = polls;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
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
