// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.page.PageStreams;

/** Publishes the counters of the page's streams. */
public final class PageMetrics implements MeterBinder {
  private final PageStreams streams;

  public PageMetrics(PageStreams streams) {
    this.streams = streams;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("systole.events.page.streams", streams, PageStreams::openCount)
        .description("Open event streams of the page")
        .register(meters);
    FunctionCounter.builder(
            "systole.events.page.streams.dropped", streams, PageStreams::droppedCount)
        .description("Event streams of the page ended because their readers were too slow")
        .register(meters);
  }
}
