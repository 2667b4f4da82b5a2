// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.events.EventStreams;
import io.systole.server.events.LongPolls;
import io.systole.server.responsecache.ResponseCache;

/** Publishes what those count who tell of the registry. */
public final class ReadMetrics implements MeterBinder {
  private final ResponseCache views;
  private final EventStreams streams;
  private final LongPolls polls;

  public ReadMetrics(ResponseCache views, EventStreams streams, LongPolls polls) {
    this.views = views;
    this.streams = streams;
    this.polls = polls;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    FunctionCounter.builder("systole.views.failures", views, ResponseCache::failures)
        .description("Answers that could not be made")
        .register(meters);
    Gauge.builder("systole.events.streams", streams, EventStreams::openCount)
        .description("Event streams that are open")
        .register(meters);
    FunctionCounter.builder("systole.events.streams.dropped", streams, EventStreams::droppedCount)
        .description("Event streams ended because their readers were too far behind")
        .register(meters);
    Gauge.builder("systole.events.polls", polls, LongPolls::waitingCount)
        .description("Polls that wait")
        .register(meters);
  }
}
