// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.systole.server.eviction.Evictor;
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
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistryCounters;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewalRate;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Publishes the counters of registry, eviction and network. Values are read only during a scrape.
 */
public final class MetricsBinder implements MeterBinder, AutoCloseable {
  /** Statuses of refusals by the HTTP parser; all are published from the start, at 0. */
  private static final int[] REFUSALS = {400, 408, 413, 414, 417, 431, 501, 505};

  private final Registry registry;
  private final RenewalRate rate;
  private final Evictor evictor;
  private final Counters counters;
  private final LongSupplier loopLagNs;
  private final JvmGcMetrics gc = new JvmGcMetrics();

  public MetricsBinder(
      Registry registry,
      RenewalRate rate,
      Evictor evictor,
      Counters counters,
      LongSupplier loopLagNs) {
    this.registry = registry;
    this.rate = rate;
    this.evictor = evictor;
    this.counters = counters;
    this.loopLagNs = loopLagNs;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    bindRegistry(meters);
    new EvictionMetrics(evictor).bindTo(meters);
    bindConnections(meters);
    new JvmMemoryMetrics().bindTo(meters);
    new ProcessorMetrics().bindTo(meters);
    gc.bindTo(meters);
  }

  private void bindRegistry(MeterRegistry meters) {
    for (RenewOutcome outcome : RenewOutcome.values()) {
      FunctionCounter.builder(
              "systole.registry.renewals", registry.renewal(), renewal -> renewal.count(outcome))
          .tag("outcome", nameOf(outcome))
          .description("Heartbeats by outcome")
          .register(meters);
    }
    RegistryCounters registryCounters = registry.counters();
    count(
        meters,
        "systole.registry.registrations",
        registryCounters,
        RegistryCounters::registrations);
    for (RegisterOutcome outcome : RegisterOutcome.values()) {
      if (outcome.isRefusal()) {
        FunctionCounter.builder(
                "systole.registry.registrations.refused",
                registryCounters,
                c -> c.registrations(outcome))
            .tag("reason", outcome.name().toLowerCase(Locale.ROOT))
            .description("Registrations and metadata updates refused for lack of capacity")
            .register(meters);
      }
    }
    count(
        meters,
        "systole.registry.registrations.outdated",
        registryCounters,
        c -> c.registrations(RegisterOutcome.OUTDATED));
    count(
        meters,
        "systole.registry.cancellations",
        registryCounters,
        RegistryCounters::cancellations);
    count(meters, "systole.registry.evictions", registryCounters, RegistryCounters::evictions);
    Gauge.builder("systole.registry.leases", registry, Registry::leaseCount)
        .description("Leases in the registry")
        .register(meters);
    bindBytes(meters);
    Gauge.builder("systole.registry.renewals.last.minute", rate, RenewalRate::lastMinute)
        .description("Renewals in the last full minute, 0 during the first")
        .register(meters);
  }

  private void bindBytes(MeterRegistry meters) {
    Gauge.builder("systole.registry", registry, Registry::leaseBytes)
        .baseUnit("bytes")
        .description("Estimated bytes of the leases and their documents")
        .register(meters);
    Gauge.builder("systole.registry.max", registry, r -> r.settings().bytes().registryMax())
        .baseUnit("bytes")
        .description("Limit on the bytes of the leases and their documents")
        .register(meters);
    Gauge.builder("systole.registry.changes", registry.changes(), ChangeLog::retainedBytes)
        .baseUnit("bytes")
        .description("Estimated bytes of the changes kept for deltas")
        .register(meters);
  }

  private void bindConnections(MeterRegistry meters) {
    Gauge.builder("systole.net.connections", counters, Counters::connectionsOpen)
        .description("Open connections")
        .register(meters);
    count(meters, "systole.net.connections.accepted", counters, Counters::connectionsAccepted);
    count(meters, "systole.net.accepts.failed", counters, Counters::acceptFailures);
    for (Closed reason : Closed.values()) {
      FunctionCounter.builder(
              "systole.net.connections.closed", counters, c -> c.connectionsClosed(reason))
          .tag("reason", nameOf(reason))
          .description("Connections closed by the server")
          .register(meters);
    }
    bindDenials(meters);
    bindOverload(meters);
    for (int status : REFUSALS) {
      FunctionCounter.builder("systole.net.refusals", counters, c -> c.refusals(status))
          .tag("status", Integer.toString(status))
          .description("Requests refused as malformed or over a limit of HTTP")
          .register(meters);
    }
    count(meters, "systole.net.requests", counters, Counters::requests);
    count(meters, "systole.net.errors", counters, Counters::errors);
    count(meters, "systole.net.work.refused", counters, Counters::workRefusals);
    count(meters, "systole.net.responses.refused", counters, Counters::responseRefusals);
    bytes(meters, "systole.net.read", Counters::bytesRead);
    bytes(meters, "systole.net.written", Counters::bytesWritten);
    bindBuffers(meters);
    TimeGauge.builder(
            "systole.net.loop.lag", loopLagNs, TimeUnit.NANOSECONDS, LongSupplier::getAsLong)
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
    bindSecurity(meters);
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
      FunctionCounter.builder("systole.batch.items.refused", counters, c -> c.itemRefusals(reason))
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
                  "systole.net.requests.refused",
                  counters,
                  c -> c.overloadRefusals(refused, reason))
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

  private void bytes(MeterRegistry meters, String name, ToDoubleFunction<Counters> value) {
    FunctionCounter.builder(name, counters, value).baseUnit("bytes").register(meters);
  }

  private static <T> void count(
      MeterRegistry meters, String name, T counted, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, counted, value).register(meters);
  }

  @Override
  public void close() {
    gc.close();
  }
}
