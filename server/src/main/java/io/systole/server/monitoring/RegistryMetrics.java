// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.ChangeLog;
import io.systole.server.registry.LeaseCounts;
import io.systole.server.registry.LeaseHandles;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistryCounters;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewalRate;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Publishes the counters and sizes of the registry. */
public final class RegistryMetrics implements MeterBinder {
  private final Registry registry;
  private final RenewalRate rate;

  public RegistryMetrics(Registry registry, RenewalRate rate) {
    this.registry = registry;
    this.rate = rate;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    bindRenewals(meters);
    bindChanges(meters);
    bindBytes(meters);
    bindLeases(meters);
  }

  private void bindRenewals(MeterRegistry meters) {
    for (RenewOutcome outcome : RenewOutcome.values()) {
      FunctionCounter.builder(
              "systole.registry.renewals", registry.renewal(), renewal -> renewal.count(outcome))
          .tag("outcome", nameOf(outcome))
          .description("Heartbeats by outcome")
          .register(meters);
    }
    bindFrames(meters, registry.handles());
    Gauge.builder("systole.registry.renewals.last.minute", rate, RenewalRate::lastMinute)
        .description("Renewals in the last full minute, 0 during the first")
        .register(meters);
  }

  private static void bindFrames(MeterRegistry meters, LeaseHandles handles) {
    FunctionCounter.builder("systole.registry.frames", handles, LeaseHandles::frameCount)
        .description("Frames that renew many leases")
        .register(meters);
    FunctionCounter.builder("systole.registry.frame.renewals", handles, LeaseHandles::renewedCount)
        .tag("outcome", "renewed")
        .description("Leases in frames; those refused are renewed by a heartbeat each")
        .register(meters);
    FunctionCounter.builder("systole.registry.frame.renewals", handles, LeaseHandles::refusedCount)
        .tag("outcome", "refused")
        .description("Leases in frames; those refused are renewed by a heartbeat each")
        .register(meters);
  }

  private void bindChanges(MeterRegistry meters) {
    count(
        meters,
        "systole.registry.registrations",
        "Registrations and additions of metadata",
        RegistryCounters::registrations);
    for (RegisterOutcome outcome : RegisterOutcome.values()) {
      if (outcome.isRefusal()) {
        FunctionCounter.builder(
                "systole.registry.registrations.refused",
                registry.counters(),
                counters -> counters.registrations(outcome))
            .tag("reason", nameOf(outcome))
            .description("Registrations and metadata updates refused for lack of capacity")
            .register(meters);
      }
    }
    count(
        meters,
        "systole.registry.registrations.outdated",
        "Registrations older than the removal of their instance",
        counters -> counters.registrations(RegisterOutcome.OUTDATED));
    count(
        meters,
        "systole.registry.cancellations",
        "Leases ended by their instance",
        RegistryCounters::cancellations);
    count(
        meters,
        "systole.registry.evictions",
        "Leases ended by the node",
        RegistryCounters::evictions);
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

  private void bindLeases(MeterRegistry meters) {
    Gauge.builder("systole.registry.leases", registry, Registry::leaseCount)
        .description("Leases in the registry")
        .register(meters);
    LeaseCounts leases = registry.leaseCounts();
    Gauge.builder("systole.registry.applications", leases, LeaseCounts::appCount)
        .description("Applications with a lease")
        .register(meters);
    for (InstanceStatus status : InstanceStatus.values()) {
      Gauge.builder("systole.registry.instances", leases, counts -> counts.ofStatus(status))
          .tag("status", status.name())
          .description("Registered instances by their status, expired or not")
          .register(meters);
    }
  }

  private void count(
      MeterRegistry meters, String name, String what, ToDoubleFunction<RegistryCounters> value) {
    FunctionCounter.builder(name, registry.counters(), value).description(what).register(meters);
  }

  private static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
