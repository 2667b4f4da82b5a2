// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.store.StoreCounters;
import io.systole.server.store.StoreHealth;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Publishes what the store counts. */
public final class StoreMetrics implements MeterBinder {
  private final StoreCounters counts;
  private final StoreHealth health;

  public StoreMetrics(StoreCounters counts, StoreHealth health) {
    this.counts = counts;
    this.health = health;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    count(meters, "systole.store.records", "Changes journaled", StoreCounters::records);
    FunctionCounter.builder("systole.store.written", counts, StoreCounters::bytes)
        .baseUnit("bytes")
        .description("Bytes written to journals")
        .register(meters);
    time(meters, "systole.store.syncs", StoreCounters::syncs, StoreCounters::syncNs);
    time(meters, "systole.store.snapshots", StoreCounters::snapshots, StoreCounters::snapshotNs);
    count(
        meters,
        "systole.store.records.skipped",
        "Changes that a snapshot took the place of",
        StoreCounters::recordsSkipped);
    count(
        meters,
        "systole.store.records.omitted",
        "Records and leases left out because they are too large to be read again",
        StoreCounters::recordsOmitted);
    count(
        meters,
        "systole.store.flaws",
        "Damaged stretches of files that were passed over",
        StoreCounters::corruptRanges);
    count(meters, "systole.store.failures", "Times that writing failed", StoreCounters::failures);
    Gauge.builder("systole.store.lag.changes", health, StoreHealth::lagChanges)
        .description("Changes made that no file tells yet")
        .register(meters);
    seconds(
        meters,
        "systole.store.lag",
        "Age of the oldest change that no file tells yet",
        StoreHealth::lagNs);
    seconds(
        meters,
        "systole.store.disk.operation",
        "How long the disk has been busy with its current operation",
        StoreHealth::operationNs);
    Gauge.builder("systole.store.degraded", health, each -> each.degradation() == null ? 0 : 1)
        .description("1 while changes are not kept as they should be")
        .register(meters);
  }

  private void count(
      MeterRegistry meters, String name, String what, ToDoubleFunction<StoreCounters> value) {
    FunctionCounter.builder(name, counts, value).description(what).register(meters);
  }

  private void seconds(
      MeterRegistry meters, String name, String what, ToLongFunction<StoreHealth> ns) {
    TimeGauge.builder(name, health, TimeUnit.NANOSECONDS, ns::applyAsLong)
        .description(what)
        .register(meters);
  }

  private void time(
      MeterRegistry meters,
      String name,
      ToLongFunction<StoreCounters> times,
      ToDoubleFunction<StoreCounters> tookNs) {
    FunctionTimer.builder(name, counts, times, tookNs, TimeUnit.NANOSECONDS).register(meters);
  }
}
