// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.AuthFailure;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.metrics.Counters.Handshake;
import io.systole.server.metrics.Counters.ItemRefusal;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.metrics.RequestClass;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** Publishes the counters of connections and requests. */
public final class NetMetrics implements MeterBinder {
  /** Statuses of refusals by the HTTP parser; all are published from the start, at 0. */
  private static final int[] REFUSALS = {400, 408, 413, 414, 417, 431, 501, 505};

  private final Counters counters;
  private final LongSupplier loopLagNs;

  /** @param loopLagNs returns the largest delay of a timer on any event loop */
  public NetMetrics(Counters counters, LongSupplier loopLagNs) {
    this.counters = counters;
    this.loopLagNs = loopLagNs;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    bindConnections(meters);
    bindDenials(meters);
    bindSecurity(meters);
    bindOverload(meters);
    bindRequests(meters);
    bindBuffers(meters);
  }

  private void bindConnections(MeterRegistry meters) {
    Gauge.builder("systole.net.connections", counters, Counters::connectionsOpen)
        .description("Open connections")
        .register(meters);
    count(
        meters,
        "systole.net.connections.accepted",
        "Accepted connections",
        Counters::connectionsAccepted);
    count(
        meters,
        "systole.net.accepts.failed",
        "Failed accepts, mostly for lack of file descriptors",
        Counters::acceptFailures);
    for (Closed reason : Closed.values()) {
      FunctionCounter.builder(
              "systole.net.connections.closed", counters, c -> c.connectionsClosed(reason))
          .tag("reason", nameOf(reason))
          .description("Connections closed by the server")
          .register(meters);
    }
  }

  private void bindRequests(MeterRegistry meters) {
    count(meters, "systole.net.requests", "Requests", Counters::requests);
    for (int status : REFUSALS) {
      FunctionCounter.builder("systole.net.requests.malformed", counters, c -> c.refusals(status))
          .tag("status", Integer.toString(status))
          .description("Requests refused as malformed or over a limit of HTTP")
          .register(meters);
    }
    count(meters, "systole.net.errors", "Defects of the node", Counters::errors);
    count(
        meters,
        "systole.net.work.refused",
        "Requests that found the queue of a worker pool full",
        Counters::workRefusals);
    count(
        meters,
        "systole.net.responses.refused",
        "Streamed responses that found their quota exhausted",
        Counters::responseRefusals);
    bytes(meters, "systole.net.read", "Bytes read from connections", Counters::bytesRead);
    bytes(meters, "systole.net.written", "Bytes written to connections", Counters::bytesWritten);
    TimeGauge.builder("systole.net.loop.lag", () -> loopLagNs.getAsLong(), TimeUnit.NANOSECONDS)
        .description("Largest delay of a timer on any event loop in the last second")
        .register(meters);
  }

  private static void bindBuffers(MeterRegistry meters) {
    // All channels of the node use Netty's default allocator.
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
      buffers(meters, "direct", allocator.metric(), ByteBufAllocatorMetric::usedDirectMemory);
      buffers(meters, "heap", allocator.metric(), ByteBufAllocatorMetric::usedHeapMemory);
    }
  }

  private static void buffers(
      MeterRegistry meters,
      String memory,
      ByteBufAllocatorMetric metric,
      ToDoubleFunction<ByteBufAllocatorMetric> bytes) {
    Gauge.builder("systole.net.buffers", metric, bytes)
        .baseUnit("bytes")
        .tag("memory", memory)
        .description("Memory held by Netty's allocator, in use or pooled")
        .register(meters);
  }

  private void bindDenials(MeterRegistry meters) {
    for (Denied reason : Denied.values()) {
      FunctionCounter.builder("systole.net.requests.denied", counters, c -> c.denials(reason))
          .tag("reason", nameOf(reason))
          .description("Requests denied by their origin or host")
          .register(meters);
    }
    for (Resource resource : Resource.values()) {
      for (Limit limit : Limit.values()) {
        FunctionCounter.builder(
                "systole.net.resource.exhausted", counters, c -> c.exhaustions(resource, limit))
            .tag("resource", nameOf(resource))
            .tag("limit", nameOf(limit))
            .description(
                "Refusals because a shared resource, or the share of one source, was exhausted")
            .register(meters);
      }
    }
  }

  private void bindSecurity(MeterRegistry meters) {
    for (AuthFailure reason : AuthFailure.values()) {
      FunctionCounter.builder("systole.auth.failures", counters, c -> c.authFailures(reason))
          .tag("reason", nameOf(reason))
          .description("Requests refused for their sender")
          .register(meters);
    }
    for (ItemRefusal reason : ItemRefusal.values()) {
      FunctionCounter.builder(
              "systole.peer.received.items.refused", counters, c -> c.itemRefusals(reason))
          .tag("reason", nameOf(reason))
          .description("Items of batches of peers that were refused")
          .register(meters);
    }
    FunctionCounter.builder(
            "systole.auth.passwords.compared", counters, Counters::passwordComparisons)
        .description("Passwords compared with their hash")
        .register(meters);
    for (Handshake outcome : Handshake.values()) {
      FunctionCounter.builder("systole.tls.handshakes", counters, c -> c.handshakes(outcome))
          .tag("outcome", nameOf(outcome))
          .description("TLS handshakes by outcome")
          .register(meters);
    }
  }

  private void bindOverload(MeterRegistry meters) {
    for (RequestClass refused : RequestClass.values()) {
      for (Overload reason : Overload.values()) {
        if (refused != RequestClass.CRITICAL) {
          FunctionCounter.builder(
                  "systole.net.requests.shed", counters, c -> c.overloadRefusals(refused, reason))
              .tag("class", nameOf(refused))
              .tag("reason", nameOf(reason))
              .description("Requests refused before they were handled, for load or their rate")
              .register(meters);
        }
      }
    }
  }

  private static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private void bytes(
      MeterRegistry meters, String name, String what, ToDoubleFunction<Counters> value) {
    FunctionCounter.builder(name, counters, value)
        .baseUnit("bytes")
        .description(what)
        .register(meters);
  }

  private void count(
      MeterRegistry meters, String name, String what, ToDoubleFunction<Counters> value) {
    FunctionCounter.builder(name, counters, value).description(what).register(meters);
  }
}
